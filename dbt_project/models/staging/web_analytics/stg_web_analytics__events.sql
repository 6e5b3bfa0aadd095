-- The device's time as the device told it: conformed sets wrong clocks right, and leaves out programs, for any system that sends events.
select
    cast(event_bundle_sequence_id as varchar) as event_source_id,
    event_name,
    user_pseudo_id as device_source_id,
    user_id as customer_source_id,
    cast(session_id as varchar) as session_source_id,
    event_at,
    {{ plus_microseconds('event_at', 'server_offset_us') }} as received_at,
    {{ product_number('item_id') }} as product_source_id,
    transaction_id as order_source_id,
    item_list_index as list_position,
    search_term,
    device_category,
    traffic_medium as traffic_source,
    browser as user_agent,
    load_id
from {{ source('web_analytics', 'web_analytics__events') }}
