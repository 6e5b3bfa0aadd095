"""How many units of each product sold in the last 90 days will sell in the next 30? CatBoost (Tweedie), or the last 30 days again."""

from dataclasses import dataclass

import catboost
import duckdb
import numpy as np
import pandas as pd

from forecart import settings, timing
from ml.frames import fetch, listed

# Text is left out: what a category says of demand is in the numbers of its group, and categorical splits take ten times as long.
UNUSED = ["as_of_date", "product_id", "department", "category", "product_group", "maker"]
UNUSED += ["popularity_rank", "product_group_rank", "maker_rank", "product_group_age_rank"]
# Enough cut-offs to see how products come and go; more of them are older and slower.
MOST_DATES = 4
SETTINGS = {
    "loss_function": "Tweedie:variance_power=1.3",
    "iterations": 200,
    "depth": 6,
    "learning_rate": 0.08,
    "random_seed": 7,
    "verbose": False,
    "allow_writing_files": False,
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

    def features(self) -> pd.DataFrame:
        return self.frame.drop(columns=UNUSED)


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


def fit(products: Products) -> catboost.CatBoostRegressor | None:
    """None where there is nothing to learn from."""
    if products.units is None or not products.units.sum():
        return None
    regressor = catboost.CatBoostRegressor(**SETTINGS, thread_count=settings.threads())
    with timing.spent(timing.CATBOOST):
        return regressor.fit(products.features(), products.units)


def means(regressor: catboost.CatBoostRegressor | None, products: Products) -> np.ndarray:
    """Expected units, shape (products,)."""
    if regressor is None or not len(products.frame):
        return products.last_units
    with timing.spent(timing.CATBOOST):
        return regressor.predict(products.features(), prediction_type="Exponent", thread_count=settings.threads())
