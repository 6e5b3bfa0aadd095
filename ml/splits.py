"""Which dates a model learns from: 30-day steps back from `as_of_date`, so that no label window reaches another's or the future."""

from datetime import date, timedelta

import duckdb

HORIZON = timedelta(days=30)
# A cut-off with less history than this says little of who buys what how often.
LEAST_HISTORY = timedelta(days=60)
MOST_DATES = 8
# Newer cut-offs say more of pairs, whose history is the longer the newer they are: older ones are learned from until there is enough.
LEAST_TO_LEARN_FROM, ENOUGH_BOUGHT = 2, 400_000
# Customers and categories are learned from dates between the cut-offs as well (close_as_of_dates).
BETWEEN = (timedelta(days=10), timedelta(days=20))


def first_day(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The day of the first purchase that the marts tell of; None where there is none."""
    return connection.execute("select min(order_date) from marts.order_lines where is_purchase").fetchone()[0]


def training_dates(as_of_date: date, first_day: date, most: int = MOST_DATES) -> list[date]:
    """Cut-offs whose 30 days are known before `as_of_date`, newest first; empty where the history is too short."""
    steps = range(1, most + 1)
    return [day for day in (as_of_date - step * HORIZON for step in steps) if day - LEAST_HISTORY >= first_day]


def closer(dates: list[date]) -> list[date]:
    """The cut-offs and the dates to learn from before each, oldest first; of those, tables hold what lies after their oldest cut-off."""
    return sorted({day - step for day in dates for step in (timedelta(0), *BETWEEN)})


def windows(dates: list[date], most: int) -> list[tuple[date, list[date]]]:
    """The newest cut-offs, at most `most`, to judge on, each with the earlier ones to train on; newest first."""
    newest_first = sorted(dates, reverse=True)
    return [(day, newest_first[place + 1 :]) for place, day in enumerate(newest_first[:-1])][:most]


def is_enough(bought: list[int]) -> bool:
    """Whether pairs need be learned from no older cut-off than these, in whose windows so many were bought: one is held against the others, so that
    there are two of them, however large the shop."""
    return len(bought) >= LEAST_TO_LEARN_FROM and sum(bought) >= ENOUGH_BOUGHT
