with judged as (
    select * from {{ ref('conformed__order_lines_judged') }}
    where quarantine_reason is null and drop_reason is null
),

products as (
    select * from {{ ref('conformed__products') }}
),

customers as (
    select * from {{ ref('conformed__customer_crosswalk') }}
),

crosswalk as (
    select * from {{ ref('conformed__product_crosswalk') }}
),

typed as (
    select
        judged.order_source_id as order_id,
        crosswalk.product_id,
        customers.customer_id,
        judged.store_id,
        judged.ordered_at,
        judged.order_date,
        -- A line of quantity 0 moved no goods: a coupon taken off later, a correction. Fuel is sold by volume, not in units.
        -- Goods given for nothing were bought all the same.
        case
            when judged.quantity = 0 then 'adjustment'
            when products.is_sold_by_volume then 'fuel'
            when judged.sales_cents = 0 then 'free'
            else 'sale'
        end as line_type,
        judged.quantity,
        products.is_merchandise,
        judged.sales_cents,
        judged.retail_discount_cents,
        judged.coupon_discount_cents,
        judged.coupon_match_discount_cents
    from judged
    inner join crosswalk on judged.system = crosswalk.system and judged.product_source_id = crosswalk.source_product_id
    inner join customers on judged.system = customers.system and judged.customer_source_id = customers.source_customer_id
    inner join products on crosswalk.product_id = products.product_id
)

select
    order_id,
    product_id,
    customer_id,
    store_id,
    ordered_at,
    order_date,
    line_type,
    line_type in ('sale', 'free') and is_merchandise as is_purchase,
    case when line_type in ('sale', 'free') then quantity else 0 end as units,
    sales_cents,
    retail_discount_cents,
    coupon_discount_cents,
    coupon_match_discount_cents
from typed
