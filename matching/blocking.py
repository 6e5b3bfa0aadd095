"""Which pairs are compared at all: those that share rare words, model numbers or runs of characters, or two words that are rare together."""

from itertools import combinations

import numpy as np
from scipy import sparse

_CHUNK = 2000
# A term that more products than this carry tells little of any: the work of a term stays below this number squared, and the whole near-linear.
MOST_CARRIERS = 100
_COMBINED = 5  # of a name's common words, the rarest that are combined


def nearest(left: sparse.csr_matrix, right: sparse.csr_matrix, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions (left, right) of each product's `count` nearest of the other side, from either side, each pair once.

    left, right: terms' weights (products x terms). Only terms that few products of either side carry count.
    """
    rare = (_carriers(left) <= MOST_CARRIERS) & (_carriers(right) <= MOST_CARRIERS)
    left, right = left[:, rare], right[:, rare]
    there = _best(left, right, count)
    back = _best(right, left, count)
    pairs = np.unique(np.vstack([there, back[:, ::-1]]), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _carriers(terms: sparse.csr_matrix) -> np.ndarray:
    return np.bincount(terms.indices, minlength=terms.shape[1])


def _best(these: sparse.csr_matrix, those: sparse.csr_matrix, count: int) -> np.ndarray:
    """Pairs (of these, of those), at most `count` of each of these."""
    others = those.T.tocsr()
    found = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, these.shape[0], _CHUNK):
        likeness = (these[start : start + _CHUNK] @ others).tocoo()
        rows, columns, values = likeness.row.astype(np.int64) + start, likeness.col.astype(np.int64), likeness.data
        # Equal likeness: the earlier position, so that a rerun finds the same.
        order = np.lexsort((columns, -values, rows))
        rows, columns = rows[order], columns[order]
        starts = np.r_[0, np.flatnonzero(np.diff(rows)) + 1]
        place = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)])) if len(rows) else rows
        found.append(np.column_stack([rows, columns])[place < count])
    return np.vstack(found)


def combined(left: sparse.csr_matrix, right: sparse.csr_matrix) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Every two of the rarest common words of each name as one term: where a brand and a series are many products', both together are few.

    left, right: weights of words (products x words). A word that few carry needs no other.
    """
    common = ((_carriers(left) > MOST_CARRIERS) | (_carriers(right) > MOST_CARRIERS)) & (_carriers(left) > 0) & (_carriers(right) > 0)
    sides = [_two_by_two(side[:, common]) for side in (left, right)]
    terms, columns = np.unique(np.concatenate([keys for _, keys, _ in sides]), return_inverse=True)
    of_left = len(sides[0][1])
    return tuple(
        sparse.csr_matrix((values, (rows, own)), shape=(side.shape[0], max(1, len(terms))), dtype=np.float32)
        for side, (rows, _, values), own in zip((left, right), sides, (columns[:of_left], columns[of_left:]), strict=True)
    )


def _two_by_two(words: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(product, key of two words, weight), of each product's _COMBINED words of the greatest weight."""
    row = np.repeat(np.arange(words.shape[0]), np.diff(words.indptr))
    order = np.lexsort((words.indices, -words.data, row))
    place = np.arange(len(order)) - np.repeat(words.indptr[:-1], np.diff(words.indptr))
    kept = place < _COMBINED
    word = np.full((words.shape[0], _COMBINED), -1, dtype=np.int64)
    weight = np.zeros(word.shape)
    word[row[kept], place[kept]] = words.indices[order][kept]
    weight[row[kept], place[kept]] = words.data[order][kept]
    found = []
    for one, other in combinations(range(_COMBINED), 2):
        there = np.flatnonzero(word[:, other] >= 0)
        first, second = np.minimum(word[there, one], word[there, other]), np.maximum(word[there, one], word[there, other])
        found.append((there, first * words.shape[1] + second, np.hypot(weight[there, one], weight[there, other])))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))
