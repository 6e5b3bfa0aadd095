select
    customer_id,
    coupon_id,
    campaign_id,
    redemption_date
from {{ ref('conformed__coupon_redemptions') }}
