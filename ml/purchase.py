"""Which products will each customer buy in the next 30 days? Candidates by SQL (features_customer_product), then a CatBoost classifier.

Beside it stands GP-TopFreq: what the customer bought most often, then what is popular (Li et al., A Next Basket Recommendation Reality
Check, 2023). Customers are those who bought in the 90 days before `as_of_date`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import catboost
import duckdb
import numpy as np
import pandas as pd

from forecart import settings, timing
from forecart.run import Run
from ml import measures
from ml.comparison import MODEL, Measure, Trials
from ml.frames import fetch, listed
from ml.saved import Saved

TABLE = "product_recommendations"
HEADLINE = ("ndcg_at_10", "higher")
LENGTH = 20
# Newer cut-offs say more, and a pair's history is the longer the newer it is.
MOST_DATES = 3
# Of the pairs that were not bought, a sample is enough to learn from, and its weight makes up for the others, so that probabilities stay
# true. The top of a list is decided among pairs bought before: more of those are kept.
NEGATIVES_REBOUGHT, NEGATIVES_OTHER = 0.30, 0.06
REBOUGHT = "pairs.count_orders_365d >= 2"
# The half of all columns that carries: with the others, lists are no better and training takes twice as long (docs/experiments.md).
PAIR = [
    "decayed_orders_30d",
    "decayed_orders_90d",
    "decayed_orders_180d",
    "decayed_order_share_90d",
    "order_share_90d",
    "count_orders_30d",
    "count_orders_90d",
    "count_orders_180d",
    "count_orders_365d",
    "count_last_5_orders",
    "count_last_20_orders",
    "days_since_last",
    "orders_since_last",
    "mean_interval_days",
    "days_since_last_ratio",
    "days_since_last_z_score",
    "is_from_history",
    "is_from_product_group",
    "rebuy_share_of_others",
    "category_days_since_last",
    "product_group_days_since_last",
    "share_of_product_group_90d",
    "product_group_count_products_365d",
]
CUSTOMER = [
    "days_since_last_order",
    "days_since_last_order_ratio",
    "sd_interval_days",
    "decayed_orders_30d",
    "decayed_orders_180d",
    "order_trend",
    "sales_cents_90d",
    "count_lines_90d",
    "count_products_90d",
    "mean_units_90d",
]
PRODUCT = [
    "days_since_last_sold",
    "days_since_first_sold",
    "units_7d",
    "units_90d",
    "units_365d",
    "unit_trend",
    "count_buyers_30d",
    "count_buyers_365d",
    "popularity_rank",
    "mean_price_cents_90d",
    "price_trend",
    "product_group_trend",
    "product_group_rebuy_share",
    "category_rebuy_share",
]
KEYS = ["as_of_date", "customer_id", "product_id"]
SETTINGS = {
    "iterations": 150,
    "depth": 6,
    "learning_rate": 0.15,
    "border_count": 64,
    "random_seed": 7,
    "verbose": False,
    "allow_writing_files": False,
}


@dataclass(frozen=True)
class Model(Saved):
    """`fitted` is a CatBoost classifier, or an isotonic regression on the baseline's score; None where there was nothing to learn from."""

    name: str
    fitted: Any

    def score(self, pairs: pd.DataFrame) -> np.ndarray:
        """What pairs are ranked by, shape (pairs,); customers' other pairs do not matter."""
        return _top_frequency(pairs) if self.name == "baseline" else self.probability(pairs)

    def probability(self, pairs: pd.DataFrame) -> np.ndarray:
        """P(the customer buys the product in the next 30 days), shape (pairs,)."""
        if self.name == "catboost":
            with timing.spent(timing.CATBOOST):
                return self.fitted.predict_proba(pairs[self.fitted.feature_names_], thread_count=settings.threads())[:, 1]
        if self.fitted is None:
            # Purchases as a Poisson process at the rate of the last 90 days: P(one or more in 30) = 1 - exp(-orders / 3).
            return 1 - np.exp(-pairs["count_orders_90d"].to_numpy("float64") / 3)
        return self.fitted.predict(_top_frequency(pairs))


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    pairs, bought, weight = _training_pairs(connection, dates)
    if not 0 < bought.sum() < len(bought):
        return fit_baseline(connection, dates)  # nothing to tell apart
    classifier = catboost.CatBoostClassifier(**SETTINGS, thread_count=settings.threads())
    with timing.spent(timing.CATBOOST):
        classifier.fit(pairs, bought, sample_weight=weight)
    return Model("catboost", classifier)


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    from sklearn.isotonic import IsotonicRegression

    if not dates:
        return Model("baseline", None)
    pairs, bought, weight = _training_pairs(connection, dates)
    return Model("baseline", IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(_top_frequency(pairs), bought, weight))


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Trials:
    """The model and GP-TopFreq, both fitted on the earlier cut-offs; a unit is a customer."""
    methods = {MODEL: fit(connection, earlier), "top_frequency": fit_baseline(connection, earlier)}
    return {method: _measures(model, connection, cut_off) for method, model in methods.items()}


def _measures(model: Model, connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, Measure]:
    """Of the lists of ten against all that was bought, candidates or not; of the probabilities over all candidate pairs."""
    lists, bought, probabilities, customers = [], [], [], []
    for pairs in _batches(connection, "training", day, with_labels=True):
        is_bought = pairs.pop("is_bought").to_numpy(bool)
        probability, score = model.probability(pairs), model.score(pairs)
        lists.append(_best(pairs, score, 10).assign(is_hit=lambda best, hits=is_bought: hits[best.index]))
        bought.append(is_bought)
        probabilities.append(probability)
        customers.append(pairs["customer_id"].to_numpy(str))
    hits = pd.concat(lists).pivot(index="customer_id", columns="rank", values="is_hit").sort_index()
    relevant = fetch(
        connection,
        """
        select customer_id, count(labels.product_id) as count_products
        from training.features_customer
        left join training.labels_purchase as labels using (as_of_date, customer_id)
        where as_of_date = ?
        group by customer_id order by customer_id
        """,
        [day],
    ).set_index("customer_id")["count_products"]
    units = hits.index.to_numpy(str)
    ranked = measures.of_lists(units, hits.fillna(False).to_numpy(bool), relevant.loc[hits.index].to_numpy(int))
    row = np.searchsorted(units, np.concatenate(customers))
    return ranked | measures.of_probabilities(units, np.concatenate(bought).astype(int), np.concatenate(probabilities), row)


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> pd.DataFrame:
    """The 20 likeliest products of every customer who bought in the 90 days before the run's date, best first."""
    lists = []
    for pairs in _batches(connection, "features", run.as_of_date):
        best = _best(pairs, model.score(pairs), LENGTH)
        chosen = pairs.loc[best.index]
        lists.append(
            pd.DataFrame(
                {
                    "as_of_date": run.as_of_date,
                    "customer_id": best["customer_id"],
                    "rank": best["rank"],
                    "product_id": best["product_id"],
                    "probability": model.probability(chosen),
                    "is_repeat": chosen["count_orders_365d"] > 0,
                    "count_orders_365d": chosen["count_orders_365d"].astype("int32"),
                    "days_since_last": chosen["days_since_last"].astype("Int32"),
                    "usual_interval_days": chosen["mean_interval_days"].astype("float64").round(1),
                }
            )
        )
    return pd.concat(lists, ignore_index=True)


def _training_pairs(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Features, whether it was bought, and the weight of each pair: every one that was bought, a sample of the others."""
    newest = sorted(dates, reverse=True)[:MOST_DATES]
    sampled = f"""
        where pairs.as_of_date in ({listed(newest)}) and (labels.product_id is not null
            or md5(concat_ws('|', customer_id, product_id, cast(as_of_date as varchar)))
                < case when {REBOUGHT} then '{_below(NEGATIVES_REBOUGHT)}' else '{_below(NEGATIVES_OTHER)}' end)
    """
    pairs = fetch(connection, _query("training", sampled, with_labels=True)).drop(columns=KEYS)
    bought = pairs.pop("is_bought").to_numpy(bool).astype(int)
    share = np.where(pairs["count_orders_365d"] >= 2, NEGATIVES_REBOUGHT, NEGATIVES_OTHER)
    return pairs, bought, np.where(bought == 1, 1.0, 1 / share)


def _below(share: float) -> str:
    """The hexadecimal bound that this share of hashes lies below."""
    return f"{int(share * 16**8):08x}"


def _batches(connection: duckdb.DuckDBPyConnection, schema: str, day: date, with_labels: bool = False) -> Iterator[pd.DataFrame]:
    """All pairs of a cut-off, some thousand customers at a time: memory is bounded by the batch."""
    with timing.spent(timing.DUCKDB):
        query = f"select distinct batch_number from {schema}.features_customer where as_of_date = ? order by 1"
        batches = connection.execute(query, [day]).fetchall()
    for (batch,) in batches:
        one = "where pairs.as_of_date = ? and customers.batch_number = ?"
        yield fetch(connection, _query(schema, one, with_labels), [day, batch])


def _query(schema: str, where: str, with_labels: bool = False) -> str:
    """Pairs with what is known of the pair, the customer and the product, in the order of their keys."""
    columns = [
        *(f"cast(pairs.{name} as float) as {name}" for name in PAIR),
        *(f"cast(customers.{name} as float) as customer_{name}" for name in CUSTOMER),
        *(f"cast(products.{name} as float) as product_{name}" for name in PRODUCT),
    ]
    labels = f"left join {schema}.labels_purchase as labels using (as_of_date, customer_id, product_id)" if with_labels else ""
    return f"""
        select {", ".join(KEYS)}, {"labels.product_id is not null as is_bought," if with_labels else ""} {", ".join(columns)}
        from {schema}.features_customer_product as pairs
        inner join {schema}.features_customer as customers using (as_of_date, customer_id)
        inner join {schema}.features_product as products using (as_of_date, product_id)
        {labels}
        {where}
        order by as_of_date, customer_id, product_id
    """


def _top_frequency(pairs: pd.DataFrame) -> np.ndarray:
    """GP-TopFreq's order as one number: orders of the last year, the more popular product first among equals."""
    popularity = 1 / (1 + pairs["product_popularity_rank"].fillna(1e6).to_numpy("float64"))
    return pairs["count_orders_365d"].to_numpy("float64") + popularity / 2


def _best(pairs: pd.DataFrame, score: np.ndarray, length: int) -> pd.DataFrame:
    """The `length` best pairs of each customer with their rank from 1; equal scores in the order of product ids. Keeps the pairs' index."""
    order = np.lexsort((pairs["product_id"].to_numpy(str), -score, pairs["customer_id"].to_numpy(str)))
    ordered = pairs[["customer_id", "product_id"]].iloc[order]
    rank = ordered.groupby("customer_id", sort=False).cumcount() + 1
    return ordered.assign(rank=rank.astype("int32"))[rank <= length]
