"""Which products will each customer buy in the next 30 days?

Candidates and features by SQL (features_customer_product), CatBoost beside five baselines, two lists a customer. Active customers are
those who bought in the 90 days before `as_of_date`; the others get lists of a simpler kind (ml/cold.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd

from forecart.run import Run
from ml import boosted, cold, lists, purchase_trials
from ml.baselines import fallback
from ml.baselines.fallback import Fallback
from ml.boosted import Boosted
from ml.comparison import Trials
from ml.saved import Saved

TABLE = lists.RECOMMENDATIONS
HEADLINE = ("ndcg_at_10", "higher")


@dataclass(frozen=True)
class Model(Saved):
    """One for active customers, one for all others."""

    active: Boosted | Fallback
    cold: cold.Cold

    @property
    def name(self) -> str:
        return self.active.name


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """Raises TooLittleData where there is too little to learn from."""
    return Model(boosted.fit(connection, dates), cold.fit(connection, max(dates)))


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    return Model(fallback.fit(connection, dates), cold.fit(connection, max(dates)) if dates else cold.Cold())


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Trials:
    """The model and every baseline, see purchase_trials. Raises TooLittleData where there is too little to learn from."""
    return purchase_trials.trials(connection, cut_off, earlier)


def ablation(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Trials:
    return purchase_trials.ablation(connection, cut_off, earlier)


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of product_recommendations (20 a customer) and discoveries (10), best first, for every customer who did not refuse."""
    of_active = lists.of_model if isinstance(model.active, Boosted) else lists.of_fallback
    yield from of_active(model.active, connection, run.as_of_date)
    yield from lists.of_cold(model.cold, connection, run.as_of_date)
