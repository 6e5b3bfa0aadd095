-- Which products will probably find the most new buyers?
select
    product_name,
    category,
    count(*) as count_customers,
    round(sum(probability), 1) as new_buyers_expected,
    mode(reason_1) as usual_reason
from predictions.discoveries
inner join marts.products using (product_id)
where is_eligible
group by product_id, product_name, category
order by sum(probability) desc, product_id
limit 15
