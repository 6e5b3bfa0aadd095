"""Small neural networks beside trees: they are as good as trees where columns work together smoothly, and err elsewhere, so that the mean of
the two is better than either (docs/experiments.md)."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import logit
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from ml import effort

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
    """`scaled`: scikit-learn's steps from `columns` to what networks read."""

    columns: list[str]
    scaled: Any
    members: list[MLPClassifier]

    @classmethod
    def fit(cls, features: pd.DataFrame, label: np.ndarray, weight: np.ndarray) -> Self:
        """Of rows in any order. Some thousand are read at a time, so that there is never a second copy of all."""
        random = np.random.default_rng(7)
        scaled = make_pipeline(
            FunctionTransformer(_logarithms),
            SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            StandardScaler(),
            FunctionTransformer(np.clip, kw_args={"a_min": -4, "a_max": 4}),
        ).fit(features.iloc[random.permutation(len(label))[:SCALED_BY]])
        rows_a_step = min(max(len(label) // STEPS, LEAST_ROWS), MOST_ROWS, len(label))
        members = [MLPClassifier(**SETTINGS, batch_size=rows_a_step, random_state=seed) for seed in range(COUNT)]
        parts = max(len(label) // (rows_a_step * STEPS_AT_ONCE), 1)
        _one_thread()
        for _ in range(effort.of(EPOCHS)):
            for rows in np.array_split(random.permutation(len(label)), parts):
                read = scaled.transform(features.iloc[rows])
                for member in members:
                    member.partial_fit(read, label[rows], weight[rows], classes=[0, 1])
        return cls(list(features.columns), scaled, members)

    def log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Shape (rows,)."""
        _one_thread()
        read = self.scaled.transform(features[self.columns])
        found = [member.predict_proba(read)[:, 1].astype("float64") for member in self.members]
        return logit(np.clip(found, SURE, 1 - SURE)).mean(axis=0)


@cache
def _one_thread() -> None:
    """With more threads, BLAS adds up in another order, and the same training would end elsewhere. For the whole process, from here on: to set
    it back would be felt by a training at the same time."""
    threadpool_limits(1, user_api="blas")


def _logarithms(features: pd.DataFrame) -> np.ndarray:
    """Counts, days and cents are skewed, and some are negative, or infinite where they are a share of nothing."""
    values = np.clip(features.to_numpy("float32"), -LARGEST, LARGEST)
    return np.copysign(np.log1p(np.abs(values)), values)
