"""What else a customer would like, from all that everybody bought and looked at: likings of few dimensions.

Truncated singular vectors of customers × products (Cremonesi, Koren and Turrin, Performance of recommender algorithms on top-n recommendation
tasks, 2010: PureSVD). A purchase says more than a look, a popular product less of its buyer than a rare one. Written as tables
`customer_tastes` and `product_tastes` beside the features; a pair's taste is the product of the two, and does not depend on how the axes of a
training lie. Looks are what makes it worth its while: where a shop tells of none, both tables are empty (docs/experiments.md).

What a customer did lately is read along the same axes, which everybody's whole history has drawn: who comes to like other things shows it
there first.
"""

from collections.abc import Iterator
from datetime import date
from math import log

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from forecart.run import Run
from ml import beside
from ml.baselines.history import ACTIVE_DAYS
from ml.frames import decayed

DIMENSIONS = 12
HISTORY_DAYS = 3 * 365
PURCHASE = 2.0
# What was done 30 days ago counts half among what was done lately.
TAU_DAYS = 30 / log(2)
SEED = 7
TABLES = """
    create or replace table {schema}.customer_tastes (as_of_date date, customer_id varchar, tastes float[], recent_tastes float[]);
    create or replace table {schema}.product_tastes (as_of_date date, product_id varchar, tastes float[])
"""
# Whose a look is must be known a day before, whatever the shop's time zone.
LOOKED = f"""
    select
        customer_id,
        product_id,
        sum(count_views + count_carts) as times,
        {decayed("(count_views + count_carts)", "interaction_date", TAU_DAYS)} as recent_times
    from marts.product_interactions
    where interaction_date < $day and interaction_date >= $day::date - $days and customer_known_at < $day::date - 1 and customer_id is not null
    group by all having times > 0 order by all
"""
BOUGHT = f"""
    select customer_id, product_id, count(*) as times, {decayed("1", "order_date", TAU_DAYS)} as recent_times from marts.order_lines
    where is_purchase and customer_id is not null and order_date < $day and order_date >= $day::date - $days
    group by all order by all
"""
ACTIVE = """
    select distinct customer_id from marts.order_lines
    where is_purchase and order_date < $day and order_date >= $day::date - $days and customer_id is not null order by 1
"""


def write(run: Run, dates: list[date], schema: str) -> None:
    """The tastes of active customers at each cut-off, and how far each product meets them."""

    def found(connection: duckdb.DuckDBPyConnection) -> beside.Found:
        for day in dates:
            for table, rows in _found(connection, day):
                yield day, table, rows

    beside.write(run, schema, TABLES, found)


def _found(connection: duckdb.DuckDBPyConnection, day: date) -> Iterator[tuple[str, pd.DataFrame]]:
    looked = _pairs(connection, LOOKED, day, HISTORY_DAYS)
    if looked.empty:
        return
    bought = _pairs(connection, BOUGHT, day, HISTORY_DAYS)
    customers = pd.Index(_pairs(connection, ACTIVE, day, ACTIVE_DAYS)["customer_id"])
    products = pd.Index(np.unique(np.concatenate([looked["product_id"], bought["product_id"]])))
    if min(len(customers), len(products)) <= DIMENSIONS:
        return
    liked, liked_recently = (
        normalize(PURCHASE * of_bought + of_looked)
        for of_bought, of_looked in zip(_matrices(bought, customers, products), _matrices(looked, customers, products), strict=True)
    )
    popularity = np.sqrt(np.asarray(liked.sum(axis=0)).ravel())
    rare = sparse.diags(1 / np.maximum(popularity, 1e-9))
    _, _, of_products = randomized_svd(sparse.csr_matrix(liked @ rare), DIMENSIONS, random_state=SEED)
    axes = rare @ of_products.T
    yield (
        "customer_tastes",
        pd.DataFrame({"customer_id": customers, "tastes": list(liked @ axes), "recent_tastes": list(liked_recently @ axes)}),
    )
    yield "product_tastes", pd.DataFrame({"product_id": products, "tastes": list(of_products.T)})


def _pairs(connection: duckdb.DuckDBPyConnection, query: str, day: date, days: int) -> pd.DataFrame:
    return connection.execute(query, {"day": day, "days": days}).df()


def _matrices(pairs: pd.DataFrame, customers: pd.Index, products: pd.Index) -> list[sparse.csr_matrix]:
    """The logarithm of how often, and of how often lately; both of shape (customers, products)."""
    row, column = customers.get_indexer(pairs["customer_id"]), products.get_indexer(pairs["product_id"])
    is_active, shape = row >= 0, (len(customers), len(products))
    place = row[is_active], column[is_active]
    return [
        sparse.csr_matrix((np.log1p(pairs[times].to_numpy("float64"))[is_active], place), shape=shape)
        for times in ("times", "recent_times")
    ]
