-- A coupon for a product that nobody knows says nothing.
{{ judged(
    'coupons',
    key=['coupon_id', 'product_source_id', 'campaign_id'],
    checks=[("product_source_id not in (select product_id from " ~ ref('conformed__products') ~ ")", "of a product that is neither in the catalogue nor sold")],
) }}
