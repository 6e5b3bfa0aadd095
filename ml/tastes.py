"""What else a customer would like, from all that everybody bought and looked at: likings of few dimensions.

Truncated singular vectors of customers × products (Cremonesi, Koren and Turrin, Performance of recommender algorithms on top-n recommendation
tasks, 2010: PureSVD). A purchase says more than a look, a popular product less of its buyer than a rare one. Written as tables
`customer_tastes` and `product_tastes` beside the features; a pair's taste is the product of the two, and does not depend on how the axes of a
training lie. Looks are what makes it worth its while: where a shop tells of none, both tables are empty (docs/experiments.md).
"""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from forecart.run import Run
from ml import beside
from ml.baselines.history import ACTIVE_DAYS

DIMENSIONS = 12
HISTORY_DAYS = 3 * 365
PURCHASE = 2.0
SEED = 7
TABLES = """
    create or replace table {schema}.customer_tastes (as_of_date date, customer_id varchar, tastes float[]);
    create or replace table {schema}.product_tastes (as_of_date date, product_id varchar, tastes float[])
"""
# Whose a look is must be known a day before, whatever the shop's time zone.
LOOKED = """
    select customer_id, product_id, sum(count_views + count_carts) as times from marts.product_interactions
    where interaction_date < $day and interaction_date >= $day::date - $days and customer_known_at < $day::date - 1 and customer_id is not null
    group by all having times > 0 order by all
"""
BOUGHT = """
    select customer_id, product_id, count(*) as times from marts.order_lines
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
            customers, products = _found(connection, day)
            yield day, "customer_tastes", customers
            yield day, "product_tastes", products

    beside.write(run, schema, TABLES, found)


def _found(connection: duckdb.DuckDBPyConnection, day: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    looked, bought = (_pairs(connection, query, day, HISTORY_DAYS) for query in (LOOKED, BOUGHT))
    customers = pd.Index(_pairs(connection, ACTIVE, day, ACTIVE_DAYS)["customer_id"])
    products = pd.Index(np.unique(np.concatenate([looked["product_id"], bought["product_id"]])))
    if looked.empty or min(len(customers), len(products)) <= DIMENSIONS:
        return (pd.DataFrame({key: [], "tastes": []}) for key in ("customer_id", "product_id"))
    liked = PURCHASE * _matrix(bought, customers, products) + _matrix(looked, customers, products)
    length = np.sqrt(np.asarray(liked.multiply(liked).sum(axis=1)).ravel())
    liked = sparse.diags(1 / np.maximum(length, 1e-9)) @ liked
    popularity = np.sqrt(np.asarray(liked.sum(axis=0)).ravel())
    of_customers, strength, of_products = randomized_svd(
        sparse.csr_matrix(liked @ sparse.diags(1 / np.maximum(popularity, 1e-9))), DIMENSIONS, random_state=SEED
    )
    return (
        pd.DataFrame({"customer_id": customers, "tastes": list((of_customers * strength).astype("float32"))}),
        pd.DataFrame({"product_id": products, "tastes": list(of_products.T.astype("float32"))}),
    )


def _pairs(connection: duckdb.DuckDBPyConnection, query: str, day: date, days: int) -> pd.DataFrame:
    return connection.execute(query, {"day": day, "days": days}).df()


def _matrix(pairs: pd.DataFrame, customers: pd.Index, products: pd.Index) -> sparse.csr_matrix:
    """The logarithm of how often, shape (customers, products)."""
    row, column = customers.get_indexer(pairs["customer_id"]), products.get_indexer(pairs["product_id"])
    is_active, shape = row >= 0, (len(customers), len(products))
    return sparse.csr_matrix((np.log1p(pairs["times"].to_numpy("float64"))[is_active], (row[is_active], column[is_active])), shape=shape)
