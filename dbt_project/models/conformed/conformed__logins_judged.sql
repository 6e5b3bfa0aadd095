-- A log-in of somebody who never registered and never bought waits in quarantine for the customer.
with logins as (
    {{ staged('logins') }}
),

customers as (
    {{ customers_by_source() }}
),

completed as (
    select
        logins.*,
        customers.customer_id
    from logins
    left join customers on logins.customer_source_id = customers.customer_source_id
)

select * from (
    {{ judged(
        'logins',
        key=['customer_source_id', 'logged_in_at'],
        known_at='logged_in_at',
        checks=[("customer_id is null and logged_in_at < " ~ as_of_timestamp(), "customer unknown")],
        rows='completed',
        keep=['customer_id'],
    ) }}
) as judged
