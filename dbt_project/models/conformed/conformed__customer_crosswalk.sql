-- A subject_id is one in the whole house, so what two systems call alike is one customer. Resolving identities replaces this rule, not its
-- readers.
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
    customer_source_id as customer_id,
    system,
    customer_source_id as source_customer_id
from known
