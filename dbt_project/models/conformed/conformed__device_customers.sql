-- A device that one customer only ever logged in on is that customer's, also in the visits before the first log-in; a shared one is nobody's.
select
    device_id,
    min(customer_id) as customer_id,
    min(event_at) as customer_known_at
from {{ ref('conformed__events') }}
where customer_id is not null
group by 1
having min(customer_id) = max(customer_id)
