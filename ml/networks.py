"""Small neural networks beside trees: they are as good as trees where columns work together smoothly, and err elsewhere, so that the mean of
the two is better than either (docs/experiments.md). scikit-learn learns them by Adam (Kingma and Ba, Adam: A method for stochastic optimization,
2015); several of them, each from other weights, are asked together (Lakshminarayanan et al., Simple and scalable predictive uncertainty
estimation using deep ensembles, 2017)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from ml import calibration, effort

# Each of the networks begins from other weights, and their mean is steadier than any.
COUNT, EPOCHS = 3, 6
# An epoch has so many steps, each of so many rows at least and at most.
STEPS, LEAST_ROWS, MOST_ROWS = 400, 256, 1024
STEPS_AT_ONCE = 16
# Scales are those of so many rows.
SCALED_BY = 100_000
SETTINGS = {"hidden_layer_sizes": (64, 32), "alpha": 0.01, "learning_rate_init": 0.002}
# Beyond this, a probability of single precision is as good as 0 or 1.
SURE = 1e-7
LARGEST = np.finfo("float32").max


@dataclass(frozen=True)
class Networks:
    """`scaled`: scikit-learn's steps from features to what networks read. Rows have the columns, in the order, that were learned from."""

    scaled: Any
    members: list[Any]

    @classmethod
    def _fit(cls, kind: Callable[..., Any], features: pd.DataFrame, target: np.ndarray, weight: np.ndarray, **asked: Any) -> Self:
        """Some thousand rows are read at a time, so that there is never a second copy of all."""
        random = np.random.default_rng(7)
        scaled = make_pipeline(
            FunctionTransformer(_logarithms),
            SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            StandardScaler(),
            FunctionTransformer(np.clip, kw_args={"a_min": -4, "a_max": 4}),
        ).fit(features.iloc[random.permutation(len(target))[:SCALED_BY]])
        rows_a_step = min(max(len(target) // STEPS, LEAST_ROWS), MOST_ROWS, len(target))
        members = [kind(**SETTINGS, batch_size=rows_a_step, random_state=seed) for seed in range(COUNT)]
        parts = max(len(target) // (rows_a_step * STEPS_AT_ONCE), 1)
        _one_thread()
        for _ in range(effort.of(EPOCHS)):
            for rows in np.array_split(random.permutation(len(target)), parts):
                read = scaled.transform(features.iloc[rows])
                for member in members:
                    member.partial_fit(read, target[rows], weight[rows], **asked)
        return cls(scaled, members)

    def _read(self, features: pd.DataFrame) -> np.ndarray:
        _one_thread()
        return self.scaled.transform(features)


class Chances(Networks):
    @classmethod
    def fit(cls, features: pd.DataFrame, label: np.ndarray, weight: np.ndarray) -> Self:
        """Of rows in any order; labels are 0 and 1."""
        return cls._fit(MLPClassifier, features, label, weight, classes=[0, 1])

    def log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Shape (rows,)."""
        read = self._read(features)
        found = [member.predict_proba(read)[:, 1].astype("float64") for member in self.members]
        return calibration.log_odds(np.array(found), SURE).mean(axis=0)


class Rates(Networks):
    @classmethod
    def fit(cls, features: pd.DataFrame, counted: np.ndarray, exposure: np.ndarray) -> Self:
        """Of rows in any order: how many a unit of exposure, as a Poisson process counts them."""
        return cls._fit(partial(MLPRegressor, loss="poisson"), features, counted / exposure, exposure / exposure.mean())

    def log_rate(self, features: pd.DataFrame) -> np.ndarray:
        """Shape (rows,)."""
        read = self._read(features)
        return np.log([np.maximum(member.predict(read).astype("float64"), SURE) for member in self.members]).mean(axis=0)


@cache
def _one_thread() -> None:
    """With more threads, BLAS adds up in another order, and the same training would end elsewhere. For the whole process, from here on: to set
    it back would be felt by a training at the same time."""
    threadpool_limits(1, user_api="blas")


def _logarithms(features: pd.DataFrame) -> np.ndarray:
    """Counts, days and cents are skewed, and some are negative, or infinite where they are a share of nothing."""
    values = np.clip(features.to_numpy("float32"), -LARGEST, LARGEST)
    return np.copysign(np.log1p(np.abs(values)), values)
