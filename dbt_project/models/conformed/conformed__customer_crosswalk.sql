-- A subject_id is one in the whole house: what two systems call alike is one customer. Who else is the same person, identity says.
with known as (
    select
        system,
        customer_source_id
    from {{ ref('conformed__customers_judged') }}
    where quarantine_reason is null and coalesce(drop_reason, '') <> 'not known before as_of_date'
    union
    select
        system,
        customer_source_id
    from {{ ref('conformed__order_lines_judged') }}
    where quarantine_reason is null and drop_reason is null and customer_source_id is not null
)

select
    {{ customer_of('known.customer_source_id') }} as customer_id,
    known.system,
    known.customer_source_id as source_customer_id
from known
left join {{ ref('conformed__customer_ids') }} as customer_ids on known.customer_source_id = customer_ids.source_customer_id
