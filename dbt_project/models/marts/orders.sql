-- All lines of an order share its customer, store and time; min() says so without caring which line.
select
    order_id,
    min(customer_id) as customer_id,
    min(store_id) as store_id,
    min(ordered_at) as ordered_at,
    min(order_date) as order_date,
    count(*) as count_lines,
    cast(sum(units) as bigint) as count_units,
    cast(sum(sales_cents) as bigint) as sales_cents,
    cast(sum(retail_discount_cents + coupon_discount_cents + coupon_match_discount_cents) as bigint) as discount_cents
from {{ ref('order_lines') }}
group by 1
