-- Exact duplicates say nothing twice, and a coupon for a product that nobody knows says nothing.
with coupons as (
    {{ staged('coupons') }}
)

select distinct
    coupons.coupon_id,
    crosswalk.product_id,
    coupons.campaign_id
from coupons
inner join {{ ref('conformed__product_crosswalk') }} as crosswalk
    on coupons.system = crosswalk.system and coupons.product_source_id = crosswalk.source_product_id
