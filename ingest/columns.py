"""A declared column as SQL: its value out of what the source wrote, what is wrong with it, and what was repaired on the way."""

from dataclasses import dataclass

from forecart import sql
from ingest.systems import Column, Entity

NUMBERS = ("double", "float")
INTEGERS = ("tinyint", "smallint", "integer", "int", "bigint", "hugeint")
# Zero-width and direction marks, soft hyphens, byte-order marks: nobody sees them, and they make two ids of one.
INVISIBLE = "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\\x00-\\x1f]"
# Letters that look like others: an id in two scripts is a mistake or a trick.
CONFUSABLE = r"[A-Za-z].*[\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}].*[A-Za-z]"
EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
# Thousands parted by points or not at all. Without braces: the text becomes part of a format.
DECIMAL_COMMA = r"[+-]?([0-9][0-9]?[0-9]?([.][0-9][0-9][0-9])+|[0-9]*)(,[0-9]*)?([eE][+-]?[0-9]+)?"
# What follows a time and says its zone: Z, an offset (+01:00, +0100, PostgreSQL's +01) or a name (BigQuery's UTC).
HAS_ZONE = r":[0-9.]+ ?(Z|[+-][0-9]{2}(:?[0-9]{2}){0,2}|[A-Za-z][A-Za-z_/+-]+[0-9]*)$"
EARLIEST, LATEST = "1900-01-01", "2200-01-01"


@dataclass(frozen=True)
class Sql:
    """`value` gives the typed value out of what was sent; `problem` and `repair` a text or null, once the value has its name."""

    value: str
    problem: str | None = None
    repair: str | None = None


def of_text(entity: Entity, name: str, column: Column, raw: str, is_ascii: bool) -> Sql:
    """`raw` is SQL for the text that the source wrote, null where there was none."""
    is_id = name in entity.key or column.subject is not None
    value, repair = _value(entity, name, column, raw, is_id, is_ascii)
    return Sql(value, _problem(name, column, raw, is_id and not is_ascii), repair)


def of_typed(entity: Entity, name: str, column: Column, raw: str) -> Sql:
    """For a source that carries types of its own, which are the declared ones; of a time without a zone they do not say where it was read."""
    value, repair = f"cast({raw} as varchar)" if column.subject else raw, None
    if zone := entity.local_zone(column):
        utc, repair = _from_zone(raw, zone, name)
        value = f"cast({utc} as {column.type})"
    return Sql(value, _problem(name, column, raw, False), repair)


def derived(name: str, column: Column) -> Sql:
    """For a column that is made of others, once these have their names and values."""
    return Sql(f"cast(({column.expression}) as {column.type})", _problem(name, column, sql.name(name), False))


def _value(  # noqa: PLR0911 - a kind of column a return
    entity: Entity, name: str, column: Column, raw: str, is_id: bool, is_ascii: bool
) -> tuple[str, str | None]:
    kind = column.landed_type
    if kind in ("varchar", "json"):
        if not is_id:
            return f"nullif({raw}, '')", None
        if is_ascii:
            return f"nullif(trim({raw}), '')", None
        cleaned = f"nullif(trim(regexp_replace(nfc_normalize({raw}), {sql.text(INVISIBLE)}, '', 'g')), '')"
        return cleaned, f"case when {cleaned} <> trim({raw}) then {sql.text(f'{name}: invisible characters taken out')} end"
    trimmed = f"nullif(trim({raw}), '')"
    if kind == "boolean":
        return f"try_cast({trimmed} as boolean)", None
    if kind == "date":
        return _date(column, trimmed), None
    if kind.startswith("timestamp"):
        return _timestamp(entity, name, column, trimmed)
    number = trimmed
    if entity.csv.decimal == ",":  # 6.08 is no number there, and to read it as 608 would be worse
        number = (
            f"case when regexp_full_match({trimmed}, {sql.text(DECIMAL_COMMA)}) then replace(replace({trimmed}, '.', ''), ',', '.') end"
        )
    if kind in INTEGERS:
        # A cast would round 1.5 to 2 and not say so.
        whole = f"case when contains({number}, '.') then {{}} else try_cast({number} as {kind}) end"
        exact = f"try_cast({number} as decimal(38, 9))"
        return whole.format(f"case when {exact} = trunc({exact}) then try_cast({exact} as {kind}) end"), None
    return f"try_cast({number} as {kind})", None


def _date(column: Column, text: str) -> str:
    if not column.formats:
        return f"case when length({text}) <= 10 then try_cast({text} as date) else cast(try_cast({text} as timestamptz) as date) end"
    return f"cast(coalesce({', '.join(_parsed(text, form) for form in column.formats)}) as date)"


def _timestamp(entity: Entity, name: str, column: Column, text: str) -> tuple[str, str | None]:
    """UTC. A time with an offset or a Z says its instant; one without is in the declared zone."""
    zone = column.timezone or entity.timezone
    # Without an offset, as nearly all are, a plain cast does, four times as fast; with one it would be ignored. The session's zone is UTC.
    is_plain = f"length({text}) = 19 and substr({text}, 17, 1) = ':'"
    instant = f"case when {is_plain} then try_cast({text} as timestamp) else cast(try_cast({text} as timestamptz) as timestamp) end"
    naive = [_parsed(text, form) for form in column.formats if not _is_instant(form)]
    instants = [f"cast({_parsed(text, form)} as timestamp)" for form in column.formats if _is_instant(form)]
    if not column.formats:
        local, known = instant, None
        if zone == "UTC":
            return instant, None
        known = f"case when regexp_matches({text}, {sql.text(HAS_ZONE)}) then {instant} end"
    else:
        local = f"coalesce({', '.join(naive)})" if naive else "cast(null as timestamp)"
        known = f"coalesce({', '.join(instants)})" if instants else None
    utc, repair = (local, None) if zone == "UTC" else _from_zone(local, zone, name)
    value = f"coalesce({known}, {utc})" if known else utc
    return value, repair


def _from_zone(local: str, zone: str, name: str) -> tuple[str, str]:
    """The later of the two for a time that came twice, an hour later for one that the clocks jumped over; both are told."""
    zone = sql.text(zone)
    utc = f"(({local}) at time zone {zone} at time zone 'UTC')"
    back = f"({utc} at time zone 'UTC' at time zone {zone})"
    twice = f"(({utc} - interval 1 hour) at time zone 'UTC' at time zone {zone}) = ({local})"
    told = {twice: "of two such hours the later", f"{back} <> ({local})": "no such hour, the clocks jumped over it: an hour later"}
    return utc, "case " + " ".join(f"when {test} then {sql.text(f'{name}: {words}')}" for test, words in told.items()) + " end"


def _is_instant(form: str) -> bool:
    """Whether a format says which instant it is, whatever the zone."""
    return form in EPOCHS or "%z" in form or form.endswith("Z")


def _parsed(text: str, form: str) -> str:
    if form not in EPOCHS:
        return f"try_strptime({text}, {sql.text(form)})"
    stamp = f"make_timestamp(cast(try_cast({text} as bigint) * {EPOCHS[form]} as bigint))"
    # Seconds, read as milliseconds, lie in January 1970; milliseconds, read as seconds, far in the future.
    low, high = (631_152_000 * 10**6 // EPOCHS[form], 4_102_444_800 * 10**6 // EPOCHS[form])
    return f"case when try_cast({text} as bigint) between {low} and {high} then {stamp} end"


def _problem(name: str, column: Column, raw: str, may_confuse: bool) -> str | None:
    """Says which column and what, never the value: reasons are read by anybody. The value stands under the column's name by then."""
    cases = []
    value = sql.name(name)
    kind = column.landed_type
    if column.required:
        cases.append((f"{value} is null and nullif(trim(cast({raw} as varchar)), '') is null", "missing"))
    if kind != "varchar":
        cases.append((f"{value} is null and nullif(trim(cast({raw} as varchar)), '') is not null", f"no readable {kind}"))
    if column.formats and (ambiguous := _ambiguous(column, f"trim(cast({raw} as varchar))")):
        cases.append((ambiguous, "two declared formats read two dates out of it"))
    if kind in NUMBERS:
        cases.append((f"not isfinite({value})", "not a finite number"))
    if kind == "json":
        cases.append((f"not json_valid({value})", "no JSON"))
    if kind.startswith("timestamp") or kind == "date":
        cases.append((f"{value} not between {kind} '{EARLIEST}' and {kind} '{LATEST}'", "a time out of this world"))
    if column.min is not None:
        cases.append((f"{value} < {_bound(column, column.min)}", f"below {column.min}"))
    if column.max is not None:
        cases.append((f"{value} > {_bound(column, column.max)}", f"above {column.max}"))
    if column.values:
        listed = ", ".join(sql.text(allowed) for allowed in column.values)
        cases.append((f"cast({value} as varchar) not in ({listed})", "none of the declared values"))
    if may_confuse and kind == "varchar":
        cases.append((f"regexp_matches({value}, {sql.text(CONFUSABLE)})", "letters of two scripts that look alike"))
    if not cases:
        return None
    return "case " + " ".join(f"when {test} then {sql.text(f'{name}: {words}')}" for test, words in cases) + " end"


def _ambiguous(column: Column, text: str) -> str | None:
    dates = [form for form in column.formats if not _is_instant(form)]
    pairs = [(first, second) for place, first in enumerate(dates) for second in dates[place + 1 :]]
    return " or ".join(f"coalesce({_parsed(text, first)} <> {_parsed(text, second)}, false)" for first, second in pairs) or None


def bounds(column: Column) -> list[str]:
    """SQL for what its values lie between, of what is declared."""
    return [_bound(column, bound) for bound in (column.min, column.max) if bound is not None]


def _bound(column: Column, bound: float | str) -> str:
    kind = column.landed_type
    if kind.startswith("timestamp") or kind == "date":
        return "now() at time zone 'UTC' + interval 1 day" if bound == "now" else f"{kind} {sql.text(bound)}"
    return str(bound)
