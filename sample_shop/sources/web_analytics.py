"""Web analytics as Google Analytics 4 exports it: nested JSON lines, packed, a file a month; and the answers to surveys on the page.

`event_server_timestamp_offset` is the collector's clock at the event's arrival minus the device's clock at the event, in microseconds.
"""

from datetime import date
from pathlib import Path

import duckdb

from forecart import sql
from sample_shop import days
from sample_shop.dirt import Dirt
from sample_shop.planting import customer, numbered, one_of, product, record, twice, utc, write_lines, write_parts

SYSTEM = "web_analytics"
_EVENTS = [
    "event_row_twice",
    "event_product_form",
    "event_product_unknown",
    "event_without_device",
    "event_without_time",
    "event_milliseconds",
]
_ANSWERS = ["answer_out_of_range", "answer_time_zone", "answer_entities", "answer_row_twice"]
_BROWSERS = ["Chrome", "Safari", "Safari (in-app)", "Firefox", "Edge", "Samsung Internet"]
_BOTS = ["Googlebot", "bingbot", "AhrefsBot", "HeadlessChrome", "python-requests"]
_DECLARED_VIEWS, _UNDECLARED_VIEWS = 45, 2600
_LATEST_DAYS = 3  # nobody hands events over later
_SITE = "https://www.sample-shop.example"
_PUT_ASIDE = 10_000_000_000  # numbers of events that the world does not have begin here


def write(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    """Write events_<month>.jsonl.gz, each with what the collector received in the month, and surveys_<year>.jsonl."""
    _visits(connection, dirt)
    _bots(connection, dirt)
    connection.sql("create or replace temp table bad_events (event_id bigint, error varchar)")
    day = date.fromisoformat(str(days.START))
    while day < date.fromisoformat(str(days.END)):
        following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        _month(connection, dirt, day, following, folder / f"events_{day:%Y-%m}.jsonl.gz")
        day = following
    record(dirt, SYSTEM, "events", "bad_events", "cast(event_id as varchar)")
    _answers(connection, dirt, folder)


def _visits(connection: duckdb.DuckDBPyConnection, dirt: Dirt) -> None:
    """Each visit with who it is for the collector, and what is wrong with its clock or its network."""
    error = one_of(dirt, ["visit_clock", "visit_late"], "session_id")
    connection.sql(f"""create or replace temp table visits as
        select
            session_id, started_at, logged_in_at, device_category, traffic_source, {customer("customer_number")} as customer,
            concat(100000000 + device_id * 7, '.', 1600000000 + device_id * 1013 % 90000000) as device,
            {sql.texts(_BROWSERS)}[1 + cast(hash(device_id, 'browser') % {len(_BROWSERS)} as integer)] as browser,
            case when started_at < timestamp '{days.END}' - interval {_LATEST_DAYS + 1} day then {error} end as error,
            -- Handed over once the visit is over for sure.
            started_at + interval 3 hour + to_seconds(cast(hash(session_id, 'late') % 216000 as bigint)) as handed_over_at,
            cast(0 as bigint) as clock_us
        from world.sessions left join session_customers using (session_id)""")
    # A clock that is behind by less than three days looks like a slow network, unless the visit has some length.
    hours = "3600000000 * (1 + cast(hash(visits.session_id, 'hours') % 60 as bigint))"
    connection.sql(f"""update visits set clock_us = case {dirt.pick("visit_clock", "visits.session_id", 3)}
            when 0 then {hours} when 1 then -24 * 3600000000 * (4 + cast(hash(visits.session_id, 'days') % 300 as bigint))
            else if(seconds >= 120, -1, 1) * {hours} end
        from (
            select session_id, date_diff('second', min(event_at), max(event_at)) as seconds
            from world.events semi join (from visits where error = 'visit_clock') as wrong using (session_id) group by session_id
        ) as lengths
        where visits.session_id = lengths.session_id""")


def _bots(connection: duckdb.DuckDBPyConnection, dirt: Dirt) -> None:
    """Visits of programs, at times at which people visit."""
    parts = []
    for place, (error, views, pause) in enumerate([("bot_declared", _DECLARED_VIEWS, 4), ("bot_undeclared", _UNDECLARED_VIEWS, 9)]):
        browser = f"{sql.texts(_BOTS)}[1 + cast(bot % {len(_BOTS)} as integer)]" if error == "bot_declared" else "'Chrome'"
        parts.append(f"""
            select {_PUT_ASIDE * (place + 1)} + bot * 10000 + view as event_id, {_PUT_ASIDE} + bot * 2 + {place} as session_id, '{error}' as error,
                day_at + to_milliseconds(cast(1000 * {pause} * view + hash(bot, view) % 900 as bigint)) as event_at,
                1 + (hash(bot, view, 'page') % (select max(product_id) from world.products))::bigint as product_id,
                {browser} as browser, concat(900000000 + bot * 2 + {place}, '.', 1700000000 + bot) as device
            from (
                select row_number() over (order by hash({dirt.seed}, '{error}', session_id), session_id) as bot,
                    date_trunc('day', started_at) + interval 6 hour as day_at
                from world.sessions
                order by bot limit (select greatest(2, round({dirt.errors[error]["rate"]} * count(*)))::bigint from world.sessions)
            ) as programs, range({views}) as views(view)""")
    connection.sql(f"create or replace temp table bots as {' union all '.join(parts)}")


def _month(connection: duckdb.DuckDBPyConnection, dirt: Dirt, first: date, following: date, path: Path) -> None:
    since = f"timestamp '{first}' - interval {_LATEST_DAYS} day"
    connection.sql(f"""create or replace temp table month_events as
        with told as (
            select event_id, session_id, event_name, event_at, product_id, list_position, search_term, promotion_id, order_id,
                if(logged_in_at <= event_at, customer, null) as customer, device, browser, device_category, traffic_source,
                {one_of(dirt, _EVENTS, "event_id")} as drawn,
                if(drawn in ('event_product_form', 'event_product_unknown') and product_id is null, null, drawn) as error,
                visits.error as visit_error,
                epoch_us(event_at) + clock_us as device_us,
                if(
                    visits.error = 'visit_late',
                    epoch_us(greatest(handed_over_at, event_at)),
                    epoch_us(event_at) + cast(hash(event_id) % 2500000 as bigint)
                ) as received_us
            from (from world.events where event_at >= {since} and event_at < timestamp '{following}') as events
            inner join (
                from visits where started_at >= {since} - interval 1 day and started_at < timestamp '{following}'
            ) as visits using (session_id)
            union all
            select event_id, session_id, 'page_view', event_at, product_id, null, null, null, null, null, device, browser, 'desktop', 'direct',
                null, error, null, epoch_us(event_at), epoch_us(event_at) + 40000
            from bots
        )
        select * exclude (drawn) from told
        where received_us >= epoch_us(timestamp '{first}') and received_us < epoch_us(timestamp '{following}')""")
    connection.sql("""insert into bad_events
        select event_id, error from month_events where error is not null
        union all select event_id, visit_error from month_events where visit_error is not null and error is null""")
    twice = "from month_events union all from month_events where error = 'event_row_twice'"
    write_lines(connection, f"select {_json()} from ({twice}) as rows order by received_us, event_id", path)


def _json() -> str:
    """SQL for an event as text. Joining pieces is three times as fast as building an object and writing it."""
    number = "substr(cast(1000000 + product_id as varchar), 2)"
    item = f"""case error
        when 'event_product_form' then concat('p-', {number}, ' ') when 'event_product_unknown' then {product("product_id + 900000")}
        else concat('P', {number}) end"""
    device_time = "make_timestamp(device_us)"
    return f"""concat(
        '{{"event_date":"', 10000 * year({device_time}) + 100 * month({device_time}) + day({device_time}),
        '","event_timestamp":', case error when 'event_without_time' then 'null' when 'event_milliseconds' then cast(device_us // 1000 as varchar)
            else cast(device_us as varchar) end,
        ',"event_name":"', event_name, '","event_params":[{{"key":"ga_session_id","value":{{"int_value":', session_id,
        '}}}},{{"key":"page_location","value":{{"string_value":"{_SITE}/', if(product_id is null, '', concat('p/', {number})), '"}}}}',
        if(search_term is null, '', concat(',{{"key":"search_term","value":{{"string_value":', to_json(search_term), '}}}}')),
        '],"event_bundle_sequence_id":', event_id, ',"event_server_timestamp_offset":', received_us - device_us,
        if(customer is null, '', concat(',"user_id":"', customer, '"')),
        ',"user_pseudo_id":', if(error = 'event_without_device', 'null', concat('"', device, '"')),
        ',"device":{{"category":"', device_category, '","web_info":{{"browser":"', browser, '"}}}},"traffic_source":{{"medium":"', traffic_source,
        '","name":"(not set)","source":"', traffic_source, '"}}',
        if(product_id is null and promotion_id is null, '', concat(
            ',"items":[{{',
            if(product_id is null, '', concat('"item_id":"', {item}, '"')),
            if(list_position is null, '', concat(',"item_list_index":', list_position)),
            if(promotion_id is null, '', concat(if(product_id is null, '', ','), '"promotion_id":"', promotion_id, '"')),
            '}}]')),
        if(order_id is null, '', concat(',"ecommerce":{{"transaction_id":"', {numbered("O", "order_id")}, '"}}')),
        '}}')"""


def _answers(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    connection.sql(f"""create or replace temp table feed as
        select answer_id, session_id, answered_at, score, comment, device, if(logged_in_at <= answered_at, customer, null) as customer,
            {one_of(dirt, _ANSWERS, "answer_id")} as drawn,
            if(drawn = 'answer_entities' and comment is null, null, drawn) as error
        from world.survey_answers as answers inner join visits using (session_id)""")
    record(dirt, SYSTEM, "survey_answers", "feed", "cast(answer_id as varchar)")
    berlin = "(answered_at at time zone 'UTC' at time zone 'Europe/Berlin')"
    offset = f"lpad(cast(date_diff('hour', date_trunc('second', answered_at), date_trunc('second', {berlin})) as varchar), 2, '0')"
    line = f"""to_json({{
        'response_id': cast(answer_id as varchar), 'user_pseudo_id': device, 'user_id': customer, 'ga_session_id': session_id,
        'submitted_at': if(error = 'answer_time_zone', concat(strftime({berlin}, '%Y-%m-%dT%H:%M:%S'), '+', {offset}, ':00'), {utc("answered_at")}),
        'answers': {{
            'score': if(error = 'answer_out_of_range', 99, score),
            'comment': if(error = 'answer_entities', replace(replace(comment, '''', '&#39;'), ' ', '&nbsp;'), comment)
        }}
    }})"""
    order = "answered_at, answer_id"
    write_parts(connection, twice("answer_row_twice"), "year(answered_at)", line, order, folder / "surveys_{}.jsonl")
