"""Names and texts inside SQL statements: what a source calls its columns is data, and never becomes part of a statement unquoted."""

from typing import Any


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Any) -> str:
    return "[" + ", ".join(text(value) for value in values) + "]"


def parquet(file: Any) -> str:
    """A file's rows as they are in it: a folder called `country=DE` puts its own value in place of a column's otherwise."""
    return f"read_parquet({text(file)}, hive_partitioning = false)"
