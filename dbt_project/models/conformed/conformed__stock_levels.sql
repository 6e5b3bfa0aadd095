select
    product_id,
    stock_date,
    units_on_hand,
    units_on_order,
    coalesce(is_available, units_on_hand > 0) as is_available
from {{ ref('conformed__stock_levels_judged') }}
where quarantine_reason is null and drop_reason is null
