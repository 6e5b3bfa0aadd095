"""What was shopped, of one day or of many."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Record:
    """Visits in the order of time: day, person, second of the shop's clock, looks (visit x LOOKS: products that it left an interest in).

    Lines, sorted by visit: visit (position), product, quantity. Day x product, units: `demanded` by first choice, whether or not there were any;
    `sold` of those; `sold_instead`, to customers whose first choice was another product that had run out.
    """

    day: np.ndarray
    person: np.ndarray
    second: np.ndarray
    looks: np.ndarray
    visit: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    demanded: np.ndarray
    sold: np.ndarray
    sold_instead: np.ndarray


def joined(records: Iterable[Record]) -> Record:
    """Records behind one another, in as little memory as they need."""
    found = list(records)
    visits = np.array([len(one.day) for one in found])
    firsts = np.cumsum(visits) - visits
    parts = {name: [getattr(one, name) for one in found] for name in vars(found[0])}
    parts["visit"] = [visit + first for visit, first in zip(parts["visit"], firsts, strict=True)]
    return Record(**{name: np.concatenate(arrays).astype(np.int64 if name == "visit" else np.int32) for name, arrays in parts.items()})
