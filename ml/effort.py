"""How much a training takes on, of trees, rows and customers: all that its question asks for, or a tenth, where a check looks at what is read and
not at how well it is learned; and how many customers are judged by."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
import pandas as pd

# Customers' rows that are learned from, or judged by: more of them take gigabytes.
MOST_CUSTOMER_ROWS = 150_000

_part: ContextVar[int] = ContextVar("part", default=1)


def of(asked: int) -> int:
    return -(-asked // _part.get())


def some(rows: np.ndarray) -> np.ndarray:
    """All of them, or every tenth."""
    return rows[:: _part.get()]


def at_most(rows: Sequence, count: int) -> Sequence:
    """All of them, or every so manieth where there are more than `count`."""
    return rows[:: max(1, -(-len(rows) // count))]


def evenly(rows: pd.DataFrame) -> pd.DataFrame:
    """All of them, or MOST_CUSTOMER_ROWS evenly from the first to the last."""
    if len(rows) <= MOST_CUSTOMER_ROWS:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, MOST_CUSTOMER_ROWS).astype(int)].reset_index(drop=True)


@contextmanager
def little() -> Iterator[None]:
    """Inside, every training takes on a tenth of what is asked."""
    token = _part.set(10)
    try:
        yield
    finally:
        _part.reset(token)
