select
    coupon_upc::string as coupon_id,
    product_id::string as product_source_id,
    campaign_id::string as campaign_id,
    load_id
from {{ source('complete_journey', 'complete_journey__coupons') }}
