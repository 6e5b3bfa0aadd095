{{ judged(
    'coupon_redemptions',
    key=['customer_source_id', 'coupon_id', 'campaign_id', 'redemption_date'],
    known_date='redemption_date',
) }}
