"""Names and texts inside SQL statements: what a source calls its columns is data, and never becomes part of a statement unquoted."""

from pathlib import Path
from typing import Any


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Any) -> str:
    return "[" + ", ".join(text(value) for value in values) + "]"


def parquet(files: Any, with_filename: bool = False) -> str:
    """The rows of a file, or of several by the names of their columns, as they are in them: a folder called `country=DE` puts its own value in place
    of a column's otherwise. `with_filename` adds the column filename."""
    is_one = isinstance(files, str | Path)
    read = text(files) if is_one else f"{texts(files)}, union_by_name = true"
    return f"read_parquet({read}{', filename = true' if with_filename else ''}, hive_partitioning = false)"
