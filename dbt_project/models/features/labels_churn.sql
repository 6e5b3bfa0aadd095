with

customers as (select * from {{ ref('features_customer') }}),

spent as (select * from {{ ref('labels_value') }})

select
    customers.as_of_date,
    customers.customer_id,
    spent.count_orders_30d = 0 as is_churned,
    6 * spent.sales_cents_30d < customers.sales_cents_90d as is_spend_halved
from customers
inner join spent
    on
        customers.as_of_date = spent.as_of_date
        and customers.customer_id = spent.customer_id
