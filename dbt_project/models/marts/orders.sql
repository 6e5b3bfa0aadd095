-- All lines of an order share its customer, store and time; min() says so without caring which line.
with summed as (
    select
        order_id,
        min(customer_id) as customer_id,
        min(store_id) as store_id,
        min(ordered_at) as ordered_at,
        min(order_date) as order_date,
        count(*) as count_lines,
        cast(sum(units) as bigint) as count_units,
        cast(sum(sales_cents) as bigint) as sales_cents,
        cast(sum(refund_cents) as bigint) as refund_cents,
        cast(sum(retail_discount_cents + coupon_discount_cents + coupon_match_discount_cents) as bigint) as discount_cents
    from {{ ref('order_lines') }}
    group by 1
)

select
    summed.order_id,
    summed.customer_id,
    summed.store_id,
    orders.channel,
    orders.status,
    summed.ordered_at,
    summed.order_date,
    summed.count_lines,
    summed.count_units,
    summed.sales_cents,
    summed.refund_cents,
    summed.discount_cents
from summed
left join {{ ref('conformed__orders') }} as orders on summed.order_id = orders.order_id
