"""What a customer will spend, by trees and by curves.

Tweedie's loss aims at the mean, so that totals come true. Squared errors of square roots aim lower, at what a customer usually spends, and lose a
tenth of the total, or half of it where most spend nothing: as much of them is mixed in as costs two percent of the total, which brings the
error of single customers down (docs/experiments.md).
"""

from dataclasses import dataclass
from functools import partial
from typing import Self

import catboost
import numpy as np
import pandas as pd

from forecart import timing
from ml import effort, parallel, trees
from ml.additive import Additive
from ml.habits import SPENDING, at_full_length, beyond_windows
from ml.season import Season

SHARE_OF_ROOTS, LOSS_OF_TOTAL = 0.35, 0.02
SETTINGS = {
    **trees.SETTINGS,
    "depth": 4,
    "learning_rate": 0.05,
    "l2_leaf_reg": 10,
    "rsm": 0.5,
}
POWER = 1.5


@dataclass(frozen=True)
class Mean:
    """By Tweedie's loss. `level`: the mean of what was learned from, so that the curves' penalty weighs as much in any currency."""

    trees: catboost.CatBoostRegressor
    curves: Additive
    level: float

    @classmethod
    def fit(cls, columns: tuple[str, ...], features: pd.DataFrame, cents: np.ndarray) -> Self:
        """Trees of all features, curves of `columns`."""
        from sklearn.linear_model import TweedieRegressor

        level = float(cents.mean())
        curves = TweedieRegressor(power=POWER, alpha=0.01, link="log", solver="newton-cholesky", max_iter=200)
        of_trees = _trees(f"Tweedie:variance_power={POWER}", features, cents)
        return cls(of_trees, Additive.curves(columns, features, cents / level, curves), level)

    def cents(self, features: pd.DataFrame) -> np.ndarray:
        rows = features[self.trees.feature_names_]
        of_trees = self.trees.predict(rows, prediction_type="Exponent", thread_count=parallel.threads())
        return (of_trees + self.level * self.curves.mean(features)) / 2


@dataclass(frozen=True)
class Usual:
    """By the squared errors of square roots."""

    trees: catboost.CatBoostRegressor
    curves: Additive

    @classmethod
    def fit(cls, columns: tuple[str, ...], features: pd.DataFrame, cents: np.ndarray) -> Self:
        from sklearn.linear_model import Ridge

        roots = np.sqrt(cents)
        return cls(_trees("RMSE", features, roots), Additive.curves(columns, features, roots, Ridge(30)))

    def cents(self, features: pd.DataFrame) -> np.ndarray:
        rows = features[self.trees.feature_names_]
        roots = self.trees.predict(rows, thread_count=parallel.threads()), self.curves.mean(features)
        return sum(np.maximum(of_way, 0) ** 2 for of_way in roots) / 2


@dataclass(frozen=True)
class Spend:
    """Expected cents of one horizon: the mean, with `share` of what is usual in it, times the season."""

    mean: Mean
    usual: Usual
    share: float
    season: Season | None = None

    @classmethod
    def fit(cls, features: pd.DataFrame, cents: np.ndarray, season: Season | None = None) -> Self:
        columns, full = SPENDING + beyond_windows(features), at_full_length(features)
        with timing.spent(timing.CATBOOST):
            mean, usual = parallel.run([partial(way.fit, columns, full, cents) for way in (Mean, Usual)])
            lost = 1 - float(usual.cents(full).sum() / cents.sum())
        return cls(mean, usual, min(SHARE_OF_ROOTS, LOSS_OF_TOTAL / max(lost, 1e-9)), season)

    def cents(self, features: pd.DataFrame) -> np.ndarray:
        full = at_full_length(features)
        with timing.spent(timing.CATBOOST):
            cents = (1 - self.share) * self.mean.cents(full) + self.share * self.usual.cents(full)
        return cents * self.season.against_usual(features) if self.season else cents


def _trees(loss: str, features: pd.DataFrame, label: np.ndarray) -> catboost.CatBoostRegressor:
    regressor = catboost.CatBoostRegressor(**SETTINGS, iterations=effort.of(300), loss_function=loss, thread_count=parallel.threads())
    return trees.fit(regressor, features, label)
