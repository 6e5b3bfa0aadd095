"""From DuckDB to the frames that models read: in one order, in single precision."""

from collections.abc import Iterable
from datetime import date

import duckdb
import pandas as pd

from forecart import timing
from ml import effort


def fetch(connection: duckdb.DuckDBPyConnection, query: str, parameters: list | dict | None = None) -> pd.DataFrame:
    """The rows of a query that orders them by a unique key, numbers as float32, so that a refit sees the very same frame."""
    with timing.spent(timing.DUCKDB):
        frame = connection.execute(query, parameters).df()
    numbers = frame.select_dtypes(["integer", "floating"]).columns
    return frame.astype(dict.fromkeys(numbers, "float32"))


def customers(connection: duckdb.DuckDBPyConnection, schema: str, day: date) -> pd.DataFrame:
    """Rows of features_customer at a date of schema features or training with its season, in the order of ids."""
    query = f"""
        select * from {schema}.features_customer inner join {schema}.seasons using (as_of_date) where as_of_date = ? order by customer_id
    """
    return fetch(connection, query, [day])


def labelled_customers(connection: duckdb.DuckDBPyConnection, labels: str, columns: str, dates: Iterable[date]) -> pd.DataFrame:
    """Rows of features_customer at dates of schema training with their season, and `columns` (SQL) of their rows of `labels`.

    All of them, or as many as are learned from, evenly from the first to the last: chosen by their keys, before their features are read.
    """
    labelled = f"""
        training.features_customer as features
        inner join training.seasons using (as_of_date)
        inner join training.{labels} as labels using (as_of_date, customer_id)
    """
    at_dates = f"where as_of_date in ({listed(dates)}) order by as_of_date, customer_id"
    with timing.spent(timing.DUCKDB):
        keys = connection.execute(f"select as_of_date, customer_id from {labelled} {at_dates}").df()
    connection.register("chosen", effort.evenly(keys))
    found = fetch(
        connection,
        f"""
        select features.*, seasons.* exclude (as_of_date), {columns}
        from {labelled} semi join chosen using (as_of_date, customer_id) {at_dates}
        """,
    )
    connection.unregister("chosen")
    return found


def training_days(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """The tables of schema training, each with every column that dates its rows: as_of_date, sale_date, or both."""
    query = """
        select table_name, column_name from duckdb_columns() semi join duckdb_tables() using (database_name, schema_name, table_name)
        where database_name = current_database() and schema_name = 'training' and column_name in ('as_of_date', 'sale_date')
        order by all
    """
    return connection.execute(query).fetchall()


def listed(dates: Iterable[date]) -> str:
    """Dates as an SQL list; a list of none matches nothing."""
    return ", ".join(f"date '{day.isoformat()}'" for day in dates) or "null"


def decayed(times: str, day: str, tau_days: float) -> str:
    """SQL for how often something happened before $day, each time counted e^(-age / tau_days): `times` and `day` are columns of what is grouped.

    Summed as millionths, in integers, as by the macro decayed_count: a sum of floats depends on the order of threads.
    """
    return f"sum({times} * round(1e6 * exp(-date_diff('day', {day}, $day) / {tau_days}e0))::bigint) / 1e6"


def lowest(share: float) -> str:
    """The hexadecimal bound that this share of hashes lies below."""
    return "g" if share >= 1 else f"{int(share * 16**8):08x}"
