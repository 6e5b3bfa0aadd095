with

as_of_dates as (select * from {{ ref('as_of_dates') }}),

order_lines as (select * from {{ ref('order_lines') }})

select
    as_of_dates.as_of_date,
    order_lines.customer_id,
    order_lines.product_id,
    cast(count(*) as integer) as count_orders_30d,
    cast(sum(order_lines.units_bought) as bigint) as units_30d
from order_lines
inner join as_of_dates
    on
        order_lines.order_date >= as_of_dates.as_of_date
        and order_lines.order_date < as_of_dates.label_until_date
where order_lines.is_purchase and order_lines.customer_id is not null and as_of_dates.is_label_known
group by as_of_dates.as_of_date, order_lines.customer_id, order_lines.product_id
