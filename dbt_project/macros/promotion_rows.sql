{#
    The staged promotions as they are, in the source's own types: complete_journey has 20.9 M of them, and grouping integers takes a third of
    the time that grouping texts does. An empty relation where no system has promotions.
#}
{% macro promotion_rows() -%}
    {%- for system in var('staged').get('promotions', []) %}
    select
        product_source_id,
        store_id,
        week_start_date,
        week_end_date,
        is_displayed,
        is_mailed
    from {{ ref('stg_' ~ system ~ '__promotions') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        product_source_id,
        store_id,
        week_start_date,
        week_end_date,
        is_displayed,
        is_mailed
    from ({{ staged('promotions') }}) as none_staged
    {%- endfor %}
{%- endmacro %}
