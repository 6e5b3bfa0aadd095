select
    interaction_date,
    customer_id,
    device_id,
    product_id,
    customer_known_at,
    count_sessions,
    count_list_views,
    count_list_clicks,
    count_promotion_views,
    count_promotion_clicks,
    count_views,
    count_searches,
    count_carts,
    count_checkouts,
    count_purchases,
    best_list_position
from {{ ref('conformed__product_interactions') }}
