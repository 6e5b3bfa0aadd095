{#
    All rows of an entity, from every system of the shop that has it: system, load_id and the columns of the contract (var `entities`).
    What a staging model leaves out is null; an entity that no system has is an empty relation.
#}
{% macro staged(entity) -%}
    {{ return(adapter.dispatch('staged')(entity)) }}
{%- endmacro %}

{# By name, so that a staging model may leave columns out; the empty first part says which there are, and their types. #}
{% macro default__staged(entity) -%}
    {%- set contract = var('entities')[entity] -%}
    select
        system,
        load_id
        {%- for column, words in contract.items() %},
        cast({{ column }} as {{ words.type }}) as {{ column }}
        {%- endfor %}
    from (
        select
            cast(null as varchar) as system,
            cast(null as varchar) as load_id
            {%- for column, words in contract.items() %},
            cast(null as {{ words.type }}) as {{ column }}
            {%- endfor %}
        where false
        {%- for system in var('staged').get(entity, []) %}
        union all by name
        select
            '{{ system }}' as system,
            *
        from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
        {%- endfor %}
    ) as staged_{{ entity }}
{%- endmacro %}

{# Whether any system of the shop has the entity. #}
{% macro has(entity) -%}
    {{ return(var('staged').get(entity, []) | length > 0) }}
{%- endmacro %}
