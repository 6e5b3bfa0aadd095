"""How alike the two products of a pair are, by each witness."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from matching import blocking, text
from matching.catalogue import Catalogue

_CHUNK = 100_000
_TERMS = {"words": text.words, "grams": text.grams, "codes": text.code_terms}
# What is compared by rare terms: which terms, and whether of the name alone or of the whole text.
LIKENESSES = {
    "name_words": ("words", "names"),
    "name_grams": ("grams", "names"),
    "words": ("words", "texts"),
    "grams": ("grams", "texts"),
    "codes": ("codes", "texts"),
}
# What agrees (1), contradicts (-1), or is not told by both (0).
AGREEMENTS = ("model_numbers", "brands", "quantities", "colours")


@dataclass(frozen=True)
class Weights:
    """Terms of both catalogues, weighted by their rarity in both together: a matrix (products x terms) a likeness and side."""

    left: dict[str, sparse.csr_matrix]
    right: dict[str, sparse.csr_matrix]

    def for_blocking(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """All terms side by side, so that the product of two rows is the sum of their cosines, and names' common words two by two."""
        together = blocking.combined(self.left["name_words"], self.right["name_words"])
        return tuple(
            sparse.hstack([*side.values(), two], format="csr") for side, two in zip((self.left, self.right), together, strict=True)
        )


def weigh(left: Catalogue, right: Catalogue) -> Weights:
    """TF-IDF of words, of runs of characters and of model numbers, rows of length one."""
    weights = Weights({}, {})
    described = left.names + right.names != left.texts + right.texts
    for likeness, (terms, of) in LIKENESSES.items():
        if of == "texts" and terms != "codes" and not described:  # the same as that of the names
            both = sparse.vstack([weights.left[f"name_{terms}"], weights.right[f"name_{terms}"]], format="csr")
        else:
            both = _tf_idf(getattr(left, of) + getattr(right, of), _TERMS[terms])
        weights.left[likeness], weights.right[likeness] = both[: len(left)], both[len(left) :]
    return weights


def _tf_idf(documents: list[str], terms: Callable) -> sparse.csr_matrix:
    try:
        return TfidfVectorizer(analyzer=terms, sublinear_tf=True, dtype=np.float32).fit_transform(documents)
    except ValueError:  # not a term in any of them
        return sparse.csr_matrix((len(documents), 1), dtype=np.float32)


def likenesses(weights: Weights, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Pairs x LIKENESSES: the cosine of each, 0..1."""
    return np.column_stack([_cosines(weights.left[likeness], weights.right[likeness], rows, columns) for likeness in LIKENESSES])


def _cosines(left: sparse.csr_matrix, right: sparse.csr_matrix, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    found = [np.empty(0)]
    for start in range(0, len(rows), _CHUNK):
        one, other = left[rows[start : start + _CHUNK]], right[columns[start : start + _CHUNK]]
        found.append(np.asarray(one.multiply(other).sum(axis=1)).ravel())
    return np.concatenate(found)


def agreements(left: Catalogue, right: Catalogue, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Pairs x AGREEMENTS."""
    witnesses = (
        (_numbers(left), _numbers(right), _same_numbers),
        (_brands(left), _brands(right), _share),
        (_quantities(left), _quantities(right), _same_amounts),
        ([text.colours(name) for name in left.names], [text.colours(told) for told in right.texts], _share),
    )
    return np.column_stack(
        [
            np.fromiter(
                (
                    0 if not one[row] or not other[column] else agreement(one[row], other[column])
                    for row, column in zip(rows, columns, strict=True)
                ),
                dtype=float,
                count=len(rows),
            )
            for one, other, agreement in witnesses
        ]
    )


def vetoed(agreements: np.ndarray) -> np.ndarray:
    """Pairs that name different sizes or different colours without one and the same model number: variants, however alike they are else."""
    told_apart = agreements[:, [AGREEMENTS.index("quantities"), AGREEMENTS.index("colours")]].min(axis=1) < 0
    return told_apart & (agreements[:, AGREEMENTS.index("model_numbers")] < 1)


def _numbers(catalogue: Catalogue) -> list[set[str]]:
    return [{model} if model else text.codes(name) for name, model in zip(catalogue.names, catalogue.models, strict=True)]


def _brands(catalogue: Catalogue) -> list[set[str]]:
    return [{brand} if brand else set() for brand in catalogue.brands]


def _quantities(catalogue: Catalogue) -> list[dict[str, set[float]]]:
    found = []
    for name in catalogue.names:
        units: dict[str, set[float]] = {}
        for unit, amount in text.quantities(name):
            units.setdefault(unit, set()).add(amount)
        found.append(units)
    return found


def _share(these: set, those: set) -> int:
    return -1 if these.isdisjoint(those) else 1


def _same_numbers(these: set[str], those: set[str]) -> float:
    """Half, where they differ but in the letters at their end."""
    if not these.isdisjoint(those):
        return 1
    return -1 if {text.base(code) for code in these}.isdisjoint(text.base(code) for code in those) else 0.5


def _same_amounts(these: dict[str, set[float]], those: dict[str, set[float]]) -> int:
    common = these.keys() & those.keys()
    if not common:
        return 0
    return 1 if all(_near(these[unit], those[unit]) for unit in common) else -1


def _near(these: set[float], those: set[float]) -> bool:
    """A size named 46 inch may be 45.9."""
    return any(abs(this - that) <= 0.03 * max(this, that) for this in these for that in those)


def prices_apart(left: Catalogue, right: Catalogue, rows: np.ndarray, columns: np.ndarray, presumed: np.ndarray) -> np.ndarray:
    """The logarithm of each pair's ratio of prices, less what is usual of presumed matches (positions of pairs): one side may sell, the other buy."""
    ratio = np.log(left.prices[rows] / right.prices[columns])
    known = ratio[presumed][~np.isnan(ratio[presumed])]
    return ratio - (np.median(known) if len(known) else 0.0)


def prices_alike(apart: np.ndarray) -> np.ndarray:
    """From 1 (the usual ratio) down to -1 (seven times and more), 0 where a price is unknown."""
    return np.where(np.isnan(apart), 0.0, 1 - np.minimum(np.abs(apart), 2))
