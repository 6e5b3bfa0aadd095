"""Tables that lie beside the features, because SQL is slow at what they hold: made anew, and filled one cut-off after the other."""

from collections.abc import Callable, Iterator
from datetime import date

import duckdb
import pandas as pd

from forecart import timing, warehouse
from forecart.run import Run

Found = Iterator[tuple[date, str, pd.DataFrame]]


def write(run: Run, schema: str, tables: str, found: Callable[[duckdb.DuckDBPyConnection], Found]) -> None:
    """`tables` is SQL that makes them empty in {schema}; `found` gives cut-offs, names of tables, and rows without the cut-off."""
    with warehouse.connect(run) as connection, timing.spent(timing.OTHER):
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(tables.format(schema=schema))
        for day, table, rows in found(connection):
            connection.register("found", rows)
            connection.execute(f"insert into {schema}.{table} by name select date '{day}' as as_of_date, * from found")
            connection.unregister("found")
