{%- set described = var('entities')['customers'].keys() | list %}
with told as (
    select *
    from {{ ref('conformed__customers_judged') }}
    where quarantine_reason is null and drop_reason is null
    qualify row_number() over (partition by customer_source_id order by updated_at desc nulls last, system asc) = 1
),

known as (
    select distinct customer_id from {{ ref('conformed__customer_crosswalk') }}
)

select
    known.customer_id,
    {%- for column in described if column not in ('customer_source_id', 'updated_at') %}
    told.{{ column }},
    {%- endfor %}
    told.customer_source_id is not null as has_demographics
from known
left join told on known.customer_id = told.customer_source_id
