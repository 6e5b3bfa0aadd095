{{ config(materialized='by_changed_keys') }}
-- Products that were sold but are missing from the catalogue are kept, nameless and no merchandise: nobody could restock or recommend them.
{%- set described = var('entities')['products'].keys() | list %}
with catalogue as (
    select *
    from {{ ref('conformed__products_judged') }}
    where quarantine_reason is null and drop_reason is null
    -- Two systems that describe one product: the newer word counts.
    qualify row_number() over (partition by product_source_id order by updated_at desc nulls last, system asc) = 1
),

known as (
    select distinct product_id from {{ ref('conformed__product_crosswalk') }}
)

select
    known.product_id,
    {%- for column in described if column not in ('product_source_id', 'is_merchandise', 'is_sold_by_volume', 'updated_at') %}
    {%- if column == 'list_price_cents' %}
    case when catalogue.list_price_cents > 0 then catalogue.list_price_cents end as list_price_cents,
    {%- else %}
    catalogue.{{ column }},
    {%- endif %}
    {%- endfor %}
    catalogue.product_source_id is not null and coalesce(catalogue.is_merchandise, true) as is_merchandise,
    coalesce(catalogue.is_sold_by_volume, false) as is_sold_by_volume,
    catalogue.product_source_id is not null as is_in_catalogue
from known
left join catalogue on known.product_id = catalogue.product_source_id
