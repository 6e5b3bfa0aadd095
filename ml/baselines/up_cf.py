"""UP-CF: what similar customers bought often of late.

Faggioli et al., Recency Aware Collaborative Filtering for Next Basket Recommendation (2020): popularity of a product within each
customer's last baskets, summed over customers by an asymmetric cosine of what they ever bought, raised to a power.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ml.baselines.history import History
from ml.baselines.tifu_knn import pool

GRID = [{"baskets": baskets, "power": power, "asymmetry": 0.25} for baskets in (25, 100) for power in (2, 5, 10)]


@dataclass(frozen=True)
class UpCf:
    bought: sparse.csr_matrix
    pool: sparse.csr_matrix
    frequency: sparse.csr_matrix
    power: float
    asymmetry: float

    def score(self, rows: np.ndarray) -> np.ndarray:
        own = self.bought[rows]
        common = (own @ self.pool.T).toarray()
        size, of_pool = own.getnnz(axis=1).astype("float32"), self.pool.getnnz(axis=1).astype("float32")
        similarity = common / (size[:, None] ** self.asymmetry * of_pool[None, :] ** (1 - self.asymmetry))
        similarity /= np.maximum(similarity.max(axis=1, keepdims=True), 1e-9)  # a power of small numbers would vanish
        weights = similarity**self.power
        weights[weights < 1e-4] = 0
        return (self.frequency.T @ weights.T).T  # most weights are above 0: as a full matrix they are multiplied five times as fast


def fit(history: History, baskets: int = 25, power: float = 5, asymmetry: float = 0.25) -> UpCf:
    among = np.minimum(history.count_orders, baskets)[history.customer]
    recent = np.where(history.age_orders < baskets, 1 / among, 0)
    rows = pool(history)
    return UpCf(history.bought, history.bought[rows], history.matrix(recent)[rows], power, asymmetry)
