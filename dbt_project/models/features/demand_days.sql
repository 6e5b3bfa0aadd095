-- What was asked for: what was sold, and where a product ran out (none left at the end of the day) as much again as on a day in stock before. A day
-- on which the shop is declared closed asks for nothing.
-- That is what comes after so many units where demand has no memory; docs/experiments.md says how near it is to the truth.
{% set rate_days = 28 %}

with

sales as (select * from {{ ref('daily_product_sales') }}),

shortages as (

    select
        product_id,
        stock_date
    from {{ ref('stock_levels') }}
    where is_out_of_stock

),

days as (

    select
        coalesce(sales.product_id, shortages.product_id) as product_id,
        coalesce(sales.sale_date, shortages.stock_date) as sale_date,
        coalesce(sales.units, 0) as units,
        coalesce(sales.sales_cents, 0) as sales_cents,
        shortages.product_id is not null as is_out_of_stock
    from sales
    full join shortages
        on
            sales.product_id = shortages.product_id
            and sales.sale_date = shortages.stock_date

),

first_days as (

    select
        product_id,
        min(sale_date) as first_date
    from sales
    group by product_id

),

-- Days without a sale and with stock have no row here, so days in stock are counted from the calendar.
rates as (

    select
        short_days.product_id,
        short_days.sale_date,
        sum(case when earlier.is_out_of_stock then 0 else earlier.units end) as units_in_stock,
        least({{ rate_days }}, min({{ days_between('first_days.first_date', 'short_days.sale_date') }}))
        - count(case when earlier.is_out_of_stock then 1 end) as count_days_in_stock
    from days as short_days
    inner join first_days
        on short_days.product_id = first_days.product_id
    left join days as earlier
        on
            short_days.product_id = earlier.product_id
            and short_days.sale_date > earlier.sale_date
            and short_days.sale_date <= earlier.sale_date + interval {{ rate_days }} day
            and first_days.first_date <= earlier.sale_date
    where short_days.is_out_of_stock and not {{ is_closed('short_days.sale_date') }}
    group by short_days.product_id, short_days.sale_date

)

select
    days.product_id,
    days.sale_date,
    days.units,
    days.sales_cents,
    cast(
        1000 * days.units + coalesce(round(1e3 * rates.units_in_stock / nullif(greatest(rates.count_days_in_stock, 0), 0)), 0)
        as bigint
    ) as demand_milliunits,
    days.is_out_of_stock
from days
left join rates
    on
        days.product_id = rates.product_id
        and days.sale_date = rates.sale_date
