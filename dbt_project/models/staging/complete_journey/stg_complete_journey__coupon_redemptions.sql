select
    household_id::string as customer_source_id,
    coupon_upc::string as coupon_id,
    campaign_id::string as campaign_id,
    redemption_date::date as redemption_date,
    load_id
from {{ source('complete_journey', 'complete_journey__coupon_redemptions') }}
