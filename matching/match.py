"""Pairs of two catalogues' products that are one product, and duplicates within one, without labels."""

import logging

import numpy as np
import pandas as pd

from matching import blocking, compare, identify
from matching.calibrate import Judge, Pairs, mutual_best
from matching.catalogue import Catalogue, read
from matching.reasons import reason

log = logging.getLogger(__name__)

COMPARED = 10  # products of the other side that each product is compared with, at most
THRESHOLD = 0.8  # a pair is taken when it is four times likelier one product than two: a wrong merge costs more than a missed one
_ROUNDS = 10  # of choosing among the products that are left
_COLUMNS = ["left_id", "right_id", "score", "reason"]


def match(left: object, right: object, threshold: float = THRESHOLD) -> pd.DataFrame:
    """left_id, right_id, score (0..1), reason: products of two catalogues (DataFrames or Arrow tables, see catalogue.read) that are one product.

    A catalogue's own duplicates, by `duplicates`, are matched as one product; apart from them a product is in one pair at most.
    Raises NotMatchable, with the reason, for a table without usable ids; a side without products or without words gives no pairs.
    """
    left, right = read(left, "left"), read(right, "right")
    first_left, first_right = _firsts(left, "left"), _firsts(right, "right")
    kept_left, kept_right = np.unique(first_left), np.unique(first_right)
    found = _match(left.take(kept_left), right.take(kept_right), threshold)
    found = found.assign(row=kept_left[found["row"]], column=kept_right[found["column"]])
    found = found.merge(pd.DataFrame({"row": first_left, "left_id": left.ids}), on="row")
    found = found.merge(pd.DataFrame({"column": first_right, "right_id": right.ids}), on="column")
    return found[_COLUMNS].reset_index(drop=True)


def duplicates(catalogue: object) -> pd.DataFrame:
    """left_id, right_id, score (1), reason: products of one catalogue that carry one identifier, each with the first of them.

    Names alone merge nothing here: a shop names many products alike, and means each.
    """
    catalogue = read(catalogue, "one")
    pairs = [
        (catalogue.ids[first], catalogue.ids[other], 1.0, f"same {kind}") for first, other, kind in identify.same_within(catalogue, "one")
    ]
    return pd.DataFrame(pairs, columns=_COLUMNS).drop_duplicates(["left_id", "right_id"], ignore_index=True)


def _firsts(catalogue: Catalogue, side: str) -> np.ndarray:
    """For each product the position of the first of its duplicates."""
    first = np.arange(len(catalogue))
    for one, other, _ in identify.same_within(catalogue, side):
        if first[other] == other:
            first[other] = first[one]
    return first


def _match(left: Catalogue, right: Catalogue, threshold: float) -> pd.DataFrame:
    """row, column, score, reason: positions of the pairs taken."""
    known = identify.same_across(left, right)
    found = [pd.DataFrame(known, columns=["row", "column", "score", "reason"])]
    if not any(left.texts) or not any(right.texts):
        log.warning("The %s catalogue has no names: products are matched by identifiers alone", "right" if any(left.texts) else "left")
        return found[0].astype({"row": int, "column": int})
    weights = compare.weigh(left, right)
    rows, columns = blocking.nearest(*weights.for_blocking(), COMPARED)
    agreements = compare.agreements(left, right, rows, columns)
    possible = ~identify.contradict(left, right, rows, columns) & ~compare.vetoed(agreements)
    rows, columns, agreements = rows[possible], columns[possible], agreements[possible]
    likenesses = compare.likenesses(weights, rows, columns)
    likeness = likenesses.sum(axis=1)
    apart = compare.prices_apart(left, right, rows, columns, mutual_best(Pairs(rows, columns, likenesses), likeness)[0])
    pairs = Pairs(rows, columns, np.column_stack([likenesses, agreements, compare.prices_alike(apart)]))
    guess = np.where((agreements < 0).any(axis=1), 0.0, likenesses[:, :2].mean(axis=1))
    judge = Judge(pairs, likeness, guess)
    score = judge.score(likeness)

    # However well a pair compares with its like: nothing is one product that shares no model number and is by no likeness alike by half.
    substance = (likenesses.max(axis=1) >= 0.5) | (agreements[:, compare.AGREEMENTS.index("model_numbers")] > 0)

    free_left, free_right = np.ones(len(left), dtype=bool), np.ones(len(right), dtype=bool)
    for row, column, *_ in known:
        free_left[row] = free_right[column] = False
    for _ in range(_ROUNDS):
        free = np.flatnonzero(free_left[rows] & free_right[columns])
        chosen, ahead = mutual_best(pairs.among(free), score[free])
        if not len(chosen):
            break
        chosen = free[chosen]
        sure = judge.probability(chosen, ahead)
        sure = np.where(substance[chosen], sure, 0.0)
        chosen, sure = chosen[sure >= threshold], sure[sure >= threshold]
        if not len(chosen):
            break
        free_left[rows[chosen]] = free_right[columns[chosen]] = False
        why = [reason(left, right, rows[pair], columns[pair], likenesses[pair], agreements[pair], apart[pair]) for pair in chosen]
        found.append(pd.DataFrame({"row": rows[chosen], "column": columns[chosen], "score": sure, "reason": why}))
    return pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True).astype({"row": int, "column": int})
