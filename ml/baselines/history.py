"""What was bought before a cut-off, as sparse matrices of customers × products."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Protocol

import duckdb
import numpy as np
from scipy import sparse

from forecart import timing

HISTORY_DAYS, ACTIVE_DAYS, POPULAR_DAYS = 365, 90, 30
# A batch of customers × products is held as a full matrix: this many numbers of 4 bytes, and some copies of them.
MOST_CUSTOMERS, MOST_CELLS = 512, 8_000_000
# Who bought what, and the places of customers and products in the order of their ids: the ids of millions of rows would take gigabytes in Python.
BOUGHT = """
    with lines as (
        select customer_id, product_id, order_id, order_date, ordered_at from marts.order_lines
        where is_purchase and customer_id is not null and order_date < $day and order_date >= $from_day
    ),
    active as (select distinct customer_id from lines where order_date >= $active_day),
    bought as (from lines semi join active using (customer_id)),
    customers as (select customer_id, row_number() over (order by customer_id) - 1 as customer from active),
    products as (select product_id, row_number() over (order by product_id) - 1 as product from (select distinct product_id from bought))
"""


@dataclass(frozen=True)
class History:
    """Purchases of active customers, one entry per order and product: customer, product, age in days, age in orders (0 is the last).

    `customers` are sorted ids; `products` stand in order of popularity (buyers in 30 days, then in the year, then id), so that the
    first of two equal ones is the more popular.
    """

    customers: np.ndarray
    products: np.ndarray
    customer: np.ndarray
    product: np.ndarray
    age_days: np.ndarray
    age_orders: np.ndarray
    popularity: np.ndarray
    """Different customers in 30 days, shape (products,)."""

    @cached_property
    def count_orders(self) -> np.ndarray:
        """Orders of each customer, shape (customers,)."""
        found = np.zeros(len(self.customers), dtype=int)
        np.maximum.at(found, self.customer, self.age_orders + 1)
        return found

    @cached_property
    def bought(self) -> sparse.csr_matrix:
        """1 where the customer bought the product."""
        counts = self.matrix(np.ones(len(self.customer)))
        counts.data[:] = 1
        return counts

    def batches(self, rows: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """All customers, or these rows of them, so many at a time that a batch fits into memory with all products."""
        rows = np.arange(len(self.customers)) if rows is None else rows
        size = min(MOST_CUSTOMERS, max(1, MOST_CELLS // max(len(self.products), 1)))
        for first in range(0, len(rows), size):
            yield rows[first : first + size]

    def matrix(self, weights: np.ndarray) -> sparse.csr_matrix:
        """The sum of each pair's weights."""
        shape = len(self.customers), len(self.products)
        return sparse.csr_matrix((weights.astype("float32"), (self.customer, self.product)), shape=shape)


class Scorer(Protocol):
    def score(self, rows: np.ndarray) -> np.ndarray: ...


def load(connection: duckdb.DuckDBPyConnection, as_of_date: date) -> History:
    """The year before the cut-off, of who bought in its last 90 days; nothing of the cut-off's day or later."""
    days = {
        "day": as_of_date,
        "from_day": as_of_date - timedelta(days=HISTORY_DAYS),
        "active_day": as_of_date - timedelta(days=ACTIVE_DAYS),
    }

    def asked(query: str) -> dict[str, Any]:
        return connection.execute(BOUGHT + query, days).fetchnumpy()

    with timing.spent(timing.DUCKDB):
        customers = asked("select customer_id from customers order by customer")["customer_id"].astype(str)
        names = asked("select product_id from products order by product")["product_id"].astype(str)
        rows = asked("""
            select customer, product, date_diff('day', order_date, $day) as age_days,
                dense_rank() over (partition by customer order by ordered_at desc, order_id desc) - 1 as age_orders
            from bought inner join customers using (customer_id) inner join products using (product_id)
            order by customer, product, age_orders
        """)
    customer, product = rows["customer"], rows["product"]
    shape = len(customers), len(names)
    ever = sparse.csr_matrix((np.ones(len(product)), (customer, product)), shape=shape).getnnz(axis=0)
    is_recent = rows["age_days"] <= POPULAR_DAYS
    recent = sparse.csr_matrix((np.ones(is_recent.sum()), (customer[is_recent], product[is_recent])), shape=shape).getnnz(axis=0)
    order = np.lexsort((names, -ever, -recent))
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    return History(customers, names[order], customer, place[product], rows["age_days"], rows["age_orders"], recent[order])


def lists(
    history: History, scorer: Scorer, length: int, is_new: bool = False, rows: np.ndarray | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The best products of every customer (of `rows`), a batch of customers at a time: the batch, indices of shape (batch, length), scores.

    Equal scores, and what is left when a scorer has nothing more to say, stand in order of popularity. `is_new` leaves out what the
    customer bought before.
    """
    for batch in history.batches(rows):
        yield batch, *best(history, scorer.score(batch), length, batch if is_new else None)


def best(history: History, scores: np.ndarray, length: int, without_bought_of: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The best products by scores of shape (customers, products): indices and scores, of shape (customers, length)."""
    if without_bought_of is not None:
        scores = scores.copy()
        scores[history.bought[without_bought_of].nonzero()] = -np.inf
    width = min(length, len(history.products))
    found = np.array([_best(of_customer, width) for of_customer in scores]).reshape(len(scores), width)
    return found, np.take_along_axis(scores, found, axis=1)


def _best(scores: np.ndarray, width: int) -> np.ndarray:
    """The places of the highest scores, best first, the earlier of two equal ones first."""
    found = np.flatnonzero(scores > 0)
    if len(found) < width:
        others = np.flatnonzero(scores == 0)[: width - len(found)]
        found = np.concatenate([found, others, np.flatnonzero(scores == -np.inf)[: width - len(found) - len(others)]])
    worth = scores[found].astype("float64")
    if len(found) > 4 * width:
        least = np.partition(worth, -width)[-width]
        found, worth = found[worth >= least], worth[worth >= least]
    return found[np.lexsort((found, -worth))][:width]
