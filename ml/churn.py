"""Who will buy nothing in the next 30 days, and whose spending will halve? Trees and curves, beside an RFM regression
and simpler rules.

Customers are those who bought in the 90 days before `as_of_date`; what became of them is learned from dates ten days apart. Beside each
risk stand its reasons, what the customer would spend, and which offer is worth making (ml/retention.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import duckdb
import numpy as np
import pandas as pd

from forecart import consent, timing
from forecart.run import Run
from ml import measures, metrics, minima, parallel, registry, retention, risk_reasons, shuffling, splits, trees, uplift, value
from ml.comparison import MODEL, Measure, Trials
from ml.frames import customers, labelled_customers
from ml.habits import RECENCY, RFM, RHYTHM, SPENDING
from ml.leaving import Blend, BuyTillYouDie, Leaving, Logistic, Rate
from ml.saved import Saved
from ml.season import ORDERS_30D, SALES_30D, SEASONS, Season
from ml.segments import by_orders

TABLE = "churn_risk"
HEADLINE = ("auc", "higher")
CALIBRATED = {"ece_beyond_chance": 0.02, "promised_over_kept": 0.25}
CEILING = {"auc": 0.99}
WINDOWS = 2
CHANCE = {"auc": 0.5}
LEAST_ROWS, LEAST_OF_A_KIND = 200, 20
UNUSED = ["as_of_date", "customer_id", "batch_number", "is_churned", "is_spend_halved", *SEASONS]
# What is to be told of a customer -> what its curves are drawn of, and the season that moves it.
LABELS = {"is_churned": (RHYTHM, ORDERS_30D), "is_spend_halved": (SPENDING, SALES_30D)}
TIERS = [(0.5, "high"), (0.2, "medium"), (0.0, "low")]


@dataclass(frozen=True)
class Model(Saved):
    """`away` says P(no purchase in the next 30 days); `halved` P(less than half of the mean 30 days of the last 90 is spent)."""

    name: str
    away: Leaving
    halved: Leaving

    def risks(self, features: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Both, shape (customers,) each. Who buys nothing spends nothing: where there was something to halve, one risk holds the other."""
        away = self.away.probability(features)
        return away, np.maximum(self.halved.probability(features), np.where(features["sales_cents_90d"] > 0, away, 0))


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """Raises TooLittleData where a model would learn persons, not habits."""
    frame = _labelled(connection, splits.closer(dates))
    apart = frame[frame["as_of_date"].isin(pd.to_datetime(dates))]  # windows that overlap tell of the same days twice
    minima.ask(len(apart), LEAST_ROWS, "labelled customers")
    rarer = {label: int(min(apart[label].sum(), (~apart[label]).sum())) for label in LABELS}
    minima.ask(rarer["is_churned"], LEAST_OF_A_KIND, "customers of the rarer kind of is_churned")
    features = _features(frame)
    # Where nothing has a price nobody's spending halves: who leaves can be told all the same.
    fits = [
        partial(Blend.fit, columns, features, frame[label].to_numpy(int), Season.of(season, frame))
        if rarer[label] >= LEAST_OF_A_KIND
        else partial(_plain, frame, label)
        for label, (columns, season) in LABELS.items()
    ]
    with timing.spent(timing.CATBOOST):
        return Model("catboost", *parallel.run(fits))


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """RFM regressions, or for who stays away BG/NBD, where its probabilities were nearer to what came of the newest window; without labels of both
    kinds, the rule that needs none."""
    rfm, frame = _rfm(connection, dates), _labelled(connection, dates)
    *earlier, newest = [day.date() for day in sorted(frame["as_of_date"].unique())] or [None]
    if not earlier:
        return rfm
    judged = frame[frame["as_of_date"] == pd.Timestamp(newest)]

    def brier(way: Leaving) -> float:
        return metrics.brier(judged["is_churned"].to_numpy(float), way.probability(judged), np.ones(len(judged)))

    if brier(_rfm(connection, earlier).away) <= brier(_bg_nbd(connection, earlier)):
        return rfm
    return replace(rfm, away=_bg_nbd(connection, [newest]))


def judge(model: Model, connection: duckdb.DuckDBPyConnection, cut_off: date) -> dict[str, Measure]:
    """What the model reaches at a cut-off whose window is known; a unit is a customer."""
    frame = _labelled(connection, [cut_off])
    return _measures(frame, "is_churned", model.away) | _measures(frame, "is_spend_halved", model.halved, "halved_")


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date], model: Model) -> Trials:
    """The model and three rules."""
    methods = {MODEL: model, "rfm": _rfm(connection, earlier)}
    judged = {method: judge(way, connection, cut_off) for method, way in methods.items()}
    seen, frame = _labelled(connection, earlier), _labelled(connection, [cut_off])
    rules = {
        "recency": Logistic.fit(RECENCY, seen, seen["is_churned"].to_numpy(int)),
        "bg_nbd": _bg_nbd(connection, earlier),
    }
    return judged | {name: _measures(frame, "is_churned", rule) for name, rule in rules.items()}


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """`churn_risk`: one row per customer who bought in the 90 days before the run's date, those most at risk first; then the offers."""
    frame = customers(connection, "features", run.as_of_date)
    probability, halved = model.risks(frame)
    served = registry.serving(run, "value")
    spend = (served.load() if served else value.fit_baseline(connection, [])).spend(frame)
    why = risk_reasons.top(model.away.contributions(frame), frame, risk_reasons.of_customers(run.shop.currency))
    predicted = pd.DataFrame(
        {
            "as_of_date": run.as_of_date,
            "customer_id": frame["customer_id"],
            "churn_probability": probability,
            "spend_halved_probability": halved,
            "risk_tier": np.select([probability >= bound for bound, _ in TIERS], [tier for _, tier in TIERS], "low"),
            "expected_sales_cents_30d": pd.Series(spend).round().astype("int64"),
            **{f"reason_{place + 1}": why[:, place] for place in range(why.shape[1])},
            "days_since_last_order": frame["days_since_last_order"].astype("int32"),
            "usual_interval_days": frame["mean_interval_days"].astype("float64").round(1),
            "count_orders_90d": frame["count_orders_90d"].astype("int32"),
            "sales_cents_90d": frame["sales_cents_90d"].astype("int64"),
        }
    )
    yield TABLE, predicted.sort_values(["churn_probability", "customer_id"], ascending=[False, True], ignore_index=True)
    offers = uplift.corrected(connection, retention.declared(run.shop.name))
    may_be_asked = set(frame["customer_id"]) - consent.refused(connection)
    yield retention.TABLE, retention.plan(predicted, offers, may_be_asked, retention.under_way(run))


def curves(model: Model, connection: duckdb.DuckDBPyConnection, cut_off: date) -> dict[str, list[float]]:
    """Calibration and lift at a cut-off whose window is known."""
    frame = _labelled(connection, [cut_off])
    return metrics.curves(frame["is_churned"].to_numpy("float64"), model.away.probability(frame))


def importances(model: Model) -> dict[str, float]:
    """column -> percent of the trees' decisions; nothing of a baseline."""
    return trees.importances(model.away.trees) if isinstance(model.away, Blend) else {}


def shuffle(connection: duckdb.DuckDBPyConnection) -> None:
    shuffling.of_customers(connection, "labels_churn")


def scores(model: Model, connection: duckdb.DuckDBPyConnection, schema: str, day: date) -> np.ndarray:
    """P(no purchase) of everybody at a date of schema features or training, shape (customers,)."""
    return model.away.probability(customers(connection, schema, day))


def _rfm(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    frame = _labelled(connection, splits.closer(dates))
    return Model("baseline", *(_plain(frame, label) for label in LABELS))


def _bg_nbd(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> BuyTillYouDie:
    """Fitted on the newest cut-off, whose history holds the earlier ones'."""
    return BuyTillYouDie.fit(_labelled(connection, [max(dates)]))


def _plain(frame: pd.DataFrame, label: str) -> Leaving:
    return Logistic.fit(RFM, frame, frame[label].to_numpy(int)) if frame[label].nunique() == 2 else Rate()


def _measures(frame: pd.DataFrame, label: str, way: Leaving, name: str = "") -> dict[str, Measure]:
    units, is_true, told = frame["customer_id"].to_numpy(), frame[label].to_numpy(int), {"segments": by_orders(frame)}
    probability = way.probability(frame)
    return measures.of_probabilities(units, is_true, probability, name=name, **told) | measures.of_risks(
        units, is_true, probability, name=name, **told
    )


def _features(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[column for column in UNUSED if column in frame])


def _labelled(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> pd.DataFrame:
    return labelled_customers(connection, "labels_churn", "labels.is_churned, labels.is_spend_halved", dates)
