select
    product_id,
    system,
    source_product_id,
    cast(1 as double) as match_score,
    'its own number' as match_reason
from {{ ref('conformed__product_crosswalk') }}
union all
-- Suppliers number as they like: their numbers lead to a product by way of matching.
select
    product_id,
    supplier as system,
    supplier_sku as source_product_id,
    match_score,
    match_reason
from {{ ref('conformed__supplier_offers') }}
where product_id is not null
