"""Ways to tell who will leave, from the plainest to the blend that serves. All say P(label) for rows of features_customer."""

import re
from dataclasses import dataclass
from typing import Any, Protocol, Self

import catboost
import numpy as np
import pandas as pd
from scipy.special import expit, logit

from forecart import timing
from ml import bgnbd, effort, parallel, trees
from ml.season import Season
from ml.splits import HORIZON

# Recency, frequency and money: what analysts have used since direct mail (Fader, Hardie and Lee, RFM and CLV, 2005).
RECENCY = ("days_since_last_order",)
RFM = (
    *RECENCY,
    "days_since_last_order_ratio",
    "mean_interval_days",
    "count_orders_30d",
    "count_orders_60d",
    "count_orders_90d",
    "count_orders_180d",
    "count_orders_365d",
    "sales_cents_30d",
    "sales_cents_90d",
    "sales_cents_365d",
)
# Shallow trees that each see a third of the columns: a shop has thousands of customers, not millions, and columns that say much the same.
SETTINGS = {
    **trees.SETTINGS,
    "depth": 4,
    "learning_rate": 0.03,
    "l2_leaf_reg": 30,
    "rsm": 0.3,
}
WINDOW = re.compile(r"(?:count_orders|sales_cents|count_lines)_(\d+)d")
DECAYED = re.compile(r"decayed_orders_(\d+)d")
MONTH = re.compile(r"(?:count_orders|sales_cents)_month_(\d+)")
TREES = 0.7  # the trees' share of the blend's log-odds; the rest is the regression's


class Leaving(Protocol):
    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """Shape (customers,)."""

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """What each column adds to the log-odds, against the mean customer of the training: a row a customer."""


@dataclass(frozen=True)
class Rate:
    """Needs no training: orders as a Poisson process at the rate of the last 90 days, P(none in 30) = exp(-orders / 3)."""

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        return np.exp(-features["count_orders_90d"].to_numpy("float64") / 3)

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        orders = features["count_orders_90d"].astype("float64")
        return pd.DataFrame({"count_orders_90d": (orders.mean() - orders) / 3})


@dataclass(frozen=True)
class Logistic:
    """Logistic regression on the logarithms of `columns`."""

    columns: tuple[str, ...]
    fitted: Any

    @classmethod
    def fit(cls, columns: tuple[str, ...], features: pd.DataFrame, label: np.ndarray) -> Self:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return cls(columns, make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(_logarithms(features, columns), label))

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        return self.fitted.predict_proba(_logarithms(features, self.columns))[:, 1]

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """The SHAP values of a linear model: coefficient times distance from the mean."""
        scaler, regression = self.fitted
        return pd.DataFrame(scaler.transform(_logarithms(features, self.columns)) * regression.coef_, columns=list(self.columns))


@dataclass(frozen=True)
class BuyTillYouDie:
    """BG/NBD, see ml/bgnbd.py; knows no other label than staying away."""

    fitted: bgnbd.BgNbd

    @classmethod
    def fit(cls, features: pd.DataFrame) -> Self:
        return cls(bgnbd.fit(*_rhythm(features)))

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        return self.fitted.none_within(*_rhythm(features), HORIZON.days)


@dataclass(frozen=True)
class Blend:
    """Boosted trees and the RFM regression, averaged in log-odds: the trees order better, the regression keeps the very top steady.

    Orders come as a Poisson process, of which P(none) is e^-rate, and a season multiplies the rate: so it is the power of the probability.
    """

    trees: catboost.CatBoostClassifier
    rfm: Logistic
    season: Season | None = None

    @classmethod
    def fit(cls, features: pd.DataFrame, label: np.ndarray, season: Season | None = None) -> Self:
        full = at_full_length(features)
        classifier = catboost.CatBoostClassifier(**SETTINGS, iterations=effort.of(400), thread_count=parallel.threads())
        with timing.spent(timing.CATBOOST):
            classifier.fit(full, label)
        return cls(classifier, Logistic.fit(RFM, full, label), season)

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        full = at_full_length(features)
        with timing.spent(timing.CATBOOST):
            of_trees = self.trees.predict(full[self.trees.feature_names_], "RawFormulaVal", thread_count=parallel.threads())
        usual = expit(TREES * of_trees + (1 - TREES) * logit(self.rfm.probability(full)))
        return usual ** self.season.against_usual(features) if self.season else usual

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """SHAP values of both (Lundberg et al., From local explanations to global understanding with explainable AI for trees, 2020)."""
        names, full = self.trees.feature_names_, at_full_length(features)
        with timing.spent(timing.CATBOOST):
            pool = catboost.Pool(full[names])
            values = self.trees.get_feature_importance(pool, type="ShapValues", thread_count=parallel.threads())[:, :-1]
        return pd.DataFrame(TREES * values, columns=names).add((1 - TREES) * self.rfm.contributions(full), fill_value=0)


def at_full_length(features: pd.DataFrame) -> pd.DataFrame:
    """Windows longer than the shop's history as they would be at its pace, and what lies before it as unknown.

    Or else everybody would look busier at each cut-off of a young shop, as the windows fill, and fewer would be said to leave than do. Takes
    `history_days` away, so that rows told so already stay as they are.
    """
    if "history_days" not in features:
        return features
    history = features["history_days"].to_numpy("float64")
    scaled = {}
    for name in features.columns:
        if found := WINDOW.fullmatch(name):
            scaled[name] = features[name] * np.maximum(1, int(found[1]) / history)
        elif found := DECAYED.fullmatch(name):
            scaled[name] = features[name] / (1 - np.exp(-history / int(found[1])))
        elif found := MONTH.fullmatch(name):
            scaled[name] = features[name].where(history >= 30 * int(found[1]))
    return features.drop(columns="history_days").assign(**{name: of_name.astype("float32") for name, of_name in scaled.items()})


def _logarithms(features: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Counts and sums are skewed. Who ordered on one day only has no interval yet: its ratio counts as 1, the interval as a year."""
    unknown = {"days_since_last_order_ratio": 1, "mean_interval_days": 365}
    return np.log1p(at_full_length(features)[list(columns)].fillna(unknown).to_numpy("float64").clip(min=0))


def _rhythm(features: pd.DataFrame) -> list[np.ndarray]:
    """Repeats, days from first to last, days since first."""
    columns = ("count_intervals", "days_first_to_last_order", "days_since_first_order")
    return [features[column].to_numpy("float64") for column in columns]
