select
    product_id,
    order_date as sale_date,
    cast(sum(units_bought) as bigint) as units,
    cast(sum(gross_sales_cents) as bigint) as sales_cents,
    cast(sum(retail_discount_cents + coupon_discount_cents + coupon_match_discount_cents) as bigint) as discount_cents,
    count(distinct order_id) as count_orders,
    count(distinct customer_id) as count_customers
from {{ ref('order_lines') }}
where is_purchase
group by 1, 2
