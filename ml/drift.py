"""Have customers, products or scores become others than those a model was trained on?

Population stability index: the sum over tenths of the training's values of (share now - share then) x ln(share now / share then). By the
usual rule of thumb .1 is a shift and .25 a large one (Siddiqi, Credit Risk Scorecards, 2006). With few rows chance alone makes a large
one, so it must also lie beyond what chance does once in a thousand times (Yurdakul, Statistical Properties of Population Stability
Index, 2018: PSI / (1/n + 1/m) is chi-squared with bins - 1 degrees of freedom).
"""

from dataclasses import dataclass
from importlib import import_module

import duckdb
import numpy as np
from scipy.stats import chi2

from forecart import timing, warehouse
from forecart.run import Run
from ml import QUESTIONS, registry
from ml.frames import fetch

LARGE = 0.25
FEATURES = ("features_customer", "features_product")
COLUMNS = "kind varchar, name varchar, column_name varchar, psi double, is_drifted boolean, trained_date date, as_of_date date"
# Keys, and what grows by a day each day whatever happens.
_LEFT_OUT = ("as_of_date", "customer_id", "product_id", "batch_number", "history_days", "age_days")


@dataclass(frozen=True)
class Drift:
    """`kind` is feature or score; `name` the table or the question; `column_name` is empty for a score."""

    kind: str
    name: str
    column_name: str
    psi: float
    is_drifted: bool


def measure(run: Run) -> list[Drift]:
    """Compare schema `features` with the newest cut-off of schema `training`, and write `quality.drift`. Empty where nothing was trained."""
    with warehouse.connect(run) as connection, timing.spent(timing.OTHER):
        trained = _newest_cut_off(connection, run)
        found = [*_of_features(connection, trained, run), *_of_scores(connection, trained, run)] if trained else []
        connection.execute("create schema if not exists quality")
        connection.execute(f"create or replace table quality.drift ({COLUMNS})")
        for drift in found:
            row = [drift.kind, drift.name, drift.column_name, drift.psi, drift.is_drifted, trained, run.as_of_date]
            connection.execute("insert into quality.drift values (?, ?, ?, ?, ?, ?, ?)", row)
    return found


def psi(then: np.ndarray, now: np.ndarray, bins: int = 10) -> tuple[float, bool]:
    """The index, and whether it is large beyond chance. Missing values are a bin of their own; half a row more in each bin, so that none is empty."""
    if not len(then) or not len(now):
        return 0.0, False
    known = then[~np.isnan(then)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if len(known) else np.array([])
    counts = [np.bincount(_bins(values, edges), minlength=len(edges) + 2) for values in (then, now)]
    filled = (counts[0] + counts[1]) > 0
    shares = [(count[filled] + 0.5) / (count.sum() + filled.sum() / 2) for count in counts]
    index = float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))
    by_chance = (1 / len(then) + 1 / len(now)) * chi2.ppf(0.999, max(int(filled.sum()) - 1, 1))
    return index, bool(index >= LARGE and index > by_chance)


def _bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))


def _newest_cut_off(connection: duckdb.DuckDBPyConnection, run: Run):
    query = "select max(as_of_date) from training.as_of_dates where as_of_date < ?"
    try:
        return connection.execute(query, [run.as_of_date]).fetchone()[0]
    except duckdb.CatalogException:
        return None


def _of_features(connection: duckdb.DuckDBPyConnection, trained, run: Run) -> list[Drift]:
    found = []
    for table in FEATURES:
        then = fetch(connection, f"select * from training.{table} where as_of_date = ?", [trained])
        now = fetch(connection, f"select * from features.{table} where as_of_date = ?", [run.as_of_date])
        for column in then.select_dtypes("float32").columns.difference(_LEFT_OUT, sort=False):
            if column in now:
                found.append(Drift("feature", table, column, *psi(then[column].to_numpy("float64"), now[column].to_numpy("float64"))))
    return found


def _of_scores(connection: duckdb.DuckDBPyConnection, trained, run: Run) -> list[Drift]:
    """Of the questions whose module tells its scores: `scores(model, connection, schema, day)`."""
    found = []
    for question in QUESTIONS:
        module, version = import_module(f"ml.{question}"), registry.serving(run, question)
        if version and hasattr(module, "scores"):
            model = version.load()
            then, now = module.scores(model, connection, "training", trained), module.scores(model, connection, "features", run.as_of_date)
            found.append(Drift("score", question, "", *psi(then, now)))
    return found
