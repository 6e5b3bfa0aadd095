with redemptions as (
    {{ staged('coupon_redemptions') }}
)

select distinct
    crosswalk.customer_id,
    redemptions.coupon_id,
    redemptions.campaign_id,
    redemptions.redemption_date
from redemptions
inner join {{ ref('conformed__customer_crosswalk') }} as crosswalk
    on redemptions.system = crosswalk.system and redemptions.customer_source_id = crosswalk.source_customer_id
where redemptions.redemption_date < {{ as_of_date() }}
