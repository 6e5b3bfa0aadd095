"""Lets the model that may serve the run's date predict, and writes what it says with where it comes from."""

from importlib import import_module
from typing import Any

from forecart import timing, warehouse
from forecart.run import Run
from ingest import landing
from ml import registry


def predict(run: Run, question: str, run_id: str) -> dict[str, Any]:
    """Replace `predictions.<table>` and the question's rows of `quality.model_metrics`. Returns rows and model_version."""
    module = import_module(f"ml.{question}")
    version = registry.must_serve(run, question)
    data_until = landing.data_until(run.shop, run)
    with warehouse.connect(run) as connection, timing.spent(timing.OTHER):
        predicted = module.predict(version.load(), connection, run)
        rows = predicted.assign(run_id=run_id, model_version=version.label, data_until=data_until)
        metrics = [
            (question, version.label, metric, values["model"], values["baseline"], version.window)
            for metric, values in version.measured.items()
        ]
        with timing.spent(timing.DUCKDB):
            connection.begin()
            connection.sql("create schema if not exists predictions")
            connection.register("predicted", rows)
            connection.sql(f"""
                create or replace table predictions.{module.TABLE} as
                select * replace (as_of_date::date as as_of_date, data_until::date as data_until) from predicted
            """)
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
    return {"rows": len(rows), "model_version": version.label}
