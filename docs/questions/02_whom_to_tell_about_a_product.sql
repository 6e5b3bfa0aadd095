-- Which customers should hear of an offer for the most recommended product?
with most_recommended as (
    select product_id
    from predictions.product_recommendations
    group by product_id
    order by count(*) desc, product_id
    limit 1
)

select product_name, customer_id, round(probability, 2) as probability, last_order_date
from predictions.product_recommendations
semi join most_recommended using (product_id)
inner join marts.products using (product_id)
inner join marts.customers using (customer_id)
order by probability desc, customer_id
limit 20
