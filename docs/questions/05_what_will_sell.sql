-- What will sell most in the next 30 days?
select product_name, category, round(units_mean)::bigint as units_expected, round(units_p10)::bigint as units_low, round(units_p90)::bigint as units_high
from predictions.demand_forecast
inner join marts.products using (product_id)
order by units_mean desc, product_id
limit 15
