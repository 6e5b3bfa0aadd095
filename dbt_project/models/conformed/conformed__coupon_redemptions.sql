select
    {{ customer_of('judged.customer_source_id') }} as customer_id,
    judged.coupon_id,
    judged.campaign_id,
    judged.redemption_date
from {{ ref('conformed__coupon_redemptions_judged') }} as judged
left join {{ ref('conformed__customer_ids') }} as customer_ids on judged.customer_source_id = customer_ids.source_customer_id
where judged.quarantine_reason is null and judged.drop_reason is null
