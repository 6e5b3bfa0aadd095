-- The visit is the source's; where it names none, a pause of half an hour ends one.
with accepted as (
    select * from {{ ref('conformed__events_judged') }}
    where quarantine_reason is null and drop_reason is null
),

customers as (
    {{ customers_by_source() }}
),

named as (
    select
        *,
        device_source_id || '/' || session_source_id as session_id
    from accepted
    where session_source_id is not null
),

after_pauses as (
    select
        *,
        case
            when {{ seconds_between('lag(event_at) over (partition by device_source_id order by event_at, event_source_id)', 'event_at') }} <= 1800
                then null
            else event_at
        end as visit_began_at
    from accepted
    where session_source_id is null
),

unnamed as (
    select
        *,
        max(visit_began_at) over (
            partition by device_source_id
            order by event_at, event_source_id
            rows between unbounded preceding and current row
        ) as session_began_at
    from after_pauses
),

visited as (
    {%- for relation, session in [('named', 'session_id'), ('unnamed', "device_source_id || '/' || cast(session_began_at as varchar)")] %}
    select
        event_source_id,
        event_name,
        device_source_id,
        customer_source_id,
        {{ session }} as session_id,
        event_at,
        received_at,
        is_clock_repaired,
        product_id,
        order_source_id,
        list_position,
        search_term,
        device_category,
        traffic_source
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    visited.event_source_id as event_id,
    visited.event_name,
    visited.device_source_id as device_id,
    customers.customer_id,
    visited.session_id,
    visited.event_at,
    visited.received_at,
    visited.is_clock_repaired,
    visited.product_id,
    visited.order_source_id as order_id,
    visited.list_position,
    visited.search_term,
    visited.device_category,
    visited.traffic_source
from visited
left join customers on visited.customer_source_id = customers.customer_source_id
