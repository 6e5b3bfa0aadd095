"""The same for everybody: the products with the most buyers in the last 30 days."""

from dataclasses import dataclass

import numpy as np

from ml.baselines.history import History

GRID: list[dict] = [{}]


@dataclass(frozen=True)
class Popular:
    popularity: np.ndarray

    def score(self, rows: np.ndarray) -> np.ndarray:
        return np.tile(self.popularity.astype("float32"), (len(rows), 1))


def fit(history: History) -> Popular:
    return Popular(history.popularity / max(len(history.customers), 1))
