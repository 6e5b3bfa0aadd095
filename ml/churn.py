"""Who will buy nothing in the next 30 days? CatBoost beside a logistic regression on recency, frequency and money.

Customers are those who bought in the 90 days before `as_of_date`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import catboost
import duckdb
import numpy as np
import pandas as pd

from forecart import settings, timing
from forecart.run import Run
from ml import measures
from ml.comparison import MODEL, Trials
from ml.frames import fetch, listed
from ml.saved import Saved

TABLE = "churn_risk"
HEADLINE = ("auc", "higher")
KEYS = ["as_of_date", "customer_id", "batch_number", "is_churned"]
RFM = [
    "days_since_last_order",
    "days_since_last_order_ratio",
    "count_orders_30d",
    "count_orders_90d",
    "count_orders_365d",
    "sales_cents_90d",
]
TIERS = [(0.5, "high"), (0.2, "medium"), (0.0, "low")]
SETTINGS = {
    "iterations": 300,
    "depth": 4,
    "learning_rate": 0.03,
    "l2_leaf_reg": 10,
    "random_seed": 7,
    "verbose": False,
    "allow_writing_files": False,
}


@dataclass(frozen=True)
class Model(Saved):
    """`fitted` is a CatBoost classifier, a scikit-learn pipeline, or None for the rule that needs no training."""

    name: str
    fitted: Any

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """P(no purchase in the next 30 days), shape (customers,)."""
        if self.fitted is None:
            # Orders as a Poisson process at the rate of the last 90 days: P(none in 30) = exp(-orders / 3).
            return np.exp(-features["count_orders_90d"].to_numpy("float64") / 3)
        if self.name == "catboost":
            with timing.spent(timing.CATBOOST):
                return self.fitted.predict_proba(features[self.fitted.feature_names_], thread_count=settings.threads())[:, 1]
        return self.fitted.predict_proba(_rfm(features))[:, 1]


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    frame = _labelled(connection, dates)
    if frame["is_churned"].nunique() < 2:
        return fit_baseline(connection, dates)  # nothing to tell apart
    features = frame.drop(columns=[key for key in KEYS if key in frame])
    classifier = catboost.CatBoostClassifier(**SETTINGS, thread_count=settings.threads())
    with timing.spent(timing.CATBOOST):
        classifier.fit(features, frame["is_churned"].astype(int))
    return Model("catboost", classifier)


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """RFM logistic regression; without labels of both kinds, the rule that needs none."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame = _labelled(connection, dates) if dates else None
    if frame is None or frame["is_churned"].nunique() < 2:
        return Model("baseline", None)
    return Model("baseline", make_pipeline(StandardScaler(), LogisticRegression()).fit(_rfm(frame), frame["is_churned"].astype(int)))


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Trials:
    """The model and the RFM regression, both fitted on the earlier cut-offs; a unit is a customer."""
    frame = _labelled(connection, [cut_off])
    methods = {MODEL: fit(connection, earlier), "rfm": fit_baseline(connection, earlier)}
    return {
        method: measures.of_probabilities(frame["customer_id"].to_numpy(), frame["is_churned"].to_numpy(int), model.probability(frame))
        for method, model in methods.items()
    }


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """One row per customer who bought in the 90 days before the run's date, those most at risk first."""
    frame = fetch(connection, "select * from features.features_customer where as_of_date = ? order by customer_id", [run.as_of_date])
    probability = model.probability(frame)
    predicted = pd.DataFrame(
        {
            "as_of_date": run.as_of_date,
            "customer_id": frame["customer_id"],
            "churn_probability": probability,
            "risk_tier": np.select([probability >= bound for bound, _ in TIERS], [tier for _, tier in TIERS], "low"),
            "days_since_last_order": frame["days_since_last_order"].astype("int32"),
            "usual_interval_days": frame["mean_interval_days"].astype("float64").round(1),
            "count_orders_90d": frame["count_orders_90d"].astype("int32"),
            "sales_cents_90d": frame["sales_cents_90d"].astype("int64"),
        }
    )
    yield TABLE, predicted.sort_values(["churn_probability", "customer_id"], ascending=[False, True], ignore_index=True)


def _labelled(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> pd.DataFrame:
    return fetch(
        connection,
        f"""
        select features.*, labels.is_churned
        from training.features_customer as features
        inner join training.labels_churn as labels using (as_of_date, customer_id)
        where as_of_date in ({listed(dates)})
        order by as_of_date, customer_id
        """,
    )


def _rfm(frame: pd.DataFrame) -> np.ndarray:
    """Skewed counts and sums on a log scale; an unknown interval ratio (one order only) counts as 1."""
    return np.log1p(frame[RFM].fillna(1).to_numpy("float64").clip(min=0))
