-- For which products is the forecast most above the last 30 days' sales?
with sold as (
    select product_id, sum(units) as units_sold
    from marts.daily_product_sales
    where sale_date >= (select max(as_of_date) - 30 from predictions.demand_forecast)
    group by product_id
)

select
    product_name,
    category,
    coalesce(units_sold, 0) as units_sold_30d,
    round(units_mean)::bigint as units_expected,
    round(units_p90)::bigint as units_to_run_out_rarely
from predictions.demand_forecast
left join sold using (product_id)
inner join marts.products using (product_id)
order by units_mean - coalesce(units_sold, 0) desc, product_id
limit 15
