{{ config(
    materialized='by_changed_keys',
    key='order_id',
    changed_by={
        'conformed__sold_lines': 'select order_id from {changes}',
        'conformed__return_matches': 'select order_id from {changes}',
        'conformed__customer_ids': rows_of_moved_customers('order_id'),
    },
) }}
-- What came back on the day of the order was never bought; what came back later was, and was returned. So what is said of the end of the day
-- of an order is known from then on, and what is learned from it holds no future.
with sold as (
    select * from {{ ref('conformed__sold_lines') }}
    where true {{ only_changed('order_id') }}
),

came_back as (
    select
        matches.order_id,
        matches.product_id,
        cast(sum(matches.units) filter (where matches.return_date = sold.order_date) as bigint) as units_cancelled,
        cast(sum(matches.refund_cents) filter (where matches.return_date = sold.order_date) as bigint) as cancelled_cents,
        cast(sum(matches.units) filter (where matches.return_date > sold.order_date) as bigint) as units_returned,
        cast(sum(matches.refund_cents) filter (where matches.return_date > sold.order_date) as bigint) as refund_cents
    from {{ ref('conformed__return_matches') }} as matches
    inner join sold on matches.order_id = sold.order_id and matches.product_id = sold.product_id
    group by 1, 2
),

settled as (
    select
        sold.*,
        coalesce(came_back.units_cancelled, 0) as units_cancelled,
        coalesce(came_back.units_returned, 0) as units_returned,
        -- No line earns less than nothing, whatever was paid back for it.
        sold.sales_cents - least(coalesce(came_back.cancelled_cents, 0), sold.sales_cents) as gross_sales_cents,
        coalesce(came_back.refund_cents, 0) as told_refund_cents,
        sold.line_type in ('sale', 'free') as moves_goods
    from sold
    left join came_back on sold.order_id = came_back.order_id and sold.product_id = came_back.product_id
)

select
    settled.order_id,
    settled.product_id,
    {{ customer_of('settled.customer_id') }} as customer_id,
    settled.store_id,
    settled.ordered_at,
    settled.order_date,
    case when settled.moves_goods and settled.units_cancelled >= settled.quantity then 'cancelled' else settled.line_type end as line_type,
    settled.moves_goods and settled.is_merchandise and settled.units_cancelled < settled.quantity as is_purchase,
    case when settled.moves_goods then settled.quantity - settled.units_cancelled - settled.units_returned else 0 end as units,
    case when settled.moves_goods then settled.quantity - settled.units_cancelled else 0 end as units_bought,
    settled.units_returned,
    settled.gross_sales_cents - least(settled.told_refund_cents, settled.gross_sales_cents) as sales_cents,
    settled.gross_sales_cents,
    least(settled.told_refund_cents, settled.gross_sales_cents) as refund_cents,
    settled.retail_discount_cents,
    settled.coupon_discount_cents,
    settled.coupon_match_discount_cents,
    settled.count_source_lines
from settled
left join {{ ref('conformed__customer_ids') }} as customer_ids on settled.customer_id = customer_ids.source_customer_id
