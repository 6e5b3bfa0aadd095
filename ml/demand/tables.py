"""The forecast as tables: `sales_forecast` a level at a time, `demand_forecast`, `restock_plan`."""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd

from ml.demand import model, restock
from ml.demand.daily import HORIZON_DAYS
from ml.demand.model import Forecast, Model
from ml.frames import fetch

SALES, DEMAND, RESTOCK = "sales_forecast", "demand_forecast", "restock_plan"
# What is told of a plan: more digits would be no knowledge.
RESTOCK_DIGITS = {"probability_of_running_out": 4, "units_until_arrival": 2, "safety_stock_units": 2, "cover_days": 1}


def predict(of: Model, connection: duckdb.DuckDBPyConnection, as_of_date: date) -> Iterator[tuple[str, pd.DataFrame]]:
    forecast = of.forecast(connection, "features", as_of_date)
    means, revenues = forecast.means, forecast.revenues()
    parents = {
        "total": np.array([None]),
        "department": np.full(len(means.department_keys), "all"),
        "category": means.department_keys[means.department_of],
        "product": means.category_keys[means.category_of],
    }
    for level, (keys, mean) in means.levels().items():
        units, cents = of.quantiles(level, mean), of.quantiles(f"{level}_cents", revenues[level])
        yield SALES, _days(as_of_date, level, keys, parents[level], mean, revenues[level], units, cents)
    remainder = means.remainders
    yield (
        SALES,
        _days(as_of_date, "remainder", means.category_keys, means.category_keys, remainder, remainder * forecast.category_prices[:, None]),
    )
    month = of.quantiles(model.MONTH, means.products.sum(axis=1))
    yield DEMAND, _thirty_days(connection, as_of_date, forecast, revenues["product"], month)
    plan = restock.plan(connection, as_of_date, restock.Demand(means.product_ids, means.products, month[:, 0], month[:, 2]))
    yield RESTOCK, plan.round(RESTOCK_DIGITS)


def _days(
    as_of_date: date,
    level: str,
    keys: np.ndarray,
    parents: np.ndarray,
    mean: np.ndarray,
    cents: np.ndarray,
    units_quantiles: np.ndarray | None = None,
    cents_quantiles: np.ndarray | None = None,
) -> pd.DataFrame:
    """Rows of a level, a key and a day each; without quantiles these are unknown."""
    count = len(keys)
    days = pd.to_datetime([as_of_date + timedelta(days=day) for day in range(HORIZON_DAYS)])
    unknown = np.full((count, HORIZON_DAYS, 3), np.nan)
    measures = {"units": (mean, units_quantiles), "revenue_cents": (cents, cents_quantiles)}
    rows = {
        "as_of_date": pd.Timestamp(as_of_date),
        "level": level,
        "key": pd.array(keys, dtype="string").repeat(HORIZON_DAYS),
        "parent_key": pd.array(parents, dtype="string").repeat(HORIZON_DAYS),
        "sale_date": np.tile(days, count),
    }
    for name, (of_mean, quantiles) in measures.items():
        known = unknown if quantiles is None else quantiles
        rows |= {f"{name}_p{percent}": known[..., place].ravel() for place, percent in enumerate((10, 50, 90))}
        rows[f"{name}_mean"] = of_mean.ravel()
    return pd.DataFrame(rows)


def _thirty_days(
    connection: duckdb.DuckDBPyConnection, as_of_date: date, forecast: Forecast, cents: np.ndarray, quantiles: np.ndarray
) -> pd.DataFrame:
    """One row a product asked for in the 90 days before, the most demanded first."""
    known = fetch(
        connection,
        """
        select product_id, units_30d, days_out_of_stock_30d
        from features.features_product inner join features.features_product_demand using (as_of_date, product_id)
        where as_of_date = ? order by product_id
        """,
        [as_of_date],
    ).set_index("product_id")
    means = forecast.means
    known = known.loc[means.product_ids]
    predicted = pd.DataFrame(
        {
            "as_of_date": as_of_date,
            "product_id": means.product_ids,
            "horizon_days": HORIZON_DAYS,
            "units_p10": quantiles[:, 0],
            "units_p50": quantiles[:, 1],
            "units_p90": quantiles[:, 2],
            "units_mean": means.products.sum(axis=1),
            "revenue_cents_mean": cents.sum(axis=1),
            "units_last_30d": known["units_30d"].to_numpy().astype("int64"),
            "days_out_of_stock_30d": known["days_out_of_stock_30d"].to_numpy().astype("int64"),
        }
    )
    return predicted.sort_values(["units_mean", "product_id"], ascending=[False, True], ignore_index=True)
