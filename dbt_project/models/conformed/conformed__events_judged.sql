-- Bots are dropped, and clocks are set right before anything else is said of an event: what was known, and in which order, hangs on its time.
--
-- A device's clock is wrong where, of all events of one visit,
--   none arrived later than five minutes before the time that the device gave it: nothing arrives before it happens;
--   or all arrived more than three days late: nobody delivers so late;
--   or, in a visit of two minutes or more, all arrived equally late: delivered one by one, by a clock that is behind, and not in one batch.
-- The clock is moved by the offset of the event that arrived fastest. What merely came late, in a batch, keeps its device's time.
{%- set content = var('entities')['events'].keys() | list %}
with staged_events as (
    {{ staged('events') }}
),

events as (
    select
        *,
        -- Clocks and paces are looked at visit by visit; where the source names no visits, day by day.
        coalesce(session_source_id, cast(cast(received_at as date) as varchar), '') as visit_key,
        {{ seconds_between('event_at', 'received_at') }} as delay_seconds
    from staged_events
),

visits as (
    select
        device_source_id,
        visit_key,
        min(delay_seconds) as least_delay,
        max(delay_seconds) as most_delay,
        {{ seconds_between('min(event_at)', 'max(event_at)') }} as device_seconds
    from events
    where delay_seconds is not null
    group by 1, 2
),

wrong_clocks as (
    select
        device_source_id,
        visit_key,
        least_delay
    from visits
    where
        least_delay < -300
        or least_delay > 3 * 86400
        or (least_delay > 300 and most_delay - least_delay <= 60 and device_seconds >= 120)
),

agents as (
    select
        user_agent,
        {{ is_bot_agent('user_agent') }} as is_bot
    from (
        select distinct user_agent from events
        where user_agent is not null
    ) as distinct_agents
),

minutes as (
    select
        device_source_id,
        date_trunc('minute', coalesce(received_at, event_at)) as minute_at,
        count(*) as count_events,
        bool_or(customer_source_id is not null or event_name = 'purchase') as is_person
    from events
    group by 1, 2
),

days as (
    select
        device_source_id,
        cast(minute_at as date) as day_date,
        max(count_events) as most_a_minute,
        sum(count_events) as count_events,
        bool_or(is_person) as is_person
    from minutes
    group by 1, 2
),

fast_devices as (
    select device_source_id
    from days
    group by 1
    having
        not bool_or(is_person)
        and (max(most_a_minute) > {{ events_a_minute_of_bots() }} or max(count_events) > {{ events_a_day_of_bots() }})
),

products as (
    {{ products_by_source() }}
),

settled as (
    select
        events.system,
        events.load_id,
        {%- for column in content if column not in ('event_at', 'updated_at', 'drop_reason') %}
        events.{{ column }},
        {%- endfor %}
        case
            when wrong_clocks.device_source_id is null then events.event_at
            else {{ plus_seconds('events.event_at', 'wrong_clocks.least_delay') }}
        end as event_at,
        -- The collector may send an event again; the copy that it received last is the newest.
        coalesce(events.updated_at, events.received_at) as updated_at,
        coalesce(
            events.drop_reason,
            case when agents.is_bot or fast_devices.device_source_id is not null then 'bot' end
        ) as drop_reason,
        wrong_clocks.device_source_id is not null as is_clock_repaired,
        products.product_id
    from events
    left join wrong_clocks
        on events.device_source_id = wrong_clocks.device_source_id and events.visit_key = wrong_clocks.visit_key
    left join agents on events.user_agent = agents.user_agent
    left join fast_devices on events.device_source_id = fast_devices.device_source_id
    left join products on events.product_source_id = products.product_source_id
)

select * from (
    {{ judged(
        'events',
        key=['event_source_id'],
        required=['event_source_id', 'event_name', 'device_source_id'],
        known_at='greatest(event_at, coalesce(received_at, event_at))',
        checks=[
            ("event_at is null", "no time of event"),
            ("product_source_id is not null and product_id is null", "product unknown"),
        ],
        rows='settled',
        keep=['is_clock_repaired', 'product_id'],
    ) }}
) as judged
