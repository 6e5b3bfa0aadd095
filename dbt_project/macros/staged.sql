{# All rows of an entity, from every system of the shop that has it, with the system's name beside them. #}
{% macro staged(entity) -%}
    {%- for system in var('staged')[entity] %}
    select
        '{{ system }}' as system,
        *
    from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
