"""From scores to the two tables that are published: the likeliest products of a customer, and the likeliest of those never bought."""

import math
from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from forecart import consent, timing
from ml import cold, pairs, reasons, stock
from ml.baselines import history
from ml.baselines.fallback import Fallback
from ml.boosted import Boosted
from ml.frames import fetch

RECOMMENDATIONS, DISCOVERIES = "product_recommendations", "discoveries"
LENGTHS = {RECOMMENDATIONS: 20, DISCOVERIES: 10}
Tables = Iterator[tuple[str, pd.DataFrame]]
# What a listed pair must be described by.
DESCRIBED = {
    "as_of_date": "datetime64[us]",
    "customer_id": object,
    "product_id": object,
    "count_orders_365d": float,
    "days_since_last": float,
    "mean_interval_days": float,
}


def of_nobody() -> Tables:
    """Both tables without a row: a shop may know no customers, and an analyst finds the tables all the same."""
    none = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in DESCRIBED.items()})
    for table in LENGTHS:
        yield table, _rows(table, none, none.index.to_series(), np.empty(0), set(), reasons.by_default(none))


def of_model(model: Boosted, connection: duckdb.DuckDBPyConnection, day: date) -> Tables:
    """Lists of every active customer who may be written to, a batch of customers at a time."""
    refused, eligible = consent.refused(connection), _eligible(connection, day)
    orders, rating = _orders(connection, day), _mean_rating(connection, day)
    active = [customer for customer in pairs.active_customers(connection, "features", day) if customer not in refused]
    _look_up_bought(connection, day)
    for candidates in pairs.batches(connection, "features", day, customers=active):
        # Words are measured by what no model reads.
        measures = pd.DataFrame({"customer_count_orders_365d": candidates["customer_id"].map(orders), "shop_mean_rating": rating})
        score, asked = model.score(candidates), candidates.join([reasons.nearness(candidates), measures])
        for table, rows in ((RECOMMENDATIONS, np.ones(len(asked), dtype=bool)), (DISCOVERIES, _is_new(connection, asked))):
            best = pairs.top(asked[rows], score[rows], LENGTHS[table])
            chosen = asked.loc[best.index]
            told = reasons.of_model(model.scores.classifier.trees, chosen) if len(chosen) else reasons.by_default(chosen)
            yield table, _rows(table, chosen, best["rank"], model.probability(score[best.index], chosen), eligible, told)


def of_fallback(fallback: Fallback, connection: duckdb.DuckDBPyConnection, day: date) -> Tables:
    """The same of a baseline, which scores all products at once instead of candidates."""
    refused, eligible = consent.refused(connection), _eligible(connection, day)
    past = history.load(connection, day)
    asked = np.flatnonzero(~np.isin(past.customers, list(refused)))
    _look_up_bought(connection, day)
    scorer = fallback.scorer(past) if len(asked) else None
    for batch in past.batches(asked):
        scores = scorer.score(batch)
        new = _of_new(connection, past.customers[batch], past.products, scores)
        for table, of_table in ((RECOMMENDATIONS, scores), (DISCOVERIES, new)):
            listed, of_listed = history.best(past, of_table, LENGTHS[table])
            customer, place = np.isfinite(of_listed).nonzero()  # what was bought before fills no list of discoveries
            found = pd.DataFrame(
                {
                    "customer_id": past.customers[batch[customer]],
                    "product_id": past.products[listed[customer, place]],
                    "rank": place + 1,
                    "probability": fallback.probability(of_listed[customer, place]),
                }
            )
            chosen = _described(connection, day, found)
            yield table, _rows(table, chosen, chosen["rank"], chosen["probability"], eligible, reasons.by_default(chosen))


def of_cold(model: cold.Cold, connection: duckdb.DuckDBPyConnection, day: date) -> Tables:
    """Lists of who has not bought for 90 days, or never."""
    eligible = _eligible(connection, day)
    _look_up_bought(connection, day)
    for batch in cold.pairs(connection, "features", day):
        probability = model.probability(batch)
        # Equal probabilities, and all of them where nothing could be learned: what was bought once, then what is popular.
        order = np.lexsort((-batch["popularity"], -batch["decayed_orders"].fillna(0), -probability))
        score = np.empty(len(batch))
        score[order] = -np.arange(len(batch))
        for table, rows in ((RECOMMENDATIONS, slice(None)), (DISCOVERIES, _is_new(connection, batch))):
            best = pairs.top(batch[rows], score[rows], LENGTHS[table])
            chosen = batch.loc[best.index].rename(columns={"popularity": "product_count_buyers_30d"})
            chosen = chosen.assign(count_last_10_orders=0.0)
            yield table, _rows(table, chosen, best["rank"], probability[best.index], eligible, reasons.by_default(chosen))


def _rows(
    table: str, chosen: pd.DataFrame, rank: pd.Series, probability: np.ndarray, eligible: set[str], told: pd.DataFrame
) -> pd.DataFrame:
    count_orders = chosen["count_orders_365d"].fillna(0)
    habit = {
        "is_repeat": count_orders > 0,
        "count_orders_365d": count_orders.astype("int32"),
        "days_since_last": chosen["days_since_last"].astype("Int32"),
        "usual_interval_days": chosen["mean_interval_days"].astype("float64").round(1),
    }
    return pd.DataFrame(
        {
            "as_of_date": chosen["as_of_date"],
            "customer_id": chosen["customer_id"],
            "rank": rank.astype("int32"),
            "product_id": chosen["product_id"],
            "probability": np.asarray(probability, dtype="float64"),
            "is_eligible": chosen["product_id"].isin(eligible),
            **(habit if table == RECOMMENDATIONS else {}),
            **told,
        }
    )


def _described(connection: duckdb.DuckDBPyConnection, day: date, listed: pd.DataFrame) -> pd.DataFrame:
    """Listed pairs with what the default reasons tell of; a pair that is no candidate was not bought in the year before."""
    connection.register("listed", listed)
    found = fetch(
        connection,
        """
        select $day::date as as_of_date, listed.*, pairs.count_orders_365d, pairs.days_since_last, pairs.mean_interval_days,
            pairs.count_last_10_orders, customers.count_orders_365d as customer_count_orders_365d,
            products.count_buyers_30d as product_count_buyers_30d, products.age_days as product_age_days
        from listed
        left join (from features.features_customer where as_of_date = $day) as customers using (customer_id)
        left join (from features.features_customer_product where as_of_date = $day) as pairs using (customer_id, product_id)
        left join (from features.features_product where as_of_date = $day) as products using (product_id)
        order by customer_id, rank
        """,
        {"day": day},
    )
    connection.unregister("listed")
    return found


def _orders(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, int]:
    """customer -> orders of the year before the day."""
    with timing.spent(timing.DUCKDB):
        found = connection.execute("select customer_id, count_orders_365d from features.features_customer where as_of_date = ?", [day])
        return dict(found.fetchall())


def _mean_rating(connection: duckdb.DuckDBPyConnection, day: date) -> float:
    """Of all reviews before the day; NaN where there are none."""
    with timing.spent(timing.DUCKDB):
        (mean,) = connection.execute("select avg(rating) from marts.reviews where review_date < ?", [day]).fetchone()
    return math.nan if mean is None else mean


def _look_up_bought(connection: duckdb.DuckDBPyConnection, day: date) -> None:
    """Keep for `_bought` who bought what before the day, a customer's rows together: every batch would read all lines of the shop again."""
    with timing.spent(timing.DUCKDB):
        connection.execute(
            """
            create or replace temporary table bought_before as
            select distinct customer_id, product_id from marts.order_lines
            where is_purchase and customer_id is not null and order_date < ? order by customer_id
            """,
            [day],
        )


def _is_new(connection: duckdb.DuckDBPyConnection, asked: pd.DataFrame) -> np.ndarray:
    """Whether the customer never bought the product before the day, as far as the marts tell, shape (pairs,)."""
    bought = _bought(connection, asked["customer_id"].unique())
    return asked[["customer_id", "product_id"]].merge(bought.assign(was_bought=True), how="left")["was_bought"].isna().to_numpy()


def _of_new(connection: duckdb.DuckDBPyConnection, customers: np.ndarray, products: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Scores of shape (customers, products), minus infinity where the customer ever bought the product before the day."""
    bought = _bought(connection, customers)
    bought = bought[bought["product_id"].isin(products)]
    found = scores.copy()
    found[pd.Index(customers).get_indexer(bought["customer_id"]), pd.Index(products).get_indexer(bought["product_id"])] = -np.inf
    return found


def _bought(connection: duckdb.DuckDBPyConnection, customers: np.ndarray) -> pd.DataFrame:
    """customer_id and product_id of all that these customers bought before the day: features tell of a year, the marts of more."""
    connection.register("asked", pd.DataFrame({"customer_id": customers}))
    with timing.spent(timing.DUCKDB):
        found = connection.execute("from bought_before semi join asked using (customer_id)").df()
    connection.unregister("asked")
    return found


def _eligible(connection: duckdb.DuckDBPyConnection, day: date) -> set[str]:
    """Products that can be sold now: merchandise of the catalogue, sold or launched in the last 90 days, not known to be out of stock, and still
    told of where stock is told."""
    return {
        product
        for (product,) in connection.execute(
            f"""
            select product_id from features.features_product
            inner join marts.products using (product_id)
            left join features.features_offer using (as_of_date, product_id)
            anti join (from ({stock.NEWEST}) where not is_still_told) as gone using (product_id)
            where as_of_date = $day and is_merchandise and is_in_catalogue is not false and is_out_of_stock is not true
                and (days_since_last_sold <= 90 or age_days <= 90)
            """,
            {"day": day},
        ).fetchall()
    }
