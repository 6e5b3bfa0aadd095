select
    product_id,
    system,
    source_product_id
from {{ ref('conformed__product_crosswalk') }}
