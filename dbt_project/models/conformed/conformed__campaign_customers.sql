select
    campaign_id,
    customer_source_id as customer_id
from {{ ref('conformed__campaign_customers_judged') }}
where quarantine_reason is null and drop_reason is null
