"""GP-TopFreq: what the customer bought most often, then what is popular (Li et al., A Next Basket Recommendation Reality Check, 2023)."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ml.baselines.history import History

GRID: list[dict] = [{}]


@dataclass(frozen=True)
class Frequency:
    """`counts` are orders with the product; popularity only decides between equal ones."""

    counts: sparse.csr_matrix
    popularity: np.ndarray

    def score(self, rows: np.ndarray) -> np.ndarray:
        return self.counts[rows].toarray() + self.popularity


def fit(history: History) -> Frequency:
    return Frequency(history.matrix(np.ones(len(history.customer))), below_one(history))


def below_one(history: History) -> np.ndarray:
    """Popularity as a share of the customers, halved: never as much as one order."""
    return (history.popularity / max(len(history.customers), 1) / 2).astype("float32")
