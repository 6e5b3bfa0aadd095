"""How many units of a category, or of a product that sells regularly, on each of the next 30 days?

CatBoost learns by which factor each day departs from the mean of its weekday over eight weeks (a Poisson regression with that mean as its
offset). All categories, or all products, are learned together: the days before and after a holiday, the first of a month, a promotion or a rising
shop show in each of them a little, and in none alone enough. Categories are learned from dates ten days apart, since a weekday or a holiday is seen
seldom; their windows overlap, and all of them end before the day that is forecast. Where there are few categories there is little to learn from:
trees are fewer, and the mean of the weekday keeps its part in the forecast.
"""

from dataclasses import dataclass

import catboost
import duckdb
import numpy as np
import pandas as pd

from forecart import timing
from ml import effort, parallel, trees
from ml.frames import fetch, listed
from ml.splits import HORIZON

HORIZON_DAYS = HORIZON.days
WINDOWS = (7, 14, 28, 56, 91, 182)
# A usual month is the mean over these, one in the other: newer days weigh more, older ones count.
USUAL_WINDOWS = WINDOWS[1:]
# What the eight weeks of a weekday's mean had of promotions, and what each day to come has.
PROMOTED = ("promoted_stores", "displayed_stores", "mailed_stores", "discount_milli")
# A day on which a weekday's mean is nothing may still sell something: this share of the mean of all days.
LEAST_SHARE = 0.02
# From so many windows of 30 days of one key on, what was learned counts for more than half.
HALF_LEARNED = 20.0
# From so many on, there are more than half as many trees as there may be.
HALF_GROWN, MOST_TREES = 100.0, 800
SETTINGS = {
    **trees.SETTINGS,
    **trees.ONE_STEP,
    "loss_function": "Poisson",
    "depth": 3,
    "learning_rate": 0.05,
    "l2_leaf_reg": 5,
    "rsm": 0.4,
}


@dataclass(frozen=True)
class Days:
    """Rows of features_sales_day, 30 a key in the order of their days; `units` (keys, 30) came true, None where that is not known."""

    frame: pd.DataFrame
    units: np.ndarray | None = None

    @property
    def keys(self) -> np.ndarray:
        return self.frame["key"].to_numpy()[::HORIZON_DAYS]

    @property
    def categories(self) -> np.ndarray:
        return self.frame["category"].to_numpy()[::HORIZON_DAYS]

    @property
    def is_open(self) -> np.ndarray:
        """Of each row whether the shop is open, as is known beforehand."""
        return ~self.frame["is_closed"].to_numpy(bool)

    @property
    def level(self) -> np.ndarray:
        """Mean units a day over the last 56 days, of each row."""
        return np.maximum(self.mean(56), 1e-3)

    @property
    def usual_units(self) -> np.ndarray:
        """Units of 30 usual days, shape (keys,)."""
        return HORIZON_DAYS * np.mean([self.mean(days)[::HORIZON_DAYS] for days in USUAL_WINDOWS], axis=0)

    @property
    def weekday_mean(self) -> np.ndarray:
        """Mean units on the row's weekday over the last eight weeks, but for the days on which the shop was closed."""
        return self._of_weekday(8)

    def features(self) -> pd.DataFrame:
        """Shares of the level, so that large and small series teach each other."""
        frame, level = self.frame, self.level
        return pd.DataFrame(
            {
                "log_level": np.log(level),
                **{f"mean_{days}d": self.mean(days) / level for days in WINDOWS if days != 56},
                "weekday_8w": self.weekday_mean / level,
                "weekday_4w": self._of_weekday(4) / level,
                "weekday_1w": frame["weekday_demand_1w"].to_numpy("float64") / 1000 / level,
                "best_day": frame["most_demand_a_day_56d"].to_numpy("float64") / 1000 / level,
                **{f"{name}_change": self._promoted_change(name) for name in PROMOTED},
                **{
                    name: frame[name].to_numpy("float64")
                    for name in (
                        "count_sale_days_28d",
                        "count_sale_days_90d",
                        "weekday",
                        "day_of_month",
                        "horizon_day",
                        "days_to_holiday",
                        "days_since_holiday",
                        "total_trend_7d",
                        "total_trend_28d",
                        "year_ago_ratio",
                        *PROMOTED,
                    )
                },
            }
        )

    def pool(self) -> catboost.Pool:
        level = self.level
        offset = np.maximum(self.weekday_mean / level, LEAST_SHARE)
        label = None if self.units is None else self.units.ravel() / level
        return catboost.Pool(self.features(), label, weight=level * self.is_open, baseline=np.log(offset))

    def _of_weekday(self, weeks: int) -> np.ndarray:
        there = np.clip(self.frame["history_days"].to_numpy("float64") / 7, 1, weeks)
        demand, closed = (self.frame[f"weekday_{name}_{weeks}w"].to_numpy("float64") for name in ("demand", "closed"))
        return demand / 1000 / np.maximum(there - closed, 1)

    def _promoted_change(self, name: str) -> np.ndarray:
        """The logarithm of what a day has of promotions against a mean day of the last 56."""
        return np.log1p(self.frame[name].to_numpy("float64")) - np.log1p(self.frame[f"{name}_56d"].to_numpy("float64") / self._there(56))

    def mean(self, days: int) -> np.ndarray:
        """Mean units a day over a window."""
        return self.frame[f"demand_{days}d"].to_numpy("float64") / 1000 / self._there(days)

    def _there(self, days: int) -> np.ndarray:
        """Days of a window, or of the shop's history where that is shorter."""
        return np.minimum(self.frame["history_days"].to_numpy("float64"), days)


@dataclass(frozen=True)
class Learned:
    """`share` is the regressor's part in a forecast; the rest is the weekday's mean."""

    regressor: catboost.CatBoostRegressor
    share: float


def read(connection: duckdb.DuckDBPyConnection, schema: str, level: str, dates: list, is_labelled: bool) -> Days:
    """The days of a level at the dates, of one date after the other."""
    label = ", labels.demand_milliunits as label" if is_labelled else ""
    join = f"inner join {schema}.labels_sales_day as labels using (as_of_date, level, key, sale_date)" if is_labelled else ""
    frame = fetch(
        connection,
        f"""
        select features.*{label}
        from {schema}.features_sales_day as features {join}
        where level = '{level}' and as_of_date in ({listed(dates)})
        order by as_of_date, key, sale_date
        """,
    )
    units = frame.pop("label").to_numpy("float64").reshape(-1, HORIZON_DAYS) / 1000 if is_labelled else None
    return Days(frame, units)


def fit(days: Days) -> Learned | None:
    """None where there is nothing to learn from."""
    if days.units is None or not days.units.sum():
        return None
    windows = len(days.frame[["key", "sale_date"]].drop_duplicates()) / HORIZON_DAYS
    count = effort.of(round(MOST_TREES * windows / (windows + HALF_GROWN)))
    regressor = catboost.CatBoostRegressor(**SETTINGS, iterations=count, thread_count=parallel.threads())
    with timing.spent(timing.CATBOOST):
        trees.fit(regressor, days.pool())
    return Learned(regressor, windows / (windows + HALF_LEARNED))


def means(learned: Learned | None, days: Days) -> np.ndarray:
    """Expected units, shape (keys, 30): none where the shop is closed. Where nothing was learned, the weekday's mean."""
    expected = days.weekday_mean
    if learned is not None and len(days.frame):
        with timing.spent(timing.CATBOOST):
            factor = learned.regressor.predict(days.pool(), prediction_type="Exponent", thread_count=parallel.threads())
        expected = learned.share * factor * days.level + (1 - learned.share) * expected
    return (expected * days.is_open).reshape(-1, HORIZON_DAYS)
