select
    basket_id::string as order_source_id,
    product_id::string as product_source_id,
    household_id::string as customer_source_id,
    store_id::string as store_id,
    transaction_timestamp as ordered_at,
    quantity,
    {{ to_cents('sales_value') }} as sales_cents,
    {{ to_cents('retail_disc') }} as retail_discount_cents,
    {{ to_cents('coupon_disc') }} as coupon_discount_cents,
    {{ to_cents('coupon_match_disc') }} as coupon_match_discount_cents,
    load_id
from {{ source('complete_journey', 'complete_journey__transactions') }}
