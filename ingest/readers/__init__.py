"""A delivered file as rows of text: one module a format. Each counts its rows by other means than it reads them."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from forecart.errors import ForecartError
from ingest.systems import Entity

# How a reason begins that is none of one column.
OF_THE_ROW = "the row: "


@dataclass(frozen=True)
class Raw:
    """What a reader found: `relation` is SQL that gives the rows, `columns` a declared column's place in it (None where it is missing).

    `rows` is the independent count. `rejects` is SQL for the rows (reason, raw) that are no rows of this table at all, to be run after
    `relation` was read. `added` are the columns that nobody declared, `schema` all of them with their types. `is_text` tells whether
    values are still the source's text.
    """

    relation: str
    columns: dict[str, str | None]
    rows: int
    schema: dict[str, str]
    added: dict[str, str] = field(default_factory=dict)
    rejects: str | None = None
    row_problem: str | None = None
    is_text: bool = True
    is_ascii: bool = False
    repairs: tuple[str, ...] = ()


def without_column(about: str, missing: Collection[str], others: Collection[str], hint: str = "") -> ForecartError:
    """What is said of a source that lacks columns; `others` are those that nobody declared, of which one may be it under a new name."""
    return ForecartError(f"{about}: expected column {', '.join(missing)}, found {', '.join(others) or 'nothing'} in place of it{hint}")


def read(connection: duckdb.DuckDBPyConnection, entity: Entity, path: Path, about: str, scratch: Path) -> Raw:
    """Raises ForecartError where the file as a whole is not what was declared."""
    from ingest.readers import csv, json_lines, parquet

    reader = {"csv": csv.read, "jsonl": json_lines.read, "json": json_lines.read_document, "parquet": parquet.read}[entity.format]
    return reader(connection, replace(entity, columns=entity.sent_columns), path, about, scratch)
