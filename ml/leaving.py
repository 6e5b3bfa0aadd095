"""Ways to tell who will leave, from the plainest to the blend that serves. All say P(label) for rows of features_customer."""

from dataclasses import dataclass
from typing import Protocol, Self

import catboost
import numpy as np
import pandas as pd
from scipy.special import expit

from forecart import timing
from ml import bgnbd, calibration, effort, parallel, trees
from ml.additive import Additive
from ml.habits import at_full_length, beyond_windows
from ml.season import Season
from ml.splits import HORIZON

# Shallow trees that each see a third of the columns: a shop has thousands of customers, not millions, and columns that say much the same.
SETTINGS = {
    **trees.SETTINGS,
    "depth": 4,
    "learning_rate": 0.03,
    "l2_leaf_reg": 30,
    "rsm": 0.3,
}
# What BG/NBD reads, of all of a customer's history.
HISTORY = ("days_since_last_order", "count_repeats", "days_since_first_order")
# Each curve is a column's; together they are held back as much as this.
PENALTY = {"C": 0.02, "max_iter": 500}


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
    """Logistic regression, which without curves is what a model is held against."""

    additive: Additive

    @classmethod
    def fit(cls, columns: tuple[str, ...], features: pd.DataFrame, label: np.ndarray) -> Self:
        from sklearn.linear_model import LogisticRegression

        return cls(Additive.lines(columns, features, label, LogisticRegression(max_iter=500)))

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        return expit(self.additive.log_odds(features))

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        return self.additive.contributions(features)


@dataclass(frozen=True)
class BuyTillYouDie:
    """BG/NBD, see ml/bgnbd.py; knows no other label than staying away."""

    fitted: bgnbd.BgNbd

    @classmethod
    def fit(cls, features: pd.DataFrame) -> Self:
        return cls(bgnbd.fit(*_history(features)))

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        return self.fitted.none_within(*_history(features), HORIZON.days)

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """One column at a time, the others as they are."""
        read = features[list(HISTORY)].astype("float64")
        whole = self._log_odds(read)
        return pd.DataFrame({name: whole - self._log_odds(read.assign(**{name: read[name].mean()})) for name in HISTORY})

    def _log_odds(self, features: pd.DataFrame) -> np.ndarray:
        return calibration.log_odds(self.probability(features))


@dataclass(frozen=True)
class Blend:
    """Boosted trees and a regression of curves, averaged in log-odds."""

    trees: catboost.CatBoostClassifier
    curves: Additive
    season: Season

    @classmethod
    def fit(cls, columns: tuple[str, ...], features: pd.DataFrame, label: np.ndarray, season: Season) -> Self:
        """Trees of all features, curves of `columns`, and of what reaches beyond windows where it tells more."""
        from sklearn.linear_model import LogisticRegression

        columns, full = columns + beyond_windows(features), at_full_length(features)
        classifier = catboost.CatBoostClassifier(**SETTINGS, iterations=effort.of(400), thread_count=parallel.threads())
        with timing.spent(timing.CATBOOST):
            trees.fit(classifier, full, label)
        return cls(classifier, Additive.curves(columns, full, label, LogisticRegression(**PENALTY)), season)

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        full = at_full_length(features)
        with timing.spent(timing.CATBOOST):
            of_trees = self.trees.predict(full[self.trees.feature_names_], "RawFormulaVal", thread_count=parallel.threads())
        return self.season.none(expit((of_trees + self.curves.log_odds(full)) / 2), features)

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """SHAP values of both (Lundberg et al., From local explanations to global understanding with explainable AI for trees, 2020)."""
        names, full = self.trees.feature_names_, at_full_length(features)
        with timing.spent(timing.CATBOOST):
            pool = catboost.Pool(full[names])
            values = self.trees.get_feature_importance(pool, type="ShapValues", thread_count=parallel.threads())[:, :-1]
        return pd.DataFrame(values, columns=names).add(self.curves.contributions(full), fill_value=0) / 2


def _history(features: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeats, days from the first order to the last, and days since the first."""
    since_last, repeats, since_first = features[list(HISTORY)].to_numpy("float64").T
    return repeats, np.maximum(since_first - since_last, 0), since_first
