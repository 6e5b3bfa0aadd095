"""Trains a question's model and its baseline on the same cut-offs, compares them on the newest one, and registers the better."""

import math
from datetime import date
from importlib import import_module
from types import ModuleType
from typing import Any

import duckdb

from forecart import settings, timing, warehouse
from forecart.run import Run
from ml import comparison, features, minima, registry, splits


def build_training_set(run: Run) -> dict[str, Any]:
    """Features and labels at the training cut-offs, in schema `training`. Without a complete window the tables are there and empty of labels."""
    dates = training_dates(run)
    built = features.build(run, dates or [run.as_of_date], schema="training")
    return built | {"dates": [day.isoformat() for day in dates]}


def training_dates(run: Run) -> list[date]:
    """The cut-offs to learn from, newest first."""
    with warehouse.connect(run) as connection:
        first_day = connection.sql("select min(order_date) from marts.order_lines where is_purchase").fetchone()[0]
    return splits.training_dates(run.as_of_date, first_day) if first_day else []


def train(run: Run, question: str) -> dict[str, Any]:
    """Fit, compare on the hold-out, refit the winner with the newest cut-off as well, register it, and let it serve.

    A model that does not beat its best baseline, or has too little to learn from, leaves the serving to the baseline. Returns the
    version's label, the metrics of both, and why no model was made, where none was.
    """
    module = import_module(f"ml.{question}")
    with warehouse.connect(run) as connection, timing.spent(timing.OTHER):
        dates = labelled_dates(connection, run)
        split = splits.hold_out(dates)
        measured, window, refusal = {}, "", ""
        fit = module.fit_baseline
        if split:
            try:
                measured = compare(module, connection, *split)
                window = f"{split[0]} to {split[0] + splits.HORIZON}"
                if beats_baseline(measured, *module.HEADLINE):
                    fit = module.fit
            except minima.TooLittleData as too_little:
                refusal = str(too_little)
        model = fit(connection, dates)
        parameters = {
            "as_of_date": run.as_of_date,
            "cut_offs": ", ".join(day.isoformat() for day in dates),
            "marts": _marts_fingerprint(connection),
            "threads": settings.threads(),
            "refusal": refusal or "none",
        }
    with timing.spent(timing.OTHER):
        version = registry.register(run, question, model, measured, window, parameters)
        registry.promote(run, version)
    return {"model_version": version.label, "metrics": measured, "refusal": refusal}


def compare(module: ModuleType, connection: duckdb.DuckDBPyConnection, hold_out: date, earlier: list[date]) -> dict[str, dict[str, float]]:
    """Each metric of the model and of the best baseline, all fitted on the earlier cut-offs, on the hold-out; defined ones only."""
    trials = module.trials(connection, hold_out, earlier)
    found = {}
    for metric, measure in trials.pop(comparison.MODEL).items():
        others = [trial[metric].plain() for trial in trials.values() if metric in trial]
        values = {"model": measure.plain(), "baseline": (min if measure.better == "lower" else max)(others, default=math.nan)}
        if not any(math.isnan(value) for value in values.values()):
            found[metric] = values
    return found


def beats_baseline(measured: dict[str, dict[str, float]], headline: str, better: str) -> bool:
    """A metric that is undefined (one class only, nothing sold) is no win."""
    if headline not in measured:
        return False
    model, baseline = measured[headline]["model"], measured[headline]["baseline"]
    return model > baseline if better == "higher" else model < baseline


def labelled_dates(connection: duckdb.DuckDBPyConnection, run: Run) -> list[date]:
    """The cut-offs of schema `training` whose windows are known before the run's date, newest first."""
    query = "select as_of_date from training.as_of_dates where is_label_known and label_until_date <= ? order by as_of_date desc"
    with timing.spent(timing.DUCKDB):
        return [day for (day,) in connection.execute(query, [run.as_of_date]).fetchall()]


def _marts_fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """Says which data a training saw."""
    with timing.spent(timing.DUCKDB):
        seen = connection.sql(
            "select count(*), sum(sales_cents), sum(units), bit_xor(hash(order_id, product_id)) from marts.order_lines"
        ).fetchone()
    return registry.fingerprint(*(str(value).encode() for value in seen))
