-- A model learns from months, of which none may be a December: how its days usually sell is told by the year before.
with

as_of_dates as (select * from {{ ref('close_as_of_dates') }}),

order_lines as (

    select * from {{ ref('order_lines') }}
    where is_purchase

),

days as (

    select
        order_date,
        count(distinct order_id) as count_orders,
        sum(gross_sales_cents) as sales_cents
    from order_lines
    group by order_date

),

first_days as (

    select min(order_date) as first_date
    from days

),

numbered as (

    select
        as_of_dates.as_of_date,
        days.count_orders,
        days.sales_cents,
        {{ days_between('as_of_dates.as_of_date', 'days.order_date') }} + {{ year_days() }} as day_number, -- noqa: LT05
        {{ days_between('as_of_dates.as_of_date', 'first_days.first_date') }} + {{ year_days() }} as first_day_number -- noqa: LT05
    from as_of_dates
    cross join first_days
    left join days on as_of_dates.as_of_date > days.order_date

)

select
    as_of_date,
    {{ season('count_orders', 0, 30) }} as season_orders_30d,
    {{ season('sales_cents', 0, 30) }} as season_sales_30d,
    {{ season('sales_cents', 0, 90) }} as season_sales_90d,
    {{ season('sales_cents', -30, 0) }} as season_sales_last_30d,
    {{ season('sales_cents', -56, 0) }} as season_sales_last_56d
from numbered
group by as_of_date
