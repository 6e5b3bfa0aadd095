"""How much will be sold on each of the next 30 days, of all, of each category and of each product; and what must be restocked?

Means add up over levels, medians do not: every level has its own intervals around its mean, from what came true of forecasts on cut-offs
that the model had not seen. Products are those asked for in the 90 days before `as_of_date`.
"""

from collections.abc import Iterator

import duckdb
import pandas as pd

from forecart.run import Run
from ml.demand import tables
from ml.demand.model import Model, fit, fit_baseline
from ml.demand.trials import trials

__all__ = ["HEADLINE", "TABLE", "Model", "fit", "fit_baseline", "predict", "trials"]

TABLE = tables.DEMAND
HEADLINE = ("product_30d_wape", "lower")


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """Batches of sales_forecast, then demand_forecast and restock_plan."""
    return tables.predict(model, connection, run.as_of_date)
