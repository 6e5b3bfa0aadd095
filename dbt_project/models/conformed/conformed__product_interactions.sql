-- What a person did with a product on a day: of a customer, where known, else of a device. The day is that of the visit's beginning.
with events as (
    select
        coalesce(events.customer_id, sessions.customer_id) as customer_id,
        case when coalesce(events.customer_id, sessions.customer_id) is null then events.device_id end as device_id,
        sessions.session_date,
        case when events.customer_id is not null then events.event_at else sessions.customer_known_at end as customer_known_at,
        events.session_id,
        events.product_id,
        events.event_name,
        events.list_position,
        events.search_term
    from {{ ref('conformed__events') }} as events
    inner join {{ ref('conformed__sessions') }} as sessions on events.session_id = sessions.session_id
    where events.product_id is not null
)

select
    customer_id,
    device_id,
    product_id,
    session_date as interaction_date,
    max(customer_known_at) as customer_known_at,
    count(distinct session_id) as count_sessions,
    count(*) filter (where event_name = 'view_item_list') as count_list_views,
    count(*) filter (where event_name = 'select_item') as count_list_clicks,
    count(*) filter (where event_name in ('view_promotion', 'select_promotion')) as count_promotion_views,
    count(*) filter (where event_name = 'select_promotion') as count_promotion_clicks,
    count(*) filter (where event_name = 'view_item') as count_views,
    count(*) filter (where search_term is not null) as count_searches,
    count(*) filter (where event_name = 'add_to_cart') as count_carts,
    count(*) filter (where event_name = 'begin_checkout') as count_checkouts,
    count(*) filter (where event_name = 'purchase') as count_purchases,
    min(list_position) as best_list_position
from events
group by 1, 2, 3, 4
