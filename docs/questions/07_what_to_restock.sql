-- What must we order today? Where stock is unknown: with how much left must we order?
select
    product_name,
    category,
    units_on_hand,
    units_on_order,
    round(probability_of_running_out, 2) as probability_of_running_out,
    order_units,
    reorder_point_units,
    lead_time_days
from predictions.restock_plan
inner join marts.products using (product_id)
where advice in ('order', 'stock unknown')
order by probability_of_running_out desc nulls last, units_until_arrival desc, product_id
limit 15
