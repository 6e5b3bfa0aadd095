-- Which customers will spend most, against what they spent?
select
    customer_id,
    count_orders,
    last_order_date,
    round(sales_cents_30d / 100)::bigint as sales_last_30d,
    round(expected_sales_cents_30d / 100)::bigint as sales_next_30d,
    round(sales_cents_90d / 100)::bigint as sales_last_90d,
    round(expected_sales_cents_90d / 100)::bigint as sales_next_90d
from predictions.customer_value
inner join marts.customers using (customer_id)
order by expected_sales_cents_30d desc, customer_id
limit 15
