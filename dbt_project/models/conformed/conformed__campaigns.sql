with campaigns as (
    {{ staged('campaigns') }}
),

addressed as (
    select
        system,
        campaign_id,
        count(distinct customer_source_id) as count_customers
    from ({{ staged('campaign_customers') }}) as campaign_customers
    group by 1, 2
),

coupons as (
    select
        campaign_id,
        count(distinct coupon_id) as count_coupons
    from {{ ref('conformed__coupons') }}
    group by 1
)

select
    campaigns.campaign_id,
    campaigns.campaign_type,
    campaigns.start_date,
    campaigns.end_date,
    coalesce(addressed.count_customers, 0) as count_customers,
    coalesce(coupons.count_coupons, 0) as count_coupons
from campaigns
left join addressed on campaigns.system = addressed.system and campaigns.campaign_id = addressed.campaign_id
left join coupons on campaigns.campaign_id = coupons.campaign_id
-- A campaign is known from its first day on.
where campaigns.start_date < {{ as_of_date() }}
