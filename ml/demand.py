"""How many units of each product will sell in the next 30 days? CatBoost beside the last 30 days.

Products are those sold in the 90 days before `as_of_date`. The mean is a model of its own: medians do not add up, means do. The
quantiles are what came true, on a cut-off that the model had not seen, of forecasts of the same size (split conformal prediction in
groups: Vovk et al., Algorithmic Learning in a Random World, 2005).
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import catboost
import duckdb
import numpy as np
import pandas as pd

from forecart import settings, timing
from forecart.run import Run
from ml import metrics
from ml.comparison import MODEL, Measure, Trials
from ml.frames import fetch, listed
from ml.saved import Saved

TABLE = "demand_forecast"
HEADLINE = ("wape", "lower")
HORIZON_DAYS = 30
QUANTILES = (0.1, 0.5, 0.9)
# Text is left out: what a category says of demand is in the numbers of its group, and categorical splits take ten times as long.
UNUSED = ["as_of_date", "product_id", "units_in_window", "department", "category", "product_group", "maker"]
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
class Spread:
    """What came true of forecasts, by their size: at each of `sizes` (ascending), `units` holds the quantiles, shape (sizes, 3)."""

    sizes: np.ndarray
    units: np.ndarray

    def around(self, mean: np.ndarray) -> np.ndarray:
        """Quantiles for each mean, shape (n, 3): interpolated between sizes, in proportion beyond the largest one."""
        within = np.column_stack([np.interp(mean, self.sizes, quantile) for quantile in self.units.T])
        return within * np.maximum(mean / max(self.sizes[-1], 1e-9), 1)[:, None]


@dataclass(frozen=True)
class Model(Saved):
    """`mean` is a CatBoost regressor, None in the baseline; `spread` is None where nothing is known of past forecasts."""

    name: str
    mean: catboost.CatBoostRegressor | None = None
    spread: Spread | None = None

    def units(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Quantiles, shape (products, 3), in order and not negative; means, shape (products,)."""
        mean = _mean(self.mean, frame)
        quantiles = self.spread.around(mean) if self.spread else _poisson(mean)
        return np.sort(np.maximum(quantiles, 0), axis=1), mean


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    newest, *earlier = sorted(dates, reverse=True)[:MOST_DATES]
    frame = _labelled(connection, [newest, *earlier])
    is_newest = (frame["as_of_date"] == pd.Timestamp(newest)).to_numpy()
    seen, unseen = (frame[~is_newest], frame[is_newest]) if earlier else (frame, frame)
    spread = _spread(_mean(_train(seen), unseen), unseen)
    return Model("catboost", _train(frame), spread)


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """What sold in the last 30 days sells in the next."""
    if not dates:
        return Model("baseline")
    frame = _labelled(connection, [max(dates)])
    return Model("baseline", spread=_spread(_mean(None, frame), frame))


def _train(frame: pd.DataFrame) -> catboost.CatBoostRegressor:
    regressor = catboost.CatBoostRegressor(**SETTINGS, thread_count=settings.threads())
    with timing.spent(timing.CATBOOST):
        return regressor.fit(_features(frame), frame["units_in_window"])


def _mean(regressor: catboost.CatBoostRegressor | None, frame: pd.DataFrame) -> np.ndarray:
    if regressor is None:
        return np.maximum(frame["units_30d"].to_numpy("float64"), 0)
    with timing.spent(timing.CATBOOST):
        return np.maximum(regressor.predict(_features(frame), prediction_type="Exponent", thread_count=settings.threads()), 0)


def _spread(mean: np.ndarray, frame: pd.DataFrame) -> Spread | None:
    """Products in groups of a few hundred by the size of their forecast; the largest sellers in smaller ones."""
    if not len(mean):
        return None
    order = np.argsort(mean, kind="stable")
    bounds = np.unique(
        np.concatenate([np.linspace(0, len(mean), 33), len(mean) - np.geomspace(30, max(len(mean) / 32, 31), 6)]).astype(int).clip(0)
    )
    groups = [order[start:end] for start, end in itertools.pairwise(bounds)]
    actual = frame["units_in_window"].to_numpy("float64")
    sizes = np.array([mean[group].mean() for group in groups])
    units = np.array([np.quantile(actual[group], QUANTILES) for group in groups])
    return Spread(sizes, units)


def _poisson(mean: np.ndarray) -> np.ndarray:
    """The spread of counts of which only the mean is known."""
    from scipy.stats import poisson

    return np.column_stack([poisson.ppf(quantile, np.maximum(mean, 0.1)) for quantile in QUANTILES])


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Trials:
    """The model and the last 30 days; a unit is a product."""
    frame = _labelled(connection, [cut_off])
    return {
        method: _measures(frame, *model.units(frame))
        for method, model in {MODEL: fit(connection, earlier), "last_30_days": fit_baseline(connection, earlier)}.items()
    }


def _measures(frame: pd.DataFrame, quantiles: np.ndarray, mean: np.ndarray) -> dict[str, Measure]:
    columns = frame["units_in_window"].to_numpy("float64"), *quantiles.T, mean

    def measure(metric: str) -> Measure:
        def value(weights: np.ndarray) -> float:
            return metrics.quantity(*(np.repeat(column, weights.astype(int)) for column in columns))[metric]

        return Measure(frame["product_id"].to_numpy(), value, "" if metric in ("bias", "coverage_80") else "lower", draws=200)

    return {metric: measure(metric) for metric in metrics.quantity(*columns)}


def predict(model: Model, connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """One row per product sold in the 90 days before the run's date, the most demanded first."""
    query = "select * from features.features_product where as_of_date = ? and units_90d > 0 order by product_id"
    frame = fetch(connection, query, [run.as_of_date])
    quantiles, mean = model.units(frame)
    predicted = pd.DataFrame(
        {
            "as_of_date": run.as_of_date,
            "product_id": frame["product_id"],
            "horizon_days": HORIZON_DAYS,
            "units_p10": quantiles[:, 0],
            "units_p50": quantiles[:, 1],
            "units_p90": quantiles[:, 2],
            "units_mean": mean,
            "units_last_30d": frame["units_30d"].astype("int64"),
        }
    )
    yield TABLE, predicted.sort_values(["units_mean", "product_id"], ascending=[False, True], ignore_index=True)


def _labelled(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> pd.DataFrame:
    return fetch(
        connection,
        f"""
        select features.*, labels.units_30d as units_in_window
        from training.features_product as features
        inner join training.labels_demand as labels using (as_of_date, product_id)
        where as_of_date in ({listed(dates)}) and features.units_90d > 0
        order by as_of_date, product_id
        """,
    )


def _features(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[column for column in UNUSED if column in frame])
