{% set known_until = "cast('" ~ var('as_of_date') ~ "' as date)" %}

with

as_of_dates as (select * from {{ ref('close_as_of_dates') }}),

order_lines as (

    select * from {{ ref('order_lines') }}
    where is_purchase and customer_id is not null

),

customers as (select * from {{ ref('features_customer') }}),

bought as (

    select
        as_of_dates.as_of_date,
        order_lines.customer_id,
        order_lines.order_id,
        {{ days_between('as_of_dates.as_of_date', 'order_lines.order_date') }} + 1 as age_days, -- noqa: LT05
        order_lines.gross_sales_cents as sales_cents
    from order_lines
    inner join as_of_dates
        on
            order_lines.order_date >= as_of_dates.as_of_date
            and order_lines.order_date < as_of_dates.as_of_date + interval '90' day
    where as_of_dates.is_label_known

),

summed as (

    select
        as_of_date,
        customer_id,
        {% for days in [30, 90] %}
        {{ sum_within('sales_cents', 'age_days', days) }} as sales_cents_{{ days }}d,
        {% endfor %}
        count(distinct case when age_days <= {{ horizon_days() }} then order_id end) as count_orders
    from bought
    group by as_of_date, customer_id

)

select
    customers.as_of_date,
    customers.customer_id,
    case
        when customers.as_of_date + interval '90' day <= {{ known_until }}
            then coalesce(summed.sales_cents_90d, 0)
    end as sales_cents_90d,
    coalesce(summed.sales_cents_30d, 0) as sales_cents_30d,
    cast(coalesce(summed.count_orders, 0) as integer) as count_orders_30d
from customers
inner join as_of_dates
    on customers.as_of_date = as_of_dates.as_of_date
left join summed
    on
        customers.as_of_date = summed.as_of_date
        and customers.customer_id = summed.customer_id
where as_of_dates.is_label_known
