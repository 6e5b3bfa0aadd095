"""What visitors did and answered, to the millisecond. Where a clock was wrong, nobody knows how long an event was on its way to its collector."""

from sample_shop.scoring.check import Check, customer, judged, raw

_SECONDS_OF_A_CLOCK = 5

CHECKS = [
    Check(
        "web_analytics",
        "events",
        refused=raw("event_bundle_sequence_id"),
        judged=judged("events", "event_source_id"),
        found=f"""
            select found.event_id as source_key, found.event_name, coalesce(whose.customer_id, found.customer_id) as customer_id,
                split_part(found.session_id, '/', 2) as session_id, found.product_id, found.order_id, found.list_position, found.search_term,
                date_trunc('millisecond', if(is_clock_repaired, true_events.event_at, found.event_at)) as event_at,
                not is_clock_repaired or abs(epoch_us(true_events.event_at) - epoch_us(found.event_at)) <= 1000000 * {_SECONDS_OF_A_CLOCK} as is_near
            from house.conformed.events as found {customer("found.customer_id")}
            left join true_events on cast(true_events.event_id as varchar) = found.event_id""",
        true="""
            select cast(event_id as varchar) as source_key, event_name, if(logged_in_at <= event_at, customer_id, null) as customer_id,
                cast(session_id as varchar) as session_id, house_id as product_id, numbered('O', order_id) as order_id, list_position, search_term,
                date_trunc('millisecond', event_at) as event_at, true as is_near
            from true_events left join numbers using (product_id)""",
    ),
    Check(
        "web_analytics",
        "survey_answers",
        refused=raw("response_id"),
        judged=judged("survey_answers", "answer_source_id"),
        found="select answer_id as source_key, answered_at, score, comment from house.conformed.survey_answers",
        true="""
            select cast(answer_id as varchar) as source_key, date_trunc('second', answered_at) as answered_at, score, comment
            from world.survey_answers""",
    ),
]
