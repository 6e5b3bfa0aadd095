select
    order_id,
    product_id,
    customer_id,
    store_id,
    ordered_at,
    order_date,
    line_type,
    is_purchase,
    units,
    sales_cents,
    retail_discount_cents,
    coupon_discount_cents,
    coupon_match_discount_cents
from {{ ref('conformed__order_lines') }}
