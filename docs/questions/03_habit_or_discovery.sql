-- How much of what we recommend has the customer never bought before?
with bought as (
    select distinct customer_id, product_id, true as is_bought_before
    from marts.order_lines
    where is_purchase
)

select
    coalesce(is_bought_before, false) as bought_before,
    count(*) as count_recommendations,
    count(distinct customer_id) as count_customers,
    round(avg(probability), 3) as mean_probability
from predictions.product_recommendations
left join bought using (customer_id, product_id)
group by bought_before
order by bought_before
