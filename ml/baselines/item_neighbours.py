"""What is bought by those who buy the same: products near each other in BM25 weights, a few neighbours each."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ml.baselines.history import History

GRID = [{"neighbours": neighbours} for neighbours in (20, 50)]
K1, B = 1.2, 0.75
LEAST_BUYERS, BLOCK, MOST_PRODUCTS = 5, 1000, 10_000


@dataclass(frozen=True)
class ItemNeighbours:
    weights: sparse.csr_matrix
    near: sparse.csr_matrix

    def score(self, rows: np.ndarray) -> np.ndarray:
        return (self.weights[rows] @ self.near).toarray()


def fit(history: History, neighbours: int = 20) -> ItemNeighbours:
    """Only products with some buyers have neighbours, and only the most popular ones where there are very many."""
    buyers = history.bought.getnnz(axis=0)
    known = np.flatnonzero(buyers >= LEAST_BUYERS)[:MOST_PRODUCTS]
    weights = _bm25(history.bought)
    columns = weights[:, known].tocsc()
    near = []
    for first in range(0, len(known), BLOCK):
        block = (columns[:, first : first + BLOCK].T @ columns).toarray()
        block[np.arange(len(block)), first + np.arange(len(block))] = 0
        count = min(neighbours, block.shape[1])
        best = np.argpartition(-block, count - 1, axis=1)[:, :count]
        index = np.repeat(np.arange(len(block)), count)
        near.append(sparse.csr_matrix((np.take_along_axis(block, best, axis=1).ravel(), (index, known[best.ravel()])),
                                      shape=(len(block), len(buyers))))  # fmt: skip
    spread = sparse.csr_matrix((np.ones(len(known), dtype="float32"), (known, np.arange(len(known)))), shape=(len(buyers), len(known)))
    return ItemNeighbours(weights, (spread @ sparse.vstack(near)).tocsr() if near else sparse.csr_matrix((len(buyers), len(buyers))))


def _bm25(bought: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rare products weigh more, and so do those of customers who buy few."""
    length = bought.getnnz(axis=1)
    rarity = np.log1p(bought.shape[0] / (1 + bought.getnnz(axis=0)))
    norm = (K1 + 1) / (1 + K1 * (1 - B + B * length / max(length.mean(), 1)))
    return sparse.csr_matrix(sparse.diags(norm) @ bought @ sparse.diags(rarity), dtype="float32")
