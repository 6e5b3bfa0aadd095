"""What a Parquet file must be before it is landed: whole, of the declared columns, with rows, every value readable."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet

from forecart.errors import ForecartError
from ingest.systems import Entity


@dataclass(frozen=True)
class Content:
    rows: int
    schema: dict[str, str]
    data_until: date | None


def check(entity: Entity, path: Path, named: Path) -> Content:
    """Read the whole of `path` against its declaration; errors speak of the file as `named`."""
    about = f"{entity.full_name}: file {named}"
    try:
        promised_rows = pyarrow.parquet.read_metadata(path).num_rows
        with duckdb.connect() as connection:
            connection.read_parquet(str(path)).create_view("source")
            schema = {name: kind for name, kind, *_ in connection.sql("describe source").fetchall()}
            _check_columns(entity, schema, about)
            # Hashing every column makes DuckDB decode every page, so a damaged one is found here and not at night.
            hashed = ", ".join(f'bit_xor(hash("{column}"))' for column in schema)
            rows, *_ = connection.sql(f"select count(*), {hashed} from source").fetchone()
            data_until = connection.sql(f"select {entity.data_until} from source").fetchone()[0] if entity.data_until and rows else None
    except (duckdb.Error, pyarrow.ArrowException, OSError) as error:
        raise ForecartError(
            f"{about}: expected a whole Parquet file with columns {', '.join(entity.columns)}, "
            f"found {path.stat().st_size:,} bytes that cannot be read: {str(error).splitlines()[0]}"
        ) from error
    if rows != promised_rows:
        raise ForecartError(f"{about}: expected the {promised_rows:,} rows that its footer promises, found {rows:,}")
    if rows == 0:
        raise ForecartError(f"{about}: expected {entity.expected_rows['min']:,} rows or more, found an empty table")
    return Content(rows, schema, data_until)


def _check_columns(entity: Entity, found: dict[str, str], about: str) -> None:
    """A missing or retyped column stops the load; an added one is kept and recorded in the manifest's schema."""
    missing = [column for column in entity.columns if column not in found]
    if missing:
        added = [column for column in found if column not in entity.columns]
        raise ForecartError(f"{about}: expected column {', '.join(missing)}, found {', '.join(added) or 'nothing'} in place of it")
    retyped = [
        f"{name} of type {column.type} but found {found[name].lower()}"
        for name, column in entity.columns.items()
        if found[name].lower() != column.type
    ]
    if retyped:
        raise ForecartError(f"{about}: expected column {'; '.join(retyped)}")
