-- How did sales develop month by month?
select
    date_trunc('month', order_date)::date as month,
    count(*) as count_orders,
    count(distinct customer_id) as count_customers,
    round(sum(sales_cents) / 100)::bigint as sales,
    round(sum(discount_cents) / 100)::bigint as discounts
from marts.orders
where status is distinct from 'cancelled'
group by month
order by month
