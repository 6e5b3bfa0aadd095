"""Products that carry one identifier: a trade item number, or a maker's model number of one brand."""

import logging
from collections.abc import Iterator

import numpy as np

from matching.catalogue import Catalogue

log = logging.getLogger(__name__)

# An identifier that more products of one catalogue carry than this is a placeholder, and tells nothing.
MOST_CARRIERS = 5


def identifiers(catalogue: Catalogue) -> dict[str, np.ndarray]:
    """By kind, one identifier a product, "" where it has none."""
    numbered = (catalogue.models != "") & (catalogue.brands != "")
    return {
        "GTIN": catalogue.gtins,
        "model number": np.where(numbered, catalogue.brands + " " + catalogue.models, ""),
    }


def carriers(values: np.ndarray, kind: str, side: str) -> dict[str, list[int]]:
    """Positions by identifier, placeholders left out."""
    found: dict[str, list[int]] = {}
    for position, value in enumerate(values):
        if value:
            found.setdefault(value, []).append(position)
    shared = {value for value, positions in found.items() if len(positions) > MOST_CARRIERS}
    for value in sorted(shared)[:5]:
        log.warning("%s %s is carried by %d products of the %s catalogue: a placeholder, not used", kind, value, len(found[value]), side)
    return {value: positions for value, positions in found.items() if value not in shared}


def contradict(left: Catalogue, right: Catalogue, rows: np.ndarray | int, columns: np.ndarray | int) -> np.ndarray:
    """Whether both of a pair (positions) have a trade item number, and not the same: another number is another trade item."""
    one, other = left.gtins[rows], right.gtins[columns]
    return (one != "") & (other != "") & (one != other)


def same_within(catalogue: Catalogue, side: str) -> Iterator[tuple[int, int, str]]:
    """Pairs of one catalogue's products under one identifier (each with the first), and which kind; never across two trade item numbers."""
    for kind, values in identifiers(catalogue).items():
        for positions in carriers(values, kind, side).values():
            for other in positions[1:]:
                if not contradict(catalogue, catalogue, positions[0], other):
                    yield positions[0], other, kind


def same_across(left: Catalogue, right: Catalogue) -> list[tuple[int, int, float, str]]:
    """(left, right, score, reason) of products that alone carry an identifier on either side, the trade item number before the model number."""
    found, taken_left, taken_right = [], set(), set()
    for kind, values in identifiers(left).items():
        one, other = carriers(values, kind, "left"), carriers(identifiers(right)[kind], kind, "right")
        for value in one.keys() & other.keys():
            if len(one[value]) > 1 or len(other[value]) > 1:
                continue
            row, column = one[value][0], other[value][0]
            if row in taken_left or column in taken_right or contradict(left, right, row, column):
                continue
            taken_left.add(row)
            taken_right.add(column)
            found.append((row, column, 1.0, f"same {kind}"))
    return sorted(found)
