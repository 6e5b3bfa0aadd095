"""How much will be sold on each of the next 30 days, of all, of each category and of each product; and what must be restocked?

Means add up over levels, medians do not: every level has its own intervals around its mean, from what came true of forecasts on cut-offs
that they had not learned from. Products are those asked for in the 90 days before `as_of_date`.
"""

from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from forecart.run import Run
from ml import shuffling, trees
from ml.demand import tables
from ml.demand.model import Model, fit, fit_baseline, refit
from ml.demand.trials import judge, slow_baselines, trials

__all__ = [
    "HEADLINE",
    "TABLE",
    "Model",
    "fit",
    "fit_baseline",
    "importances",
    "judge",
    "predict",
    "refit",
    "scores",
    "shuffle",
    "slow_baselines",
    "trials",
]

TABLE = tables.DEMAND
HEADLINE = ("product_30d_wape", "lower")
CALIBRATED = {"product_30d_coverage_off": 0.1, "product_30d_bias": 0.25}
CEILING = {"product_30d_wape": 0.02}
CHANCE = {"product_30d_correlation": 0.0}


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """Batches of sales_forecast, then demand_forecast and restock_plan."""
    return tables.predict(model, connection, run.as_of_date)


def shuffle(connection: duckdb.DuckDBPyConnection) -> None:
    """Products alone: what a category sells is not its products' answer. Regular ones exchange their days with each other."""
    of_date, of_level = "answers.as_of_date = others.as_of_date", "answers.level = 'product'"
    of_window = "answers.sale_date >= others.as_of_date and answers.sale_date < others.label_until_date"
    shuffling.of_products(
        connection,
        "select as_of_date, product_id from training.features_product_demand where demand_90d > 0",
        {"labels_demand": ("product_id", of_date), "sales_series": ("key", f"{of_level} and {of_window}")},
    )
    shuffling.of_products(
        connection,
        "select distinct as_of_date, key as product_id from training.labels_sales_day where level = 'product'",
        {"labels_sales_day": ("key", f"{of_level} and {of_date}")},
    )


def importances(model: Model) -> dict[str, float]:
    """column -> percent of the decisions of the trees for 30 days of a product; nothing of a baseline."""
    return trees.importances(model.month.trees) if model.month else {}


def scores(model: Model, connection: duckdb.DuckDBPyConnection, schema: str, day: date) -> np.ndarray:
    """Expected units in 30 days of every product with demand in the 90 days before, shape (products,)."""
    return model.forecast(connection, schema, day).means.products.sum(axis=1)
