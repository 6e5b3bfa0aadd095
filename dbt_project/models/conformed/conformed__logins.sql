select
    customer_id,
    logged_in_at,
    {{ local_date('logged_in_at') }} as login_date
from {{ ref('conformed__logins_judged') }}
where quarantine_reason is null and drop_reason is null
