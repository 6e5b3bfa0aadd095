-- All lines of an order share its customer, store and time; min() says so without caring which line. An order whose source sent no line of it, or
-- none that is true, is an order all the same: its payments and shipments are of it.
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
),

customers as (
    {{ customers_by_source() }}
)

select
    coalesce(summed.order_id, orders.order_id) as order_id,
    case when summed.order_id is null then customers.customer_id else summed.customer_id end as customer_id,
    summed.store_id,
    orders.channel,
    orders.status,
    coalesce(summed.ordered_at, orders.ordered_at) as ordered_at,
    coalesce(summed.order_date, orders.order_date) as order_date,
    coalesce(summed.count_lines, 0) as count_lines,
    coalesce(summed.count_units, 0) as count_units,
    coalesce(summed.sales_cents, 0) as sales_cents,
    coalesce(summed.refund_cents, 0) as refund_cents,
    coalesce(summed.discount_cents, 0) as discount_cents
from summed
full join {{ ref('conformed__orders') }} as orders on summed.order_id = orders.order_id
left join customers on orders.customer_id = customers.customer_source_id
