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

displayed as (
    select product_id, count(*) as weeks_displayed
    from marts.promotions
    where count_stores_displayed > 0
    group by product_id
)

select
    product_name,
    weeks_displayed,
    round(units_displayed / weeks_displayed, 1) as units_a_displayed_week,
    round(units_otherwise / nullif(weeks - weeks_displayed, 0), 1) as units_another_week
from sold
inner join displayed using (product_id)
inner join marts.products using (product_id)
cross join (select count(distinct week_start_date) as weeks from marts.promotions)
where units_displayed > 0
order by units_another_week is null, units_displayed desc, product_id
limit 15
