"""Makes one load of one delivery: every row judged against its declaration, persons taken out, all of it accounted for.

`landed = accepted + quarantined + dropped` is checked against a count that the reader did not make.
"""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from forecart import settings, sql, timing
from forecart.durable import fsync_folder, sha256_of, write_durably
from forecart.errors import ForecartError
from forecart.shop import Shop
from ingest import columns, readers
from ingest.ledger import DATA, MANIFEST, Ledger
from ingest.readers import Raw, parquet
from ingest.systems import EMPTY, Entity
from privacy import vault
from privacy.identity import columns as identity_columns

PERSONAL, QUARANTINE = "personal.parquet", "quarantine.parquet"
# What the system says where our own disk, and not the source's file, is to blame.
NOT_WRITTEN = tuple(map(os.strerror, (errno.ENOSPC, errno.EROFS, errno.EDQUOT)))
# What DuckDB calls a statement that cannot be understood: the declaration is to blame, or what a file calls its columns.
NOT_SQL = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


def make_load(
    connection: duckdb.DuckDBPyConnection, shop: Shop, ledger: Ledger, path: Path, about: str, load_id: str, words: dict[str, Any]
) -> dict[str, Any]:
    """Write the load `load_id` from the file at `path`, on the `workbench`; returns its manifest, which `words` are part of.

    Raises ForecartError, with no load made, when the file is not what was declared or too many of its rows are bad.
    """
    entity = ledger.entity
    folder, personal = ledger.folder / load_id, ledger.personal / load_id
    for leftover in (folder, personal):  # what a killed landing left behind
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="forecart-") as scratch, timing.spent(timing.DUCKDB):
        try:
            raw = readers.read(connection, entity, path, about, Path(scratch))
            judged = _judged(entity, raw)
            if _is_copy(connection, entity, raw, judged):
                counts = {"rows": raw.rows, "accepted": raw.rows, "quarantined": 0, "dropped": 0}
                _refuse_bad_files(entity, counts, {}, about)
                folder.mkdir(parents=True)
                shutil.copyfile(path, folder / DATA)
            else:
                connection.sql(f"create or replace temp table judged as {judged}")
                connection.sql(f"create or replace temp table rejects as {raw.rejects or _NO_REJECTS}")
                told_before = _without_what_was_told_before(connection, ledger) if words.get("look_back_from") else 0
                reasons = _reasons(connection)
                counts = {
                    "rows": raw.rows,
                    "quarantined": sum(reasons.values()),
                    "quarantine": reasons,
                    "repaired": _repaired(connection, raw),
                }
                _refuse_bad_files(entity, counts, reasons, about)
                folder.mkdir(parents=True)
                _write(connection, shop, ledger, raw, folder / DATA, personal, words.get("look_back_from"))
                counts["accepted"] = _count(connection, folder / DATA)
                good = connection.sql("select count(*) from judged where its_reason is null").fetchone()[0]
                counts["dropped"] = good - counts["accepted"] + told_before
            told = _told(connection, entity, sql.parquet(folder / DATA))
        except (duckdb.Error, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise _unreadable(connection, entity, path, about, error) from error
    if counts["accepted"] + counts["quarantined"] + counts["dropped"] != counts["rows"]:
        shutil.rmtree(folder)
        raise ForecartError(
            f"{about}: expected the {counts['rows']:,} rows counted in it, found {counts['accepted']:,} accepted, "
            f"{counts['quarantined']:,} quarantined and {counts['dropped']:,} dropped"
        )
    manifest = {
        "system": entity.system,
        "entity": entity.name,
        "shop": shop.name,
        **words,
        **counts,
        **told,
        "schema": raw.schema,
        "columns": list(entity.open_columns),
        "added_columns": sorted(raw.added),
        "data_sha256": sha256_of(folder / DATA),
        "landed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    for landed in (folder / DATA, *personal.glob("*.parquet")):
        with landed.open("rb") as file:
            os.fsync(file.fileno())
    for place in (personal, personal.parent):
        if place.exists():
            fsync_folder(place)
    write_durably(folder / MANIFEST, json.dumps(manifest, indent=2))
    fsync_folder(folder.parent)
    return manifest


def try_out(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Judge a row without any value by the declaration. Raises ForecartError where a type, a bound, a format or an expression of it is none."""
    is_text = entity.format != "parquet"
    kinds = {name: "varchar" if is_text else column.type for name, column in entity.sent_columns.items()}
    unknown = ", ".join(f"cast(null as {kind}) as {sql.name(name)}" for name, kind in kinds.items())
    raw = Raw(f"(select {unknown})", {name: sql.name(name) for name in kinds}, rows=0, schema=kinds, is_text=is_text)
    try:
        connection.sql(f"create or replace temp table judged as {_judged(entity, raw)}")
        _told(connection, entity, f"(select {', '.join(map(sql.name, entity.open_columns))} from judged)")
        for bound in [bound for column in entity.columns.values() for bound in columns.bounds(column)]:
            connection.sql(f"select {bound}").fetchall()
    except duckdb.Error as error:
        raise _not_understood(entity, error) from error


@contextmanager
def workbench() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own to make loads on, in bounded memory."""
    with tempfile.TemporaryDirectory(prefix="forecart-spill-") as spill:
        limits = {"memory_limit": settings.memory_limit(), "threads": settings.threads(), "temp_directory": spill}
        connection = duckdb.connect(config={**limits, "preserve_insertion_order": "false"})
        try:
            connection.sql("set TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()


def _judged(entity: Entity, raw: Raw) -> str:
    """SQL for every row: typed values, added columns, the reason to quarantine, what was repaired, and a bad row as it was sent."""
    sent = {name: sql.name(f"raw {name}") for name in entity.sent_columns}
    made = {
        name: columns.of_text(entity, name, column, sent[name], raw.is_ascii)
        if raw.is_text
        else columns.of_typed(entity, name, column, sent[name])
        for name, column in entity.sent_columns.items()
    }
    emptied = {name: part for name, part in made.items() if entity.columns[name].if_bad == EMPTY and part.problem}
    derived = {name: columns.derived(name, column) for name, column in entity.derived_columns.items()}
    places = [f"{place or 'null'} as {sent[name]}" for name, place in raw.columns.items()]
    places += [f"{place} as {sql.name(f'added {name}')}" for name, place in raw.added.items()]
    places += [f"{raw.row_problem} as row_problem"] if raw.row_problem else []
    problems = [*(["row_problem"] if raw.row_problem else [])]
    problems += [part.problem for name, part in (made | derived).items() if part.problem and name not in emptied]
    repairs = [part.repair for part in made.values() if part.repair] + [sql.name(f"emptied {name}") for name in emptied]
    typed = f"""
        select *, {", ".join(f"{part.value} as {sql.name(name)}" for name, part in made.items())}
        from (select {", ".join(places)} from {raw.relation}) as sent"""
    if emptied:
        good = ", ".join(
            f"case when {part.problem} is null then {sql.name(name)} end as {sql.name(name)}" for name, part in emptied.items()
        )
        told = ", ".join(f"{part.problem} || ', left empty' as {sql.name(f'emptied {name}')}" for name, part in emptied.items())
        typed = f"select * replace ({good}), {told} from ({typed}) as readable"
    if derived:
        typed = f"select *, {', '.join(f'{part.value} as {sql.name(name)}' for name, part in derived.items())} from ({typed}) as known"
    row = ", ".join(f"{sql.text(name)}: {sent[name]}" for name in made)
    kept = [*(sql.name(name) for name in entity.columns), *(sql.name(f"added {name}") for name in raw.added)]
    # A problem speaks of a value by its column's name, and of the source's text as "raw <name>".
    return f"""
        select {", ".join(kept)}, its_reason, its_repair, case when its_reason is not null then cast(to_json({{{row}}}) as varchar) end as its_row
        from (
            select *, {_first(problems)} as its_reason, {_first(repairs)} as its_repair
            from ({typed}) as typed
        ) as judged"""


_NO_REJECTS = "select null::varchar as reason, null::varchar as raw where false"


def _first(parts: list[str]) -> str:
    return f"coalesce({', '.join(parts)}, null)" if parts else "cast(null as varchar)"


def _is_copy(connection: duckdb.DuckDBPyConnection, entity: Entity, raw: Raw, judged: str) -> bool:
    """Whether the file itself can be the load: typed already, its times in UTC, nobody in it, and no row bad.

    Hashing every column makes DuckDB decode every page, so a damaged one is found here and not at night.
    """
    is_changed = entity.derived_columns or any(column.if_bad == EMPTY or entity.local_zone(column) for column in entity.columns.values())
    if raw.is_text or entity.subjects or entity.personal_columns or entity.cursor or is_changed:
        return False
    hashed = ", ".join(f"bit_xor(hash({place}))" for place in raw.columns.values())
    rows, *_ = connection.sql(f"select count(*), {hashed} from {raw.relation}").fetchone()
    bad = connection.sql(f"select count(its_reason) from ({judged}) as judged").fetchone()[0]
    return rows == raw.rows and bad == 0


def _without_what_was_told_before(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> int:
    """Take away the bad rows that an earlier answer held, word for word: a look back has them again, and each is told of once."""
    before = [file for load in ledger.serving() if (file := ledger.personal / load / QUARANTINE).exists()]
    if not before:
        return 0
    told = f"select raw from {sql.parquet(before)}"
    return connection.execute(f"delete from judged where its_reason is not null and its_row in ({told})").fetchone()[0]


def _reasons(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counted = connection.sql(
        """
        select reason, count(*) as count_rows
        from (select its_reason as reason from judged where its_reason is not null union all select reason from rejects) as bad
        group by reason order by count_rows desc, reason
        """
    )
    return dict(counted.fetchall())


def _repaired(connection: duckdb.DuckDBPyConnection, raw: Raw) -> dict[str, int]:
    counted = connection.sql(
        "select its_repair, count(*) from judged where its_reason is null and its_repair is not null group by all order by all"
    )
    return dict(counted.fetchall()) | dict.fromkeys(raw.repairs, 1)


def _refuse_bad_files(entity: Entity, counts: dict[str, Any], reasons: dict[str, int], about: str) -> None:
    rows, quarantined = counts["rows"], counts["quarantined"]
    if rows < entity.expected_rows["min"] and not entity.is_append:
        raise ForecartError(
            f"{about}: expected {entity.expected_rows['min']:,} rows or more, found {f'{rows:,}' if rows else 'an empty table'}"
        )
    if rows > entity.expected_rows["max"]:
        raise ForecartError(f"{about}: expected {entity.expected_rows['max']:,} rows or fewer, found {rows:,}")
    # A handful of bad rows in a small file says nothing about the source.
    if quarantined > max(entity.max_quarantined_share * rows, 10) or (rows and quarantined == rows and entity.max_quarantined_share < 1):
        listed = ", ".join(f"{reason} ({count:,})" for reason, count in list(reasons.items())[:4])
        raise ForecartError(
            f"{about}: expected at most {entity.max_quarantined_share:.0%} of its {rows:,} rows to be bad, found {quarantined:,}: {listed}"
        )


def _write(
    connection: duckdb.DuckDBPyConnection, shop: Shop, ledger: Ledger, raw: Raw, data: Path, personal: Path, look_back_from: str | None
) -> None:
    """The open part to `data`, persons and bad rows to the folder `personal`."""
    entity = ledger.entity
    with vault.attached(connection, shop) if entity.subjects else nullcontext():
        for column, space in entity.subjects.items():
            vault.admit(connection, space, f"select {sql.name(column)} as source_id from judged where its_reason is null")
        accepted = _accepted(ledger, look_back_from)
        opened = [sql.name(name) for name in entity.open_columns] + [
            f"{sql.name(f'added {name}')} as {sql.name(name)}" for name in raw.added
        ]
        connection.sql(
            f"copy (select {', '.join(opened)} from ({accepted}) as accepted) to {sql.text(data)} (format parquet, compression zstd)"
        )
        if entity.personal_columns:
            personal.mkdir(parents=True)
            # What is open and yet tells people apart, or the golden record is chosen by.
            identity = [name for name in entity.open_columns if name in (*identity_columns.PERSONAL, *identity_columns.OTHER)]
            who = dict.fromkeys(
                [*entity.key, *entity.subjects, *([entity.cursor.column] if entity.cursor else []), *entity.personal_columns, *identity]
            )
            told = ", ".join(sql.name(name) for name in who)
            connection.sql(f"copy (select {told} from ({accepted}) as accepted) to {sql.text(personal / PERSONAL)} (format parquet)")
    if connection.sql(
        "select count(*) from (select 1 from judged where its_reason is not null union all select 1 from rejects)"
    ).fetchone()[0]:
        personal.mkdir(parents=True, exist_ok=True)
        bad = (
            "select its_reason as reason, its_row as raw from judged where its_reason is not null union all select reason, raw from rejects"
        )
        connection.sql(f"copy (from ({bad}) order by all) to {sql.text(personal / QUARANTINE)} (format parquet)")


def _accepted(ledger: Ledger, look_back_from: str | None) -> str:
    """SQL for the good rows with ours in place of the source's ids of persons, without those that an earlier answer held already."""
    entity = ledger.entity
    ours = {name: sql.name(f"subject {place}") for place, name in enumerate(entity.subjects)}
    replaced = ", ".join(f"{alias}.subject_id as {sql.name(name)}" for name, alias in ours.items())
    joins = " ".join(
        f"left join (from vault.subjects where space = {sql.text(entity.subjects[name])}) as {alias} on judged.{sql.name(name)} = {alias}.source_id"
        for name, alias in ours.items()
    )
    query = f"select judged.* {f'replace ({replaced})' if replaced else ''} from judged {joins} where its_reason is null"
    before = ledger.serving() if look_back_from else []
    if not before:
        return query
    # All that is open is compared: a row may change within the second, or the day, that its cursor tells of.
    told = {name for load in before for name in ledger.manifest(load)["columns"]}
    columns = {sql.name(name): column.landed_type for name, column in entity.sent_columns.items() if column.is_open and name in told}
    cursor = sql.name(entity.cursor.column)
    typed = [f"try_cast({name} as {kind}) as {name}" for name, kind in columns.items()]  # earlier loads may have been declared otherwise
    landed = f"""select distinct {", ".join(typed)} from {sql.parquet(map(ledger.data, before))}
        where {cursor} >= {sql.text(look_back_from)} or {cursor} is null"""
    same = " and ".join(f"answered.{name} is not distinct from landed.{name}" for name in columns)
    return f"from ({query}) as answered anti join ({landed}) as landed on {same}"


def _count(connection: duckdb.DuckDBPyConnection, data: Path) -> int:
    return connection.sql(f"select count(*) from {sql.parquet(data)}").fetchone()[0]


def _told(connection: duckdb.DuckDBPyConnection, entity: Entity, relation: str) -> dict[str, Any]:
    """What a load says of time: its last day, its rows a day, and the newest value of the cursor."""
    until = connection.sql(f"select cast({entity.data_until} as date) from {relation}").fetchone()[0] if entity.data_until else None
    told: dict[str, Any] = {"data_until": until and until.isoformat()}
    if entity.volume:
        days = connection.sql(f"select {entity.volume.day} as day, count(*) from {relation} group by 1 order by 1").fetchall()
        told["days"] = {day.isoformat(): rows for day, rows in days if day}
    if entity.cursor:
        # A time that has not come yet is a mistake of its row: to ask from there on would find nothing new until then.
        cursor = sql.name(entity.cursor.column)
        newest = connection.sql(f"select max({cursor}) from {relation} where {cursor} <= now()::timestamp").fetchone()[0]
        told["watermark"] = str(newest) if newest is not None else None
    return told


def _unreadable(connection: duckdb.DuckDBPyConnection, entity: Entity, path: Path, about: str, error: Exception) -> ForecartError:
    if any(words in str(error) for words in NOT_WRITTEN):
        return ForecartError(f"{about}: expected to write what landed, found: {str(error).splitlines()[0][:300]}")
    if entity.format == "parquet":
        return parquet.unreadable(entity, path, about, error)
    if isinstance(error, NOT_SQL):
        try:
            try_out(connection, entity)
        except ForecartError as not_understood:
            return not_understood
    return ForecartError(
        f"{about}: expected a file of format {entity.format}, found what cannot be read: {str(error).splitlines()[0][:300]}"
    )


def _not_understood(entity: Entity, error: Exception) -> ForecartError:
    return ForecartError(f"{entity.full_name}: its declaration cannot be understood: {str(error).splitlines()[0][:300]}")
