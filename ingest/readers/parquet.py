"""Parquet carries its types: they must be the declared ones."""

from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet

from forecart import sql
from forecart.errors import ForecartError
from ingest.readers import Raw, without_column
from ingest.systems import Entity


def read(connection: duckdb.DuckDBPyConnection, entity: Entity, path: Path, about: str, scratch: Path) -> Raw:
    relation = sql.parquet(path)
    try:
        rows = pyarrow.parquet.read_metadata(path).num_rows
        found = {name: kind for name, kind, *_ in connection.sql(f"describe from {relation}").fetchall()}
    except (duckdb.Error, pyarrow.ArrowException, OSError) as error:
        raise unreadable(entity, path, about, error) from error
    _check_columns(entity, found, about)
    wanted = {column.source or name: name for name, column in entity.columns.items()}
    return Raw(
        relation=relation,
        columns={name: sql.name(source) for source, name in wanted.items()},
        rows=rows,
        schema=found,
        added={name: sql.name(name) for name in found if name not in wanted},
        is_text=False,
    )


def unreadable(entity: Entity, path: Path, about: str, error: Exception) -> ForecartError:
    return ForecartError(
        f"{about}: expected a whole Parquet file with columns {', '.join(entity.columns)}, "
        f"found {path.stat().st_size:,} bytes that cannot be read: {str(error).splitlines()[0]}"
    )


def _check_columns(entity: Entity, found: dict[str, str], about: str) -> None:
    """A missing or retyped column stops the load; an added one is kept and recorded in the manifest's schema."""
    wanted = {column.source or name: column for name, column in entity.columns.items()}
    missing = [name for name in wanted if name not in found]
    if missing:
        raise without_column(about, missing, [name for name in found if name not in wanted])
    retyped = [
        f"{name} of type {column.type} but found {found[name].lower()}"
        for name, column in wanted.items()
        if found[name].lower().replace(" ", "") != column.type.replace(" ", "")
    ]
    if retyped:
        raise ForecartError(f"{about}: expected column {'; '.join(retyped)}")
