"""What a published file says, run ids and times aside."""

from collections import Counter
from pathlib import Path

import duckdb

ASIDE = {"run_id", "model_version", "published_at", "checked_at", "run_key", "version"}


def published_rows(file: Path) -> dict[str, list[tuple]]:
    """Every row of marts and predictions, sorted, by table."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.sql(
            "select table_schema, table_name from information_schema.tables where table_schema in ('marts', 'predictions') order by all"
        ).fetchall()
        return {f"{schema}.{table}": _rows(connection, schema, table) for schema, table in tables}


def assert_same(found: dict[str, list[tuple]], expected: dict[str, list[tuple]]) -> None:
    """The first rows that differ, in words: comparing tables whole would take pytest hours to explain."""
    assert found.keys() == expected.keys()
    for table, rows in expected.items():
        missing, added = Counter(rows) - Counter(found[table]), Counter(found[table]) - Counter(rows)
        said = f"{table}: {missing.total()} rows missing, {added.total()} added: {[*missing][:3]} {[*added][:3]}"
        assert not missing and not added, said


def _rows(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[tuple]:
    columns = [name for name, *_ in connection.sql(f"describe {schema}.{table}").fetchall() if name not in ASIDE]
    return connection.sql(f"select {', '.join(columns)} from {schema}.{table} order by all").fetchall()
