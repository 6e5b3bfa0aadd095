"""After landing: is all accounted for, fresh enough, and of the size that a day has? Single rows were judged when they landed."""

from collections.abc import Iterator

from expectations.suite import Suite, Tables, Words, columns, no_rows, not_null, rows, warn
from forecart.run import Run
from ingest.systems import Entity, Volume, declared_entities

DAYS_CHECKED, DAYS_COMPARED = 7, 56
TODAY = "today"
# What the newest day of a source is declared to be near to: by which word, and as SQL.
NEAR = {
    "as_of_date": ("fresh_within_days", "date '{as_of}'"),
    TODAY: ("current_within_days", "cast(now() at time zone '{zone}' as date)"),
}


def suites(run: Run, tables: Tables) -> Iterator[Suite]:
    entities = list(declared_entities(run.shop))
    yield accounts()
    yield sources(entities, run)
    if dated := [entity for entity in entities if entity.volume]:
        yield days(dated, f"date '{run.as_of_date}'")
    for entity in entities:
        if entity.is_required:
            yield landed(entity)


def accounts() -> Suite:
    return Suite(
        "landing.loads",
        key=("system", "entity", "load_id"),
        expects=[
            no_rows(
                "of every source table, landed rows are the accepted, the quarantined and the dropped ones",
                """
                select system, entity, sum(rows) as landed, sum(accepted + quarantined + dropped) as accounted
                from {batch} group by all having landed <> accounted
                """,
                about="rows",
            ),
            no_rows(
                "every quarantined row has its reason",
                """
                select system, entity, load_id, quarantined, coalesce(with_reason, 0) as with_reason
                from {batch} as loads
                left join (select system, entity, load_id, sum(count_rows) as with_reason from landing.quarantine group by all) as quarantine
                    using (system, entity, load_id)
                where quarantined <> coalesce(with_reason, 0)
                """,
                about="quarantined",
            ),
            warn(
                no_rows(
                    "at most one row in a hundred of a source table is quarantined",
                    """
                    select system, entity, sum(quarantined) as quarantined, sum(rows) as landed
                    from {batch} group by all having 100 * sum(quarantined) > sum(rows)
                    """,
                    about="quarantined",
                )
            ),
        ],
    )


def sources(entities: list[Entity], run: Run) -> Suite:
    """A required source stops the run; of an optional one a person is told, and every prediction's data_until tells the reader."""
    required = [entity for entity in entities if entity.is_required]
    optional = [entity for entity in entities if not entity.is_required]
    return Suite(
        "landing.sources",
        key=("system", "entity"),
        expects=[
            *[_near(required, run, to) for to in NEAR],
            *[warn(_near(optional, run, to)) for to in NEAR],
            warn(
                no_rows(
                    "every optional source could be read",
                    "select system, entity, failed_at, error from {batch} where is_stale",
                    about="is_stale",
                )
            ),
        ],
    )


def _near(entities: list[Entity], run: Run, to: str) -> Words:
    """as_of_date follows the clock: that the clock itself stands still, only today can tell, and of a live run alone."""
    word, day = NEAR[to]
    limits = ", ".join(f"('{one.system}', '{one.name}', {limit})" for one in entities if (limit := getattr(one, word)) is not None)
    if not limits or (to == TODAY and run.is_historical):
        return []
    return no_rows(
        f"{'required' if entities[0].is_required else 'optional'} sources tell of days as near to {to} as they are declared to",
        f"""
        select system, entity, data_until, {word}
        from {{batch}} inner join (values {limits}) as limits (system, entity, {word}) using (system, entity)
        where data_until is null or data_until < {day.format(as_of=run.as_of_date, zone=run.shop.timezone)} - 1 - {word}
        """,
        about="data_until",
    )


def days(entities: list[Entity], as_of: str) -> Suite:
    return Suite(
        "landing.days",
        key=("system", "entity", "load_id", "day"),
        expects=[words for entity in entities for words in _volume(entity, entity.volume, as_of)],
    )


def _volume(entity: Entity, volume: Volume, as_of: str) -> list[Words]:
    """The last days against those before them: a day without a row, or with many times what such a day has."""
    mine = f"system = '{entity.system}' and entity = '{entity.name}'"
    by_day = f"select day, sum(count_rows) as count_rows from {{batch}} where {mine} and day < {as_of} group by day"
    weekdays = ", ".join(f"'{day.lower()}'" for day in volume.closed_weekdays) or "''"
    dates = ", ".join(f"'{day}'" for day in volume.closed_dates) or "''"
    checked = [
        no_rows(
            f"{entity.full_name} has rows on each of its open days of the last {DAYS_CHECKED}",
            f"""
            with sums as ({by_day}), known as (select max(day) as until from sums)
            select cast(range as date) as day
            from known, range(cast(greatest({as_of} - {DAYS_CHECKED}, (select min(day) from sums)) as timestamp),
                cast(least({as_of}, until + 1) as timestamp), interval 1 day)
            where cast(range as date) not in (select day from sums) and lower(dayname(range)) not in ({weekdays})
                and strftime(range, '%m-%d') not in ({dates}) and strftime(range, '%Y-%m-%d') not in ({dates})
            """,
            about=f"{entity.full_name} day",
        ),
        no_rows(
            f"{entity.full_name} has at most {volume.max_ratio:g} times its usual rows on each of its last {DAYS_CHECKED} days",
            f"""
            with sums as ({by_day}),
            usual as (select median(count_rows) as usual_rows from sums
                where day < {as_of} - {DAYS_CHECKED} and day >= {as_of} - {DAYS_CHECKED + DAYS_COMPARED})
            select day, count_rows, usual_rows from sums, usual
            where day >= {as_of} - {DAYS_CHECKED} and count_rows > {volume.max_ratio} * usual_rows
            """,
            about=f"{entity.full_name} count_rows",
        ),
    ]
    return checked if entity.is_required else [warn(words) for words in checked]


def landed(entity: Entity) -> Suite:
    """Keys may repeat where versions of a row and corrections meet; conformed tells them apart."""
    required = [name for name, column in entity.open_columns.items() if column.required and name not in entity.key]
    return Suite(
        entity.view,
        key=entity.key,
        is_key_unique=entity.key_is_unique and not entity.is_append,
        source=entity.file or entity.table or entity.path,
        expects=[columns(*entity.open_columns), rows(max(entity.expected_rows["min"], 1)), not_null(*required)],
    )
