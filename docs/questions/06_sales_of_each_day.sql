-- How much will we sell on each of the next 30 days?
select
    sale_date as day,
    round(units_mean)::bigint as units_expected,
    round(revenue_cents_mean / 100)::bigint as revenue_expected,
    round(revenue_cents_p10 / 100)::bigint as revenue_low,
    round(revenue_cents_p90 / 100)::bigint as revenue_high
from predictions.sales_forecast
where level = 'total'
order by day
