"""How sure a pair is, learned without labels.

A pair of products is a candidate match when each is the other's best. What such a pair looks like when it is no match can be seen: take the presumed
matches away, and look at the pairs that are best then, the decoys. A logistic regression tells the two apart, is asked for its own opinion of the
candidates, and learns again, until it changes its mind no more. This is the semi-supervised target-decoy method of proteomics
(Käll et al. 2007, "Semi-supervised learning for peptide identification from shotgun proteomics datasets", Nature Methods 4), with the share of true
candidates estimated as Storey (2002) does it.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

_ROUNDS = 40
_SETTLED = 0.002  # mean change of the probabilities
_ENOUGH = 30  # decoys or candidates below which nothing can be learned
_MOST = 20_000  # candidates a regression is fitted on


@dataclass
class Pairs:
    """Compared pairs: positions left and right, and what is known of each pair (pairs x witnesses)."""

    rows: np.ndarray
    columns: np.ndarray
    witnesses: np.ndarray

    def among(self, chosen: np.ndarray) -> "Pairs":
        """The pairs at these positions."""
        return Pairs(self.rows[chosen], self.columns[chosen], self.witnesses[chosen])


def mutual_best(pairs: Pairs, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the pairs that are the best of both their products, and by how much they are better than the next best of either."""
    ahead_left, best_left = _ahead(pairs.rows, score)
    ahead_right, best_right = _ahead(pairs.columns, score)
    chosen = np.flatnonzero(best_left & best_right)
    return chosen, np.minimum(ahead_left, ahead_right)[chosen]


def _ahead(products: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each pair, its score less that of the best other pair of its product (0 if there is no other), and whether it is the product's best."""
    order = np.lexsort((-score, products))
    first = np.r_[True, products[order][1:] != products[order][:-1]][: len(order)]
    second = np.r_[False, first[:-1]][: len(order)] & ~first
    ahead, best = np.zeros(len(order)), np.zeros(len(order), dtype=bool)
    next_best = np.zeros(products.max(initial=-1) + 1)
    next_best[products[order][second]] = score[order][second]
    leaders = order[first]
    ahead[leaders] = score[leaders] - next_best[products[leaders]]
    best[leaders] = True
    return ahead, best


class Judge:
    """What was learned of a pair of catalogues: a score to rank pairs by, and the probability that a mutually best pair is one product."""

    def __init__(self, pairs: Pairs, likeness: np.ndarray, guess: np.ndarray) -> None:
        """pairs: every compared pair; likeness: a first score of each, ≥ 0; guess: a probability of each where too few pairs teach a better one."""
        self._pairs, self._guess, self._ranks, self._believes = pairs, guess, None, None
        score, presumed, before = likeness, None, None
        for _ in range(_ROUNDS):
            found, ahead = mutual_best(pairs, score)
            rest = np.setdiff1d(np.arange(len(score)), found)
            decoys, ahead_decoys = mutual_best(pairs.among(rest), score[rest])
            decoys = rest[decoys]
            if min(len(found), len(decoys)) < _ENOUGH:
                break
            if presumed is None:  # later scores are learned from these very pairs, and flatter them
                most = 1 - min(1.0, 2 * np.mean(score[found] < np.median(score[decoys])))
            belief = _first_belief(score[found], score[decoys]) if presumed is None else presumed[found]
            # A decoy shows what no match looks like as far as its products' presumed partners are theirs.
            weight = np.minimum(
                self._of_products(pairs.rows, found, belief)[decoys], self._of_products(pairs.columns, found, belief)[decoys]
            )
            share = float(np.clip(min(belief.mean(), most), 0.001, 0.99))
            self._ranks = _Opinion(pairs.witnesses[found], belief, pairs.witnesses[decoys], weight, share)
            self._believes = _Opinion(
                np.column_stack([pairs.witnesses[found], ahead]),
                belief,
                np.column_stack([pairs.witnesses[decoys], ahead_decoys]),
                weight,
                share,
            )
            presumed = np.full(len(score), 0.3)  # of a pair that becomes best in the next round
            presumed[found] = self._believes.probability(np.column_stack([pairs.witnesses[found], ahead]))
            score = self.score(likeness)
            if before is not None and np.mean(np.abs(presumed - before)[found]) < _SETTLED:
                break
            before = presumed

    @staticmethod
    def _of_products(products: np.ndarray, found: np.ndarray, belief: np.ndarray) -> np.ndarray:
        """For each pair, the belief in the match found for its product."""
        of_product = np.zeros(products.max(initial=-1) + 1)
        of_product[products[found]] = belief
        return of_product[products]

    @property
    def learned(self) -> bool:
        """Whether there was enough to learn from."""
        return self._ranks is not None

    def score(self, likeness: np.ndarray) -> np.ndarray:
        """The score of every compared pair, ≥ 0; its likeness where nothing was learned."""
        if not self.learned:
            return likeness
        score = self._ranks.logit(self._pairs.witnesses)
        return score - score.min()

    def probability(self, chosen: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        """Of the mutually best pairs at these positions, so far ahead of their rivals; the guess where nothing was learned."""
        if not self.learned:
            return self._guess[chosen]
        return self._believes.probability(np.column_stack([self._pairs.witnesses[chosen], ahead]))


def _first_belief(found: np.ndarray, decoys: np.ndarray) -> np.ndarray:
    """Before anything is learned: likely, what is better than nine of ten decoys."""
    return np.where(found > np.quantile(decoys, 0.9), 0.95, 0.1)


class _Opinion:
    """A logistic regression of candidates, each a match as far as it is believed one, against decoys."""

    def __init__(self, found: np.ndarray, belief: np.ndarray, decoys: np.ndarray, weight: np.ndarray, share: float) -> None:
        step, step_decoys = -(-len(found) // _MOST), -(-len(decoys) // _MOST)
        found, belief, decoys, weight = found[::step], belief[::step], decoys[::step_decoys], weight[::step_decoys]
        rows = np.vstack([found, found, decoys])
        is_match = np.r_[np.ones(len(found)), np.zeros(len(found) + len(decoys))]
        weights = np.r_[belief, 1 - belief, weight] + 1e-9
        self._mean, self._spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
        self._regression = LogisticRegression(solver="newton-cholesky").fit(
            (rows - self._mean) / self._spread, is_match, sample_weight=weights
        )
        # Decoys are as many as they are: the odds are those of the candidates alone.
        matches = weights[is_match == 1].sum()
        self._shift = np.log((weights.sum() - matches) / matches) + np.log(share / (1 - share))

    def logit(self, rows: np.ndarray) -> np.ndarray:
        return self._regression.decision_function((rows - self._mean) / self._spread) + self._shift

    def probability(self, rows: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-self.logit(rows)))
