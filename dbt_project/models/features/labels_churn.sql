with

as_of_dates as (select * from {{ ref('as_of_dates') }}),

order_lines as (select * from {{ ref('order_lines') }}),

customers as (select * from {{ ref('features_customer') }}),

returned as (

    select distinct
        as_of_dates.as_of_date,
        order_lines.customer_id
    from order_lines
    inner join as_of_dates
        on
            order_lines.order_date >= as_of_dates.as_of_date
            and order_lines.order_date < as_of_dates.label_until_date
    where order_lines.is_purchase

)

select
    customers.as_of_date,
    customers.customer_id,
    returned.customer_id is null as is_churned
from customers
inner join as_of_dates
    on customers.as_of_date = as_of_dates.as_of_date
left join returned
    on
        customers.as_of_date = returned.as_of_date
        and customers.customer_id = returned.customer_id
where as_of_dates.is_label_known
