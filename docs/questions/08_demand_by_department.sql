-- How much will each department sell, against the last 30 days?
with sold as (
    select product_id, sum(units) as units_sold
    from marts.daily_product_sales
    where sale_date >= (select max(as_of_date) - 30 from predictions.demand_forecast)
    group by product_id
)

select department, sum(units_sold) as units_sold_30d, round(sum(units_mean))::bigint as units_expected
from predictions.demand_forecast
left join sold using (product_id)
inner join marts.products using (product_id)
group by department
order by units_expected desc, department
limit 15
