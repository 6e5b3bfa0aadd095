"""Lets the model that may serve the run's date predict, and writes what it says with where it comes from."""

from importlib import import_module
from typing import Any

import duckdb
import pandas as pd

from forecart import timing, warehouse
from forecart.run import Run
from ingest import landing
from ml import registry

METRICS = """
    question varchar, model_version varchar, metric varchar, better varchar, model double, baseline double, baseline_name varchar,
    evaluated_window varchar
"""
CHECKS = "question varchar, model_version varchar, is_serving boolean, check_name varchar, is_passed boolean, found varchar"
DATES = ("as_of_date", "data_until", "sale_date", "stock_date")


def predict(run: Run, question: str, run_id: str) -> dict[str, Any]:
    """Replace the question's tables in `predictions` and its rows of `quality.model_metrics` and `model_checks`.

    Returns the rows of each table and model_version.

    The question's module yields (table, rows), a batch of rows at a time: what is held in memory is a batch.
    """
    module = import_module(f"ml.{question}")
    version = registry.must_serve(run, question)
    origin = {"run_id": run_id, "model_version": version.label, "data_until": landing.data_until(run.shop, run)}
    with warehouse.connect(run) as connection, timing.spent(timing.OTHER):
        rows: dict[str, int] = {}
        metrics = [
            (question, version.label, metric, *(told[name] for name in ("better", "model", "baseline", "baseline_name")), version.window)
            for metric, told in version.measured.items()
        ]
        connection.begin()
        connection.sql("create schema if not exists predictions")
        for table, predicted in module.predict(version.load(), connection, run):
            with timing.spent(timing.DUCKDB):
                _write(connection, table, predicted.assign(**origin), is_first=not rows.get(table))
            rows[table] = rows.get(table, 0) + len(predicted)
        with timing.spent(timing.DUCKDB):
            connection.sql("create schema if not exists quality")
            _replace(connection, "model_metrics", METRICS, question, metrics)
            _replace(connection, "model_checks", CHECKS, question, _checks(run, version))
            connection.commit()
    return {"rows": rows, "model_version": version.label}


def _checks(run: Run, serving: registry.Version) -> list[tuple]:
    """What the newest challenger passed and what not, and whether it serves."""
    newest = registry.newest_challenger(run, serving.question) or serving
    return [(serving.question, newest.label, newest.number == serving.number, *check) for check in newest.checks]


def _replace(connection: duckdb.DuckDBPyConnection, table: str, columns: str, question: str, rows: list[tuple]) -> None:
    """The question's rows of a table in schema quality. One of other columns is of code before, whose models serve no more."""
    there = connection.execute(
        """
        select column_name from duckdb_columns()
        where database_name = current_database() and schema_name = 'quality' and table_name = ? order by column_index
        """,
        [table],
    ).fetchall()
    if [name for (name,) in there] != [column.split()[0] for column in columns.split(",")]:
        connection.execute(f"create or replace table quality.{table} ({columns})")
    connection.execute(f"delete from quality.{table} where question = ?", [question])
    if rows:
        connection.executemany(f"insert into quality.{table} values ({', '.join('?' * len(rows[0]))})", rows)


def _write(connection: duckdb.DuckDBPyConnection, table: str, predicted: pd.DataFrame, is_first: bool) -> None:
    connection.register("predicted", predicted)
    # A frame without a row does not know its types, and DuckDB would take what is no number for one: such go by way of text.
    texts, by_way = (predicted.select_dtypes(object), "::varchar") if predicted.empty else ((), "")
    kinds = dict.fromkeys(texts, "varchar") | {name: "date" for name in DATES if name in predicted}
    typed = ", ".join(f"{name}{by_way}::{kind} as {name}" for name, kind in kinds.items())
    rows = f"select * replace ({typed}) from predicted"
    connection.execute(
        f"create or replace table predictions.{table} as {rows}" if is_first else f"insert into predictions.{table} by name {rows}"
    )
    connection.unregister("predicted")
