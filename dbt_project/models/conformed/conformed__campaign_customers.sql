select distinct
    judged.campaign_id,
    {{ customer_of('judged.customer_source_id') }} as customer_id
from {{ ref('conformed__campaign_customers_judged') }} as judged
left join {{ ref('conformed__customer_ids') }} as customer_ids on judged.customer_source_id = customer_ids.source_customer_id
where judged.quarantine_reason is null and judged.drop_reason is null
