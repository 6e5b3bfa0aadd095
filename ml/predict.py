"""Lets the model that may serve the run's date predict, and writes what it says with where it comes from."""

from importlib import import_module
from typing import Any

import duckdb
import pandas as pd

from forecart import timing, warehouse
from forecart.run import Run
from ingest import landing
from ml import registry


def predict(run: Run, question: str, run_id: str) -> dict[str, Any]:
    """Replace the question's tables in `predictions` and its rows of `quality.model_metrics`. Returns rows of each table and model_version.

    The question's module yields (table, rows), a batch of rows at a time: what is held in memory is a batch.
    """
    module = import_module(f"ml.{question}")
    version = registry.must_serve(run, question)
    origin = {"run_id": run_id, "model_version": version.label, "data_until": landing.data_until(run.shop, run)}
    with warehouse.connect(run) as connection, timing.spent(timing.OTHER):
        rows: dict[str, int] = {}
        metrics = [
            (question, version.label, metric, values["model"], values["baseline"], version.window)
            for metric, values in version.measured.items()
        ]
        connection.begin()
        connection.sql("create schema if not exists predictions")
        for table, predicted in module.predict(version.load(), connection, run):
            with timing.spent(timing.DUCKDB):
                _write(connection, table, predicted.assign(**origin), is_first=table not in rows)
            rows[table] = rows.get(table, 0) + len(predicted)
        with timing.spent(timing.DUCKDB):
            connection.sql("create schema if not exists quality")
            connection.sql("""
                create table if not exists quality.model_metrics (
                    question varchar, model_version varchar, metric varchar, model double, baseline double, evaluated_window varchar
                )
            """)
            connection.execute("delete from quality.model_metrics where question = ?", [question])
            if metrics:
                connection.executemany("insert into quality.model_metrics values (?, ?, ?, ?, ?, ?)", metrics)
            connection.commit()
    return {"rows": rows, "model_version": version.label}


def _write(connection: duckdb.DuckDBPyConnection, table: str, predicted: pd.DataFrame, is_first: bool) -> None:
    connection.register("predicted", predicted)
    rows = "select * replace (as_of_date::date as as_of_date, data_until::date as data_until) from predicted"
    connection.execute(
        f"create or replace table predictions.{table} as {rows}" if is_first else f"insert into predictions.{table} by name {rows}"
    )
    connection.unregister("predicted")
