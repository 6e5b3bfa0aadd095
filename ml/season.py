"""The season of the days to come (seasons.sql), for models that learn from months of which none may be like them.

A model answers for the mean season of what it learned from; the coming days are busier or quieter by a factor that the year before tells.
"""

from dataclasses import dataclass
from datetime import date
from typing import Self

import duckdb
import numpy as np
import pandas as pd

ORDERS_30D, SALES_30D, SALES_90D, SALES_LAST_30D, SALES_LAST_56D = SEASONS = (
    "season_orders_30d",
    "season_sales_30d",
    "season_sales_90d",
    "season_sales_last_30d",
    "season_sales_last_56d",
)


@dataclass(frozen=True)
class Season:
    """`column` is one of SEASONS, `usual` its mean over what was learned from."""

    column: str
    usual: float

    @classmethod
    def of(cls, column: str, features: pd.DataFrame) -> Self:
        return cls(column, float(features[column].mean()))

    def against_usual(self, features: pd.DataFrame) -> np.ndarray:
        """How much busier the days to come are than those learned from, shape (rows,)."""
        return features[self.column].to_numpy("float64") / self.usual

    def none(self, usual: np.ndarray, features: pd.DataFrame) -> np.ndarray:
        """P(none) where it would be `usual`: of a Poisson process it is e^-rate, and the rate is what the season multiplies."""
        return usual ** self.against_usual(features)


def against(connection: duckdb.DuckDBPyConnection, schema: str, day: date, before: str) -> float:
    """How much busier the 30 days to come are than those `before`, SALES_LAST_30D or SALES_LAST_56D."""
    return connection.execute(f"select {SALES_30D} / {before} from {schema}.seasons where as_of_date = ?", [day]).fetchone()[0]
