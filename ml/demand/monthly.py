"""How many units of each product sold in the last 90 days will sell in the next 30? CatBoost and networks beside it, or its usual 30 days.

Both learn by which factor a product departs from its usual level, from what changed against that level: trees in a Tweedie regression with the
level as its offset, networks in a Poisson's with the level as its exposure. The logarithms of the two are averaged.
"""

from dataclasses import dataclass

import catboost
import duckdb
import numpy as np
import pandas as pd

from forecart import timing
from ml import effort, parallel, trees
from ml.frames import fetch, listed
from ml.networks import Rates

# Text is left out: what a category says of demand is in the numbers of its group, and categorical splits take ten times as long.
UNUSED = ["as_of_date", "product_id", "department", "category", "product_group", "maker"]
# What is left in stock and on how many days nothing was say it already.
UNUSED += ["is_out_of_stock"]
UNUSED += ["popularity_rank", "product_group_rank", "maker_rank", "product_group_age_rank"]
# Enough cut-offs to see how products come and go; more of them are older and slower.
MOST_DATES = 4
DEMAND_DAYS = (7, 14, 30, 60, 90)
LEAST_LEVEL = 0.05
# Of what sold more often against its level than this, networks learn no more than this: a few such products would teach them more than all others.
MOST_TIMES = 20
PROMOTED = ("promoted_store_days", "mailed_store_days", "discount_milli_days")
SETTINGS = {
    **trees.SETTINGS,
    "loss_function": "Tweedie:variance_power=1.3",
    "depth": 6,
    "learning_rate": 0.05,
    "rsm": 0.3,
}


@dataclass(frozen=True)
class Products:
    """Rows of features_product; `units` came true in 30 days, None where that is not known. All arrays of shape (products,)."""

    frame: pd.DataFrame
    categories: np.ndarray
    price_cents: np.ndarray
    units: np.ndarray | None = None

    @property
    def ids(self) -> np.ndarray:
        return self.frame["product_id"].to_numpy()

    @property
    def last_units(self) -> np.ndarray:
        return np.maximum(self.frame["demand_30d"].to_numpy("float64") / 1000, 0)

    @property
    def level(self) -> np.ndarray:
        """Units of 30 usual days: the mean over the last 30, 60 and 90."""
        means = [self.frame[f"demand_{days}d"].to_numpy("float64") / days for days in (30, 60, 90)]
        return np.maximum(30 * np.mean(means, axis=0) / 1000, LEAST_LEVEL)

    def features(self) -> pd.DataFrame:
        """What is known of a product, and what changes against its level and against the promotions behind it."""
        frame, level = self.frame, self.level
        changes = {f"demand_{days}d_ratio": frame[f"demand_{days}d"] * 30 / days / 1000 / level for days in DEMAND_DAYS}
        changes |= {f"{name}_change": np.log((1 + frame[f"{name}_next_30d"]) / (1 + frame[f"{name}_last_30d"])) for name in PROMOTED}
        return frame.drop(columns=UNUSED).assign(log_level=np.log(level), **changes)

    def pool(self, features: pd.DataFrame) -> catboost.Pool:
        return catboost.Pool(features, self.units, baseline=np.log(self.level))


def read(connection: duckdb.DuckDBPyConnection, schema: str, dates: list, is_labelled: bool) -> Products:
    label = ", labels.demand_milliunits_30d as label" if is_labelled else ""
    join = f"inner join {schema}.labels_demand as labels using (as_of_date, product_id)" if is_labelled else ""
    frame = fetch(
        connection,
        f"""
        select features.*, demand.* exclude (as_of_date, product_id), offers.* exclude (as_of_date, product_id){label}
        from {schema}.features_product as features
        inner join {schema}.features_product_demand as demand using (as_of_date, product_id)
        inner join {schema}.features_offer as offers using (as_of_date, product_id)
        {join}
        where as_of_date in ({listed(dates)}) and demand.demand_90d > 0
        order by as_of_date, product_id
        """,
    )
    units = frame.pop("label").to_numpy("float64") / 1000 if is_labelled else None
    categories = frame.pop("category_key").to_numpy()
    return Products(frame, categories, frame["mean_price_cents_90d"].fillna(0).to_numpy("float64"), units)


@dataclass(frozen=True)
class Month:
    trees: catboost.CatBoostRegressor
    networks: Rates

    def units(self, products: Products) -> np.ndarray:
        """Expected units, shape (products,)."""
        features = products.features()
        with timing.spent(timing.CATBOOST):
            of_trees = self.trees.predict(products.pool(features), prediction_type="RawFormulaVal", thread_count=parallel.threads())
        return np.exp((of_trees + np.log(products.level) + self.networks.log_rate(features)) / 2)


def fit(products: Products) -> Month | None:
    """None where there is nothing to learn from."""
    if products.units is None or not products.units.sum():
        return None
    features = products.features()
    regressor = catboost.CatBoostRegressor(**SETTINGS, iterations=effort.of(500), thread_count=parallel.threads())
    with timing.spent(timing.CATBOOST):
        trees.fit(regressor, products.pool(features))
    return Month(regressor, Rates.fit(features, np.minimum(products.units, MOST_TIMES * products.level), products.level))


def means(month: Month | None, products: Products) -> np.ndarray:
    """Expected units, shape (products,)."""
    return products.level if month is None or not len(products.frame) else month.units(products)
