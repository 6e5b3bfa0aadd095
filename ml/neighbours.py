"""What customers have not bought but their neighbours have: candidates that SQL is slow to find.

Two kinds: products near those the customer bought (BM25), and what similar customers buy (UP-CF, with a low power, so that it looks far
around). Written as table `neighbours` beside the features, which read it.
"""

from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from forecart import warehouse
from forecart.run import Run
from ml import beside
from ml.baselines import item_neighbours, up_cf
from ml.baselines.history import History, Scorer, lists, load

OF_PRODUCTS, OF_CUSTOMERS = 50, 40
TABLE = """
    create or replace table {schema}.neighbours (
        as_of_date date, customer_id varchar, product_id varchar,
        of_products_score float, of_products_rank integer, of_customers_score float, of_customers_rank integer
    )
"""


def write(run: Run, dates: list[date], schema: str) -> int:
    """Find the neighbours' products at each cut-off, from the year before it alone. Returns the rows written."""

    def found(connection: duckdb.DuckDBPyConnection) -> beside.Found:
        return ((day, "neighbours", rows) for day in dates for rows in _found(load(connection, day)))

    beside.write(run, schema, TABLE, found)
    with warehouse.connect(run) as connection:
        return connection.execute(f"select count(*) from {schema}.neighbours").fetchone()[0]


def _found(history: History) -> Iterator[pd.DataFrame]:
    if not len(history.customers):
        return
    of_products = _proposed(history, item_neighbours.fit(history), OF_PRODUCTS, "of_products")
    of_customers = _proposed(history, up_cf.fit(history, baskets=100, power=2, asymmetry=0.5), OF_CUSTOMERS, "of_customers")
    for ours, theirs in zip(of_products, of_customers, strict=True):
        both = ours.merge(theirs, how="outer", on=["customer", "product"])
        both.insert(0, "customer_id", history.customers[both.pop("customer")])
        both.insert(1, "product_id", history.products[both.pop("product")])
        yield both


def _proposed(history: History, scorer: Scorer, length: int, name: str) -> Iterator[pd.DataFrame]:
    for batch, best, scores in lists(history, scorer, length, is_new=True):
        row, place = (scores > 0).nonzero()
        yield pd.DataFrame(
            {
                "customer": batch[row],
                "product": best[row, place],
                f"{name}_score": scores[row, place].astype("float32"),
                f"{name}_rank": (place + 1).astype(np.int32),
            }
        )
