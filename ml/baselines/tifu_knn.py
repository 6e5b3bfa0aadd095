"""TIFU-KNN: a customer is a faded sum of baskets, mixed with the mean of the most similar customers.

Hu et al., Modeling Personalized Item Frequency Information for Next-basket Recommendation (2020). Baskets stand in groups from the
newest back; they fade within a group and groups fade among each other. Neighbours are looked for in a pool of bounded size, so that the
time grows with the customers and not with their square.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ml import effort
from ml.baselines.history import History

GRID = [
    {"neighbours": neighbours, "groups": groups, "within": 0.95, "among": among, "own": own}
    for neighbours in (100, 300)
    for groups, among in ((10, 0.8), (10, 0.9), (5, 0.8))
    for own in (0.5, 0.7)
]
POOL = 5000


@dataclass(frozen=True)
class TifuKnn:
    vectors: sparse.csr_matrix
    pool: sparse.csr_matrix
    pool_rows: np.ndarray
    neighbours: int
    own: float

    def score(self, rows: np.ndarray) -> np.ndarray:
        own = self.vectors[rows]
        return self.own * own.toarray() + (1 - self.own) * self.of_neighbours(rows)

    def of_neighbours(self, rows: np.ndarray) -> np.ndarray:
        """The mean vector of each customer's nearest ones by Euclidean distance, the customer left out, shape (rows, products)."""
        squares = np.asarray(self.pool.multiply(self.pool).sum(axis=1)).ravel()
        distances = squares - 2 * (self.vectors[rows] @ self.pool.T).toarray()  # the customer's own square moves all alike
        distances[self.pool_rows[None, :] == rows[:, None]] = np.inf
        count = min(self.neighbours, distances.shape[1] - 1)
        if count < 1:
            return np.zeros((len(rows), self.pool.shape[1]), dtype="float32")
        nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
        index = np.repeat(np.arange(len(nearest)), count)
        chosen = sparse.csr_matrix(
            (np.full(nearest.size, 1 / count, dtype="float32"), (index, nearest.ravel())), shape=(len(nearest), self.pool.shape[0])
        )
        return (chosen @ self.pool).toarray()


def fit(history: History, neighbours: int = 100, groups: int = 10, within: float = 0.95, among: float = 0.8, own: float = 0.5) -> TifuKnn:
    vectors = history.matrix(_basket_weights(history, groups, within, among))
    pool_rows = pool(history)
    return TifuKnn(vectors, vectors[pool_rows], pool_rows, neighbours, own)


def pool(history: History) -> np.ndarray:
    """Rows of the customers among whom neighbours are looked for: all, or every n-th by id where there are too many."""
    return effort.at_most(np.arange(len(history.customers)), POOL)


def _basket_weights(history: History, groups: int, within: float, among: float) -> np.ndarray:
    """What a purchase counts by its basket: faded within its group and by its group's age, as means over baskets and groups."""
    count_orders = history.count_orders[history.customer]
    size = -(-count_orders // groups)  # baskets a group
    used = -(-count_orders // size)
    group, place = np.divmod(history.age_orders, size)
    in_group = np.minimum(size, count_orders - group * size)
    return within**place / in_group * among**group / used
