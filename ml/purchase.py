"""Which products will each customer buy in the next 30 days?

Candidates and features by SQL (features_customer_product), CatBoost beside five baselines, two lists a customer. Active customers are
those who bought in the 90 days before `as_of_date`; the others get lists of a simpler kind (ml/cold.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from forecart.run import Run
from ml import boosted, cold, lists, metrics, purchase_trials, shuffling, trees
from ml.baselines import fallback
from ml.baselines.fallback import Fallback
from ml.boosted import Boosted
from ml.comparison import Measure, Trials
from ml.saved import Saved

TABLE = lists.RECOMMENDATIONS
HEADLINE = ("ndcg_at_10", "higher")
# A shop sells a quarter more or less in a month than any calendar tells, and is judged on a single one.
CALIBRATED = {"history_ece_beyond_chance": 0.02, "top_20_ece_beyond_chance": 0.02}
CEILING = {"ndcg_at_10": 0.95, "history_auc": 0.98}
# Where next to nothing is bought twice, answers at random leave nothing to tell pairs bought before apart by; lists always hold some.
CHANCE = {"history_auc": 0.5, "top_20_auc": 0.5}


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


def refit(connection: duckdb.DuckDBPyConnection, dates: list[date], before: Model) -> Model:
    """The same, with a model that was fitted on all of the dates but the newest: it spares one of two trainings."""
    return Model(boosted.fit(connection, dates, before.active), cold.fit(connection, max(dates)))


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    return Model(fallback.fit(connection, dates), cold.fit(connection, max(dates)) if dates else cold.Cold())


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date], model: Model) -> Trials:
    return purchase_trials.trials(connection, cut_off, earlier, model.active)


def judge(model: Model, connection: duckdb.DuckDBPyConnection, cut_off: date) -> dict[str, Measure]:
    """What the model reaches at a cut-off whose window is known; a unit is a customer."""
    return purchase_trials.measured(connection, cut_off, model.active)


def shuffle(connection: duckdb.DuckDBPyConnection) -> None:
    shuffling.of_pairs(connection, "labels_purchase", "features_customer_product")


def curves(model: Model, connection: duckdb.DuckDBPyConnection, cut_off: date) -> dict[str, list[float]]:
    """Calibration and lift of the pairs bought before, at a cut-off whose window is known."""
    is_bought, probability = purchase_trials.of_history(connection, cut_off, model.active)
    return metrics.curves(is_bought.astype(float), probability)


def importances(model: Model) -> dict[str, float]:
    """column -> percent of the decisions of the classifier's trees; nothing of a baseline."""
    if not isinstance(model.active, Boosted):
        return {}
    return trees.importances(model.active.scores.classifier.trees)


def scores(model: Model, connection: duckdb.DuckDBPyConnection, schema: str, day: date) -> np.ndarray:
    """The probabilities of what would be listed for some of the active customers of a date, shape (listed,)."""
    return purchase_trials.listed_probabilities(model.active, connection, schema, day)


def ablation(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Trials:
    return purchase_trials.ablation(connection, cut_off, earlier)


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of product_recommendations (20 a customer) and discoveries (10), best first, for every customer who may be written to."""
    yield from lists.of_nobody()
    of_active = lists.of_model if isinstance(model.active, Boosted) else lists.of_fallback
    yield from of_active(model.active, connection, run.as_of_date)
    yield from lists.of_cold(model.cold, connection, run.as_of_date)
