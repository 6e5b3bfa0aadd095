{#
    The staged promotions as they are, in the source's own types: complete_journey has 20.9 M of them, and grouping integers takes a third of
    the time that grouping texts does. By name, so that a staging model may leave columns out; an empty relation where no system has promotions.
#}
{% macro promotion_rows() -%}
    select
        product_source_id,
        store_id,
        week_start_date,
        week_end_date,
        is_displayed,
        is_mailed,
        discount_share
    from (
        select
            {#- A null without a type takes the type of what it meets. #}
            null as product_source_id,
            null as store_id,
            cast(null as date) as week_start_date,
            cast(null as date) as week_end_date,
            cast(null as boolean) as is_displayed,
            cast(null as boolean) as is_mailed,
            cast(null as double) as discount_share
        where false
        {%- for system in var('staged').get('promotions', []) %}
        union all by name
        select * from {{ ref('stg_' ~ system ~ '__promotions') }}
        {%- endfor %}
    ) as staged_promotions
{%- endmacro %}

{# The first day whose plan of promotions nobody knows yet: they are known from the first day of their week on, or as long before as is declared. #}
{% macro plans_known_until() -%}
    {{ as_of_date() }} + interval {{ var('planned_days', 0) }} day
{%- endmacro %}
