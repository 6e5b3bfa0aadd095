select
    customer_id,
    login_date,
    count(*) as count_logins,
    max(logged_in_at) as last_logged_in_at
from {{ ref('conformed__logins') }}
group by 1, 2
