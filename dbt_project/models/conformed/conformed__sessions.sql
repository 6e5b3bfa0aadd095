-- Whose a visit is: the customer's who logged in during it, else the one's whose device it is. The latter was known only from the first
-- log-in on that device on: customer_known_at says when, so that nothing that is learned of an earlier day holds it.
with summed as (
    select
        session_id,
        min(device_id) as device_id,
        case when min(customer_id) = max(customer_id) then min(customer_id) end as told_customer_id,
        count(distinct customer_id) as count_customers,
        min(case when customer_id is not null then event_at end) as logged_in_at,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        min(device_category) as device_category,
        min_by(traffic_source, case when traffic_source is not null then event_at end) as traffic_source,
        bool_or(is_clock_repaired) as is_clock_repaired,
        count(*) as count_events,
        count(*) filter (where event_name = 'page_view') as count_page_views,
        count(*) filter (where event_name = 'view_item') as count_views,
        count(*) filter (where event_name = 'select_item') as count_list_clicks,
        count(*) filter (where event_name = 'select_promotion') as count_promotion_clicks,
        count(*) filter (where search_term is not null) as count_searches,
        count(*) filter (where event_name = 'add_to_cart') as count_carts,
        count(*) filter (where event_name = 'begin_checkout') as count_checkouts,
        count(distinct case when event_name = 'purchase' then coalesce(order_id, event_id) end) as count_purchases,
        count(distinct product_id) as count_products
    from {{ ref('conformed__events') }}
    group by 1
)

select
    summed.session_id,
    summed.device_id,
    -- Two customers in one visit: each event says whose it is, the visit is nobody's.
    case when summed.count_customers <= 1 then coalesce(summed.told_customer_id, devices.customer_id) end as customer_id,
    summed.told_customer_id is not null as is_logged_in,
    case
        when summed.told_customer_id is not null then summed.logged_in_at
        when summed.count_customers = 0 then devices.customer_known_at
    end as customer_known_at,
    summed.started_at,
    summed.ended_at,
    {{ local_date('summed.started_at') }} as session_date,
    summed.device_category,
    summed.traffic_source,
    summed.is_clock_repaired,
    summed.count_events,
    summed.count_page_views,
    summed.count_views,
    summed.count_list_clicks,
    summed.count_promotion_clicks,
    summed.count_searches,
    summed.count_carts,
    summed.count_checkouts,
    summed.count_purchases,
    summed.count_products
from summed
left join {{ ref('conformed__device_customers') }} as devices on summed.device_id = devices.device_id
