select
    customer_source_id as customer_id,
    coupon_id,
    campaign_id,
    redemption_date
from {{ ref('conformed__coupon_redemptions_judged') }}
where quarantine_reason is null and drop_reason is null
