-- What will our most loyal customer buy next, and why?
select rank, product_name, category, round(probability, 2) as probability, reason_1, reason_2
from predictions.product_recommendations
inner join marts.products using (product_id)
where customer_id = (
    select customer_id
    from marts.customers
    semi join predictions.product_recommendations using (customer_id)
    order by count_orders desc, customer_id
    limit 1
)
order by rank
