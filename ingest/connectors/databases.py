"""Tables of a database, through SQLAlchemy. With a cursor only what is new is asked for, and a little of what was there before."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy

from forecart import settings
from forecart.errors import ForecartError
from ingest.connectors import Offer
from ingest.ledger import Ledger
from ingest.readers import without_column
from ingest.readers.json_lines import top
from ingest.systems import Entity

ROWS_AT_ONCE = 20_000


def offers(location: str, ledger: Ledger) -> Iterator[Offer]:
    entity = ledger.entity
    if entity.table is None:
        raise ForecartError(f"{entity.full_name}: {_shown(location)} is a database, and the declaration names no `table`")
    since = look_back_from(ledger)
    yield Offer(
        name=f"{entity.table}{f' since {since}' if since else ''}",
        batch="",
        version=0,
        stamp="",
        format="jsonl",
        fetch=lambda folder: _fetch(location, ledger, since, folder),
        look_back_from=since,
        try_out=lambda folder: _fetch(location, ledger, since, folder, most_rows=1),
    )


def look_back_from(ledger: Ledger) -> str | None:
    """From which value of the cursor on rows are asked for; None for all of them."""
    cursor = ledger.entity.cursor
    if cursor is None:
        return None
    newest = max((mark for load in ledger.serving() if (mark := ledger.manifest(load).get("watermark"))), default=None)
    since = str(datetime.fromisoformat(newest) - timedelta(days=cursor.look_back_days)) if newest else None
    return min(since, ledger.lost_from) if since and ledger.lost_from else since


def _fetch(location: str, ledger: Ledger, since: str | None, folder: Path, most_rows: int | None = None) -> Path:
    entity = ledger.entity
    answer = folder / "rows.jsonl"
    engine = sqlalchemy.create_engine(_resolved(location))
    try:
        with engine.connect().execution_options(stream_results=True, yield_per=ROWS_AT_ONCE) as connection:
            table = sqlalchemy.Table(entity.table, sqlalchemy.MetaData(), autoload_with=connection, schema=None)
            _check_columns(entity, list(table.c.keys()))
            query = sqlalchemy.select(table)
            if since:
                column = table.c[entity.columns[entity.cursor.column].source or entity.cursor.column]
                # A row whose cursor is empty says of itself neither that it is new nor that it is old.
                query = query.where((column >= _as_the_table_writes(since, entity, column.type)) | column.is_(None))
            with answer.open("w", encoding="utf-8") as file:
                for row in connection.execute(query.limit(most_rows)).mappings():
                    file.write(json.dumps(dict(row), default=_written) + "\n")
    except (sqlalchemy.exc.SQLAlchemyError, KeyError) as error:
        is_gone = isinstance(error, sqlalchemy.exc.NoSuchTableError)  # which says no more than the table's name
        reason = "no such table" if is_gone else str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ForecartError(f"{entity.full_name}: expected a table {entity.table} in {_shown(location)}, found: {reason}") from error
    finally:
        engine.dispose()
    return answer


def _check_columns(entity: Entity, found: list[str]) -> None:
    """A table has all its columns in every row: one that is not there was dropped or renamed, and is no empty value."""
    wanted = [top(column.source or name) for name, column in entity.sent_columns.items()]
    if missing := [name for name in wanted if name not in found]:
        raise without_column(f"{entity.full_name}: table {entity.table}", missing, [name for name in found if name not in wanted])


def _as_the_table_writes(since: str, entity: Entity, kind: sqlalchemy.types.TypeEngine) -> str | date:
    """The cursor's value, in UTC as it landed, with its zone where the table's times have one, else as local time of the declared zone."""
    column = entity.columns[entity.cursor.column]
    newest = datetime.fromisoformat(since)
    if column.type == "date":  # where days are texts, as in SQLite, one is less than its midnight
        return str(newest.date()) if isinstance(kind, sqlalchemy.String) else newest.date()
    if column.type.startswith("timestamp"):
        newest = newest.replace(tzinfo=UTC)
        if not getattr(kind, "timezone", False):
            local = newest.astimezone(ZoneInfo(column.timezone or entity.timezone)).replace(tzinfo=None)
            # A text may be of either: local, or with an offset.
            newest = min(local, newest.replace(tzinfo=None)) if isinstance(kind, sqlalchemy.String) else local
    return str(newest) if isinstance(kind, sqlalchemy.String) else newest


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ") if value.tzinfo else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value)


def _resolved(location: str) -> str:
    """A relative SQLite file lies under the project's folder."""
    path = location.removeprefix("sqlite:///")
    if path == location:
        return location
    file = (settings.ROOT / path).resolve()
    if not file.is_file():  # connecting would make an empty one
        raise ForecartError(f"file {file}: expected an SQLite database, found none")
    return f"sqlite:///{file}"


def _shown(location: str) -> str:
    return sqlalchemy.make_url(location).render_as_string(hide_password=True)
