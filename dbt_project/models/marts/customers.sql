with ordered as (
    select
        customer_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as count_orders,
        cast(sum(sales_cents) as bigint) as sales_cents
    from {{ ref('orders') }}
    where customer_id is not null and status is distinct from 'cancelled' and count_lines > 0
    group by 1
),

logged_in as (
    select
        customer_id,
        max(logged_in_at) as last_login_at,
        count(*) as count_logins
    from {{ ref('conformed__logins') }}
    group by 1
)

select
    customers.customer_id,
    customers.age_band,
    customers.birth_year_band,
    customers.gender,
    customers.country,
    customers.region,
    customers.loyalty_tier,
    customers.has_marketing_consent,
    customers.registered_at,
    customers.income_band,
    customers.home_ownership,
    customers.marital_status,
    customers.household_size,
    customers.household_composition,
    customers.kids_count,
    customers.has_demographics,
    ordered.first_order_date,
    ordered.last_order_date,
    coalesce(ordered.count_orders, 0) as count_orders,
    coalesce(ordered.sales_cents, 0) as sales_cents,
    logged_in.last_login_at,
    coalesce(logged_in.count_logins, 0) as count_logins
from {{ ref('conformed__customers') }} as customers
left join ordered on customers.customer_id = ordered.customer_id
left join logged_in on customers.customer_id = logged_in.customer_id
