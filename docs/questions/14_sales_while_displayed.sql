-- How much more do products sell in weeks when stores display them?
with days as (
    select
        sales.product_id,
        sales.units,
        weeks.product_id is not null as is_displayed
    from marts.daily_product_sales as sales
    left join marts.promotions as weeks
        on sales.product_id = weeks.product_id
        and sales.sale_date between weeks.week_start_date and weeks.week_end_date
        and weeks.count_stores_displayed > 0
),

sold as (
    select
        product_id,
        sum(units) filter (where is_displayed) as units_displayed,
        sum(units) filter (where not is_displayed) as units_otherwise
    from days
    group by product_id
),

all_weeks as (
    select week_start_date, max(week_end_date) as week_end_date
    from marts.promotions
    where week_start_date <= (select max(sale_date) from marts.daily_product_sales)
    group by week_start_date
),

-- A product has weeks from its launch on, or else from its first sale on.
on_sale as (
    select
        products.product_id,
        products.product_name,
        count(*) as weeks,
        count(displayed.product_id) as weeks_displayed
    from marts.products
    inner join all_weeks on all_weeks.week_end_date >= least(products.launched_date, products.first_sold_date)
    left join marts.promotions as displayed
        on products.product_id = displayed.product_id
        and all_weeks.week_start_date = displayed.week_start_date
        and displayed.count_stores_displayed > 0
    group by all
)

select
    product_name,
    weeks_displayed,
    round(units_displayed / weeks_displayed, 1) as units_a_displayed_week,
    round(units_otherwise / nullif(weeks - weeks_displayed, 0), 1) as units_another_week
from sold
inner join on_sale using (product_id)
where units_displayed > 0
order by units_another_week is null, units_displayed desc, product_id
limit 15
