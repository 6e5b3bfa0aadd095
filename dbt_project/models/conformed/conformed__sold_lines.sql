{{ config(
    materialized='by_changed_keys',
    key='order_id',
    changed_by={
        'conformed__order_lines_judged': 'select order_source_id from {changes}',
        'conformed__products': "
            select order_id from {this} where product_id in (
                select product_id from {changes} group by product_id, is_merchandise, is_sold_by_volume having sum(step) <> 0
            )",
    },
) }}
-- As sold, before anything came back. Lines of one order and product are one line here: their units and money are added up.
with accepted as (
    select * from {{ ref('conformed__order_lines_judged') }}
    where quarantine_reason is null and drop_reason is null {{ only_changed('order_source_id') }}
),

merged as (
    select
        order_source_id as order_id,
        product_source_id as product_id,
        min(customer_source_id) as customer_id,
        min(store_id) as store_id,
        min(ordered_at) as ordered_at,
        min(order_date) as order_date,
        bool_and(is_cancelled) as is_cancelled,
        count(*) as count_source_lines,
        cast(sum(quantity) as bigint) as quantity,
        {{ sum_in_shop_currency('sales_cents') }} as sales_cents,
        {{ sum_in_shop_currency('retail_discount_cents') }} as retail_discount_cents,
        {{ sum_in_shop_currency('coupon_discount_cents') }} as coupon_discount_cents,
        {{ sum_in_shop_currency('coupon_match_discount_cents') }} as coupon_match_discount_cents
    from accepted
    group by 1, 2
)

select
    merged.*,
    products.is_merchandise,
    -- A line of quantity 0 moved no goods: a coupon taken off later, a correction. Fuel is sold by volume, not in units.
    -- Goods given for nothing were bought all the same.
    case
        when merged.is_cancelled then 'cancelled'
        when merged.quantity = 0 then 'adjustment'
        when products.is_sold_by_volume then 'fuel'
        when merged.sales_cents = 0 then 'free'
        else 'sale'
    end as line_type
from merged
inner join {{ ref('conformed__products') }} as products on merged.product_id = products.product_id
