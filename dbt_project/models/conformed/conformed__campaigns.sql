with addressed as (
    select
        campaign_id,
        count(*) as count_customers
    from {{ ref('conformed__campaign_customers') }}
    group by 1
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
from {{ ref('conformed__campaigns_judged') }} as campaigns
left join addressed on campaigns.campaign_id = addressed.campaign_id
left join coupons on campaigns.campaign_id = coupons.campaign_id
where campaigns.quarantine_reason is null and campaigns.drop_reason is null
