"""How much will each customer spend in the next 30, 90 and 365 days? Trees and curves, beside the mean of three months and the last 30 days.

Customers are those who bought in the 90 days before `as_of_date`. A year is no twelve months of a quarter: some leave, and each season comes once.
It is as many times the 90 days to come as it was for the customers of a year ago, whose 90 days were of the same season.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from forecart.run import Run
from ml import measures, minima, shuffling, splits, trees
from ml.baselines.history import ACTIVE_DAYS
from ml.comparison import MODEL, Measure, Trials
from ml.frames import customers, labelled_customers
from ml.saved import Saved
from ml.season import SALES_30D, SALES_90D, SEASONS, Season
from ml.segments import by_orders
from ml.spending import Spend

TABLE = "customer_value"
HEADLINE = ("rmse", "lower")
# Two months of a shop may well sell a tenth more or less than anybody can know (ml/purchase.py).
CALIBRATED = {"total_bias": 0.25}
CEILING = {"gini": 0.99}
WINDOWS = 2
CHANCE = {"gini": 0.0}
HORIZONS = (30, 90, 365)
YEAR = timedelta(days=365)
LEAST_ROWS = 200
# So many customers who spent what the rule says count before those of the windows known.
PRIOR_CUSTOMERS = 20
# The horizons that are learned from cut-offs, each with its season.
SEASON_OF = {30: SALES_30D, 90: SALES_90D}
UNUSED = ["as_of_date", "customer_id", "batch_number", *SEASONS, *(f"label_{days}d" for days in SEASON_OF)]
# What customers active before a day spent from it on: in a year, and in its first 90 days.
YEAR_AND_QUARTER = f"""
    with active as (
        select distinct customer_id from marts.order_lines
        where is_purchase and customer_id is not null and order_date < $day and order_date >= $day - {ACTIVE_DAYS}
    )
    select sum(gross_sales_cents), sum(gross_sales_cents) filter (order_date < $day + 90)
    from marts.order_lines semi join active using (customer_id)
    where is_purchase and order_date >= $day and order_date < $day + 365
"""


@dataclass(frozen=True)
class Model(Saved):
    """`regressors` by horizon in days; a horizon without one is answered by the rule. Beyond 30 days `refused` says why one is not answered.

    `year_over_quarter` is how many times its first 90 days a year brings, `base` and `slope` the line from what the rule says to what comes: where
    customers buy once and are gone, a third of three months is many times that, and those who spent the most are hardly ahead.
    """

    name: str
    regressors: dict[int, Spend] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    rule: str = "mean_of_3_months"
    base: float = 0.0
    slope: float = 1.0
    year_over_quarter: float = math.nan

    def spend(self, features: pd.DataFrame, days: int = 30) -> np.ndarray:
        """Expected spend in cents over the next `days`, shape (customers,); nan where the horizon is refused. A longer one holds the shorter."""
        if days in self.refused:
            return np.full(len(features), np.nan)
        if days == 365:
            return self.spend(features, 90) * self.year_over_quarter
        cents = self.regressors[days].cents(features) if days in self.regressors else self._by_rule(features) * days / 30
        return np.maximum(cents, self.spend(features)) if days > 30 else cents

    def _by_rule(self, features: pd.DataFrame) -> np.ndarray:
        return self.base + self.slope * RULES[self.rule](features)


def _mean_of_3_months(features: pd.DataFrame) -> np.ndarray:
    return features["sales_cents_90d"].to_numpy("float64") / 3


def _last_30_days(features: pd.DataFrame) -> np.ndarray:
    return features["sales_cents_30d"].to_numpy("float64")


RULES = {"mean_of_3_months": _mean_of_3_months, "last_30_days": _last_30_days}


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """Each horizon is learned on the cut-offs whose windows had ended when the newest 30 days did. Raises TooLittleData.

    90 days with history but with too few rows are three times what the rule says of 30.
    """
    frame, beyond = _labelled(connection, dates), _beyond(connection, dates)
    minima.ask(int((frame["label_30d"] > 0).sum()), LEAST_ROWS, "customers who spent anything")
    regressors = {}
    for days, season in SEASON_OF.items():
        known = frame[frame["as_of_date"] <= pd.Timestamp(_last_cut_off(dates, days))].dropna(subset=f"label_{days}d")
        if days not in beyond["refused"] and (known[f"label_{days}d"] > 0).sum() >= LEAST_ROWS:
            learned = known.drop(columns=UNUSED, errors="ignore"), known[f"label_{days}d"].to_numpy("float64")
            regressors[days] = Spend.fit(*learned, Season.of(season, known))
    return Model("catboost", regressors, **beyond)


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """The rule, moved by least squares to what came in the windows known."""
    rule, frame = Model("baseline", **_beyond(connection, dates)), _labelled(connection, dates)
    told, came = rule.spend(frame), frame["label_30d"].to_numpy("float64")
    if not told.sum():
        return rule
    # Customers of whom the rule is right come first: they add nothing to the line's error, and their weight to its slope.
    known = len(told) / (len(told) + PRIOR_CUSTOMERS)
    mean, spread = known * came.mean() + (1 - known) * told.mean(), told.var()
    slope = known * np.cov(told, came, bias=True)[0, 1] / spread + 1 - known if spread else 1.0
    slope = float(np.clip(slope, 0, mean / told.mean()))  # neither against the rule nor below nothing
    return replace(rule, base=float(mean - slope * told.mean()), slope=slope)


def judge(model: Model, connection: duckdb.DuckDBPyConnection, cut_off: date) -> dict[str, Measure]:
    """What the model reaches at a cut-off whose window is known; a unit is a customer."""
    frame = _labelled(connection, [cut_off])
    return measures.of_amounts(
        frame["customer_id"].to_numpy(), frame["label_30d"].to_numpy("float64"), model.spend(frame), segments=by_orders(frame)
    )


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date], model: Model) -> Trials:
    methods = {MODEL: model, **{rule: Model("baseline", rule=rule) for rule in RULES}}
    return {method: judge(model, connection, cut_off) for method, model in methods.items()}


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """One row per customer who bought in the 90 days before the run's date, the most valuable first."""
    frame = customers(connection, "features", run.as_of_date)
    cents = {f"expected_sales_cents_{days}d": pd.Series(model.spend(frame, days)).round().astype("Int64") for days in HORIZONS}
    reasons = "; ".join(f"{days} days: {reason}" for days, reason in model.refused.items())
    predicted = pd.DataFrame(
        {
            "as_of_date": run.as_of_date,
            "customer_id": frame["customer_id"],
            **cents,
            "reason_if_empty": pd.Series([reasons or None] * len(frame), dtype="string"),
            "sales_cents_30d": frame["sales_cents_30d"].astype("int64"),
            "sales_cents_90d": frame["sales_cents_90d"].astype("int64"),
        }
    )
    yield TABLE, predicted.sort_values(["expected_sales_cents_30d", "customer_id"], ascending=[False, True], ignore_index=True)


def importances(model: Model) -> dict[str, float]:
    """column -> percent of the decisions of the trees for 30 days; nothing of a baseline."""
    if 30 not in model.regressors:
        return {}
    return trees.importances(model.regressors[30].mean.trees)


def shuffle(connection: duckdb.DuckDBPyConnection) -> None:
    shuffling.of_customers(connection, "labels_value")


def scores(model: Model, connection: duckdb.DuckDBPyConnection, schema: str, day: date) -> np.ndarray:
    """Expected cents in 30 days of everybody at a date of schema features or training, shape (customers,)."""
    return model.spend(customers(connection, schema, day))


def _last_cut_off(dates: list[date], days: int) -> date:
    return max(dates) + splits.HORIZON - timedelta(days=days)


def _beyond(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> dict[str, Any]:
    """What a model knows of horizons beyond 30 days: `refused`, each with the reason, and `year_over_quarter`."""
    first_day, known_until = splits.first_day(connection), max(dates) + splits.HORIZON if dates else None
    history = (known_until - first_day).days if known_until and first_day else 0
    # The first label needs as long again of history before it, or a habit of a year would be guessed from a month.
    needed = {days: 2 * days for days in HORIZONS[1:]}
    refused = {days: f"needs {needs} days of history, there are {history}" for days, needs in needed.items() if history < needs}
    if 365 in refused:
        return {"refused": refused}
    year, quarter = connection.execute(YEAR_AND_QUARTER, {"day": known_until - YEAR}).fetchone()
    if not quarter:
        return {"refused": refused | {365: f"nobody spent anything in the 90 days from {known_until - YEAR} on"}}
    return {"refused": refused, "year_over_quarter": float(year / quarter)}


def _labelled(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> pd.DataFrame:
    labels = ", ".join(f"labels.sales_cents_{days}d as label_{days}d" for days in SEASON_OF)
    return labelled_customers(connection, "labels_value", labels, dates)
