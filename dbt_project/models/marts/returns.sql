-- A source may leave the customer to the order.
select
    returns.return_id,
    returns.product_id,
    matches.order_id,
    coalesce(returns.customer_id, orders.customer_id) as customer_id,
    returns.returned_at,
    returns.return_date,
    matches.units,
    matches.refund_cents,
    returns.reason
from {{ ref('conformed__returns') }} as returns
inner join {{ ref('conformed__return_matches') }} as matches
    on returns.return_id = matches.return_id and returns.product_id = matches.product_id
left join {{ ref('orders') }} as orders on matches.order_id = orders.order_id
