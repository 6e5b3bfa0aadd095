"""How much will each customer spend in the next 30, 90 and 365 days? Trees and curves, beside the mean of three months and the last 30 days.

Customers are those who bought in the 90 days before `as_of_date`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd

from forecart.run import Run
from ml import measures, minima, shuffling, splits, trees
from ml.comparison import MODEL, Measure, Trials
from ml.frames import customers, labelled_customers
from ml.saved import Saved
from ml.season import SALES_30D, SALES_90D, SEASONS, Season
from ml.segments import by_orders
from ml.spending import Spend

TABLE = "customer_value"
HEADLINE = ("rmse", "lower")
CALIBRATED = {"total_bias": 0.1}
CEILING = {"gini": 0.99}
WINDOWS = 2
CHANCE = ("gini", 0.0)
HORIZONS = (30, 90, 365)
LEAST_ROWS = 200
# A horizon's first label needs as long again of history before it, or a habit of a year would be guessed from a month.
NEEDS_DAYS = {30: 0, 90: 90, 365: 365}
UNUSED = ["as_of_date", "customer_id", "batch_number", *SEASONS, *(f"label_{days}d" for days in HORIZONS)]
# A year holds each season once.
SEASON_OF = {30: SALES_30D, 90: SALES_90D}


@dataclass(frozen=True)
class Model(Saved):
    """`regressors` by horizon in days; a horizon without one is answered by the rule, beyond 30 days with the reason why it is not answered."""

    name: str
    regressors: dict[int, Spend] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    rule: str = "mean_of_3_months"

    def spend(self, features: pd.DataFrame, days: int = 30) -> np.ndarray:
        """Expected spend in cents over the next `days`, shape (customers,); nan where the horizon is refused."""
        if days in self.regressors:
            return self.regressors[days].cents(features)
        return RULES[self.rule](features) * days / 30 if days not in self.refused else np.full(len(features), np.nan)


def _mean_of_3_months(features: pd.DataFrame) -> np.ndarray:
    return features["sales_cents_90d"].to_numpy("float64") / 3


def _last_30_days(features: pd.DataFrame) -> np.ndarray:
    return features["sales_cents_30d"].to_numpy("float64")


RULES = {"mean_of_3_months": _mean_of_3_months, "last_30_days": _last_30_days}


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """Each horizon is learned on the cut-offs whose windows had ended when the newest 30 days did. Raises TooLittleData.

    A horizon beyond 30 days with history but with too few rows is three times, or twelve, what the rule says of 30 days.
    """
    frame, refused = _labelled(connection, dates), _refused(connection, dates)
    minima.ask(int((frame["label_30d"] > 0).sum()), LEAST_ROWS, "customers who spent anything")
    regressors = {}
    for days in HORIZONS:
        known = frame[frame["as_of_date"] <= pd.Timestamp(_last_cut_off(dates, days))].dropna(subset=f"label_{days}d")
        if days not in refused and (known[f"label_{days}d"] > 0).sum() >= LEAST_ROWS:
            learned = known.drop(columns=UNUSED, errors="ignore"), known[f"label_{days}d"].to_numpy("float64")
            regressors[days] = Spend.fit(*learned, Season.of(SEASON_OF[days], known) if days in SEASON_OF else None)
    return Model("catboost", regressors, refused)


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    return Model("baseline", refused=_refused(connection, dates))


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


def _refused(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> dict[int, str]:
    """The horizons beyond 30 days for which the history is too short, each with the reason."""
    first_day = splits.first_day(connection)
    refused = {}
    for days in HORIZONS[1:]:
        history = (max(dates) + splits.HORIZON - first_day).days if dates and first_day else 0
        if history < days + NEEDS_DAYS[days]:
            refused[days] = f"needs {days + NEEDS_DAYS[days]} days of history, there are {history}"
    return refused


def _labelled(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> pd.DataFrame:
    labels = ", ".join(f"labels.sales_cents_{days}d as label_{days}d" for days in HORIZONS)
    return labelled_customers(connection, "labels_value", labels, dates)
