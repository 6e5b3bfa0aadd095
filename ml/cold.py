"""Lists for customers who have not bought for 90 days, or never: what they looked at and bought once, then what is popular.

A logistic regression on a few facts, since there is little to learn from; where such customers bought hardly anything, own habit and
popularity rank, and every pair has the same probability. The facts are SQL's: products someone of them met, or that are among the most popular.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from forecart import consent
from ml import effort
from ml.frames import decayed, fetch
from ml.season import ORDERS_30D, Season

BATCH_CUSTOMERS = 2000
POPULAR = 40
LEAST_BOUGHT = 30
FACTS = ["popularity", "decayed_orders", "days_since_last", "count_views_30d", "count_carts_30d"]


@dataclass(frozen=True)
class Cold:
    """`fitted` is a scikit-learn pipeline, None where too little was bought to learn from; `rate` is the share of pairs that were bought."""

    fitted: Any = None
    rate: float = 0.0
    season: Season | None = None

    def probability(self, pairs: pd.DataFrame) -> np.ndarray:
        """P(bought in the next 30 days), shape (pairs,)."""
        usual = np.full(len(pairs), self.rate) if self.fitted is None else self.fitted.predict_proba(_facts(pairs))[:, 1]
        return 1 - self.season.none(1 - usual, pairs) if self.season else usual


def fit(connection: duckdb.DuckDBPyConnection, day: date) -> Cold:
    """Learn from one cut-off whose window is known, what customers who were cold then bought."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found = list(pairs(connection, "training", day, most_customers=BATCH_CUSTOMERS))
    learned = pd.concat(found) if found else pd.DataFrame()
    if not len(learned):
        return Cold()
    bought = int(learned["is_bought"].sum())
    rate, season = (bought + 0.5) / (len(learned) + 1), Season.of(ORDERS_30D, learned)  # of rare events none may be seen (Jeffreys' prior)
    if bought < LEAST_BOUGHT:
        return Cold(rate=rate, season=season)
    return Cold(make_pipeline(StandardScaler(), LogisticRegression()).fit(_facts(learned), learned["is_bought"].astype(int)), rate, season)


def pairs(connection: duckdb.DuckDBPyConnection, schema: str, day: date, most_customers: int | None = None) -> Iterator[pd.DataFrame]:
    """Pairs of the customers of marts.customers who are not active on a day, a batch of customers at a time, in the order of their keys.

    With labels in schema `training`, at whose dates who registered later is not there yet. Of schema `features` everybody is: the marts hold nobody
    who came after their date began in the shop's own zone, which a time in UTC cannot tell.
    """
    is_there = "true" if schema == "features" else "coalesce(registered_at::date, first_order_date, $day - 1) < $day"
    query = f"""
        select customer_id from marts.customers
        anti join (select customer_id from {schema}.features_customer where as_of_date = $day) as active using (customer_id)
        anti join ({consent.REFUSED}) as refused using (customer_id)
        where {is_there} order by 1
    """
    customers = [customer for (customer,) in connection.execute(query, {"day": day}).fetchall()]
    if most_customers:
        customers = effort.at_most(customers, most_customers)
    for first in range(0, len(customers), BATCH_CUSTOMERS):
        connection.register("cold_customers", pd.DataFrame({"customer_id": customers[first : first + BATCH_CUSTOMERS]}))
        yield fetch(connection, _query(schema), {"day": day})
        connection.unregister("cold_customers")


def _query(schema: str) -> str:
    is_bought = "labels.product_id is not null" if schema == "training" else "false"
    labels = "left join (from training.labels_purchase where as_of_date = $day) as labels using (customer_id, product_id)"
    return f"""
        with popular as (
            select product_id, count_buyers_30d from {schema}.features_product where as_of_date = $day
        ),
        bought as (
            select customer_id, product_id, count(distinct order_id) as count_orders_365d, min(date_diff('day', order_date, $day)) as days_since_last,
                (max(order_date) - min(order_date)) / nullif(count(distinct order_date) - 1, 0) as mean_interval_days,
                {decayed("1", "order_date", 180)} as decayed_orders
            from marts.order_lines semi join cold_customers using (customer_id)
            where is_purchase and order_date < $day and order_date >= $day - 365 group by all
        ),
        met as (
            select customer_id, product_id from bought
            union
            select customer_id, product_id from {schema}.features_interest semi join cold_customers using (customer_id) where as_of_date = $day
            union
            select customer_id, product_id from cold_customers,
                (from {schema}.features_product where as_of_date = $day and popularity_rank <= {POPULAR})
        )
        select $day::date as as_of_date, customer_id, product_id, {is_bought} as is_bought, popular.count_buyers_30d as popularity,
            coalesce(count_orders_365d, 0)::float as count_orders_365d, decayed_orders, days_since_last, mean_interval_days,
            count_views_30d, count_carts_30d,
            {ORDERS_30D}
        from met
        cross join (from {schema}.seasons where as_of_date = $day)
        inner join popular using (product_id)
        left join bought using (customer_id, product_id)
        left join (from {schema}.features_interest where as_of_date = $day) as interest using (customer_id, product_id)
        {labels if schema == "training" else ""}
        order by customer_id, product_id
    """


def _facts(pairs: pd.DataFrame) -> np.ndarray:
    """Counts on a log scale; a product never bought is as one bought long ago."""
    known = pairs[FACTS].assign(days_since_last=pairs["days_since_last"].fillna(1000)).fillna(0)
    return np.log1p(known.to_numpy("float64").clip(min=0))
