-- Which good customers are we about to lose, and why?
select
    customer_id,
    round(churn_probability, 2) as churn_probability,
    last_order_date,
    count_orders,
    round(sales_cents / 100)::bigint as sales,
    reason_1
from predictions.churn_risk
inner join marts.customers using (customer_id)
where sales_cents >= (select median(sales_cents) from marts.customers)
order by churn_probability desc, customer_id
limit 15
