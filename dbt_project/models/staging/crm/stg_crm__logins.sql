-- Nobody logs in before there is an account. Whether the account exists at all is conformed's to say.
with registrations as (
    select
        customer_id,
        min(registered_at) as registered_at
    from {{ source('crm', 'crm__customers') }}
    group by 1
)

select
    logins.customer_id as customer_source_id,
    logins.logged_in_at,
    case when logins.logged_in_at < registrations.registered_at then 'before the customer registered' end as quarantine_reason,
    logins.load_id
from {{ source('crm', 'crm__logins') }} as logins
left join registrations on logins.customer_id = registrations.customer_id
