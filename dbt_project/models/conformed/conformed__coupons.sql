select
    coupon_id,
    product_source_id as product_id,
    campaign_id
from {{ ref('conformed__coupons_judged') }}
where quarantine_reason is null and drop_reason is null
