select
    customer_id,
    system,
    source_customer_id
from {{ ref('conformed__customer_crosswalk') }}
