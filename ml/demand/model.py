"""The model of a shop's sales: what it learns from, and what it says of every level."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

import duckdb
import numpy as np
import pandas as pd

from forecart import timing
from ml import parallel, season, splits
from ml.demand import daily, departures, monthly, spread
from ml.demand.daily import HORIZON_DAYS
from ml.demand.reconcile import Means, Opinions, sums, unseen_shares
from ml.demand.spread import Spread
from ml.saved import Saved

# Cut-offs on which forecasts of a model that has not seen them tell of the intervals.
CALIBRATION_DATES = 2
LEVELS = ("total", "department", "category", "product")
MONTH = "product_30d"
BASELINE = "baseline"


# What came true of forecasts at a cut-off that they had not learned from: level -> means and actuals, of one shape.
Outcomes = dict[str, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Forecast:
    """`means` of units a day; `prices` are cents a unit, of products (products,) and of categories (categories,)."""

    means: Means
    product_prices: np.ndarray
    category_prices: np.ndarray

    def revenues(self) -> dict[str, np.ndarray]:
        """level: expected cents, shape (keys, 30). A category's are those of its products and of the remainder."""
        means = self.means
        products = means.products * self.product_prices[:, None]
        categories = means.remainders * self.category_prices[:, None] + sums(products, means.category_of, len(means.category_keys))
        departments = sums(categories, means.department_of, len(means.department_keys))
        return {"total": categories.sum(axis=0, keepdims=True), "department": departments, "category": categories, "product": products}


@dataclass(frozen=True)
class Model(Saved):
    """`days` holds what was learned of a level, `month` of a product's 30 days; without them the fallback speaks: the weekday's mean, and the last 30
    days and usual ones, in season. `spreads` are by level, by `<level>_cents` of revenue and of MONTH; without one, counts spread as Poisson's.
    `seen` is kept for a refit: what came true on the newest cut-offs of a model that had not seen them."""

    name: str
    days: dict[str, daily.Learned | None] = field(default_factory=dict)
    month: monthly.Month | None = None
    unseen_share: pd.Series = field(default_factory=lambda: pd.Series({"": 0.0}))
    spreads: dict[str, Spread] = field(default_factory=dict)
    seen: dict[date, Outcomes] = field(default_factory=dict)

    def forecast(self, connection: duckdb.DuckDBPyConnection, schema: str, as_of_date: date) -> Forecast:
        products = monthly.read(connection, schema, [as_of_date], is_labelled=False)
        categories = daily.read(connection, schema, "category", [as_of_date], is_labelled=False)
        regular = daily.read(connection, schema, "product", [as_of_date], is_labelled=False)
        category_of = pd.Index(categories.keys).get_indexer(products.categories)
        last = sums(products.last_units, category_of, len(categories.keys))
        cents = sums(products.last_units * products.price_cents, category_of, len(categories.keys))
        learned = self.days.get("category")
        months = [last, categories.usual_units] if learned else [last]
        against_weeks, against_last = (
            season.against(connection, schema, as_of_date, before) * departures.read(connection, schema, as_of_date, categories.keys, days)
            for before, days in ((season.SALES_LAST_56D, 56), (season.SALES_LAST_30D, 30))
        )
        weekdays = daily.means(None, categories) * against_weeks[:, None]
        regular_days = pd.DataFrame(daily.means(self.days.get("product"), regular), index=regular.keys)
        product_units = monthly.means(self.month, products)
        if self.days.get("product"):  # weekdays' means, which speak else, know no more of a month than usual days do
            product_units = _with_days(product_units, products.ids, regular_days)
        means = Opinions(
            product_ids=products.ids,
            category_of=category_of,
            product_units=product_units,
            regular=regular_days,
            category_keys=categories.keys,
            category_days=daily.means(learned, categories) if learned else weekdays,
            other_months=np.vstack([weekdays.sum(axis=1), *(month * against_last for month in months)]),
            unseen_share=self.unseen_share,
        ).together()
        return Forecast(means, products.price_cents, np.divide(cents, last, out=np.zeros_like(cents), where=last > 0))

    def quantiles(self, level: str, mean: np.ndarray) -> np.ndarray:
        """The 10, 50 and 90 % quantiles around means of a level, of a level's cents or of MONTH, shape (*mean.shape, 3)."""
        found = self.spreads.get(level)
        return found.around(mean) if found else spread.poisson(mean)


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """Intervals from the newest cut-offs with a model of the earlier ones, then the model from all."""
    newest_first = sorted(dates, reverse=True)
    held = newest_first[: min(CALIBRATION_DATES, len(dates) - 1)] or newest_first
    learned = _fit_means(connection, newest_first[len(held) :] or newest_first)
    seen = {day: _outcomes(learned, connection, day) for day in held}
    return replace(_fit_means(connection, newest_first), spreads=_spreads(connection, dates, seen), seen=seen)


def refit(connection: duckdb.DuckDBPyConnection, dates: list[date], before: Model) -> Model:
    """The same, with a model that was fitted on all of the dates but the newest: it tells what comes true of forecasts there, and remembers what
    came true before."""
    seen = {max(dates): _outcomes(before, connection, max(dates))} | before.seen
    newest = {day: seen[day] for day in sorted(seen, reverse=True)[:CALIBRATION_DATES]}
    return replace(_fit_means(connection, sorted(dates, reverse=True)), spreads=_spreads(connection, dates, newest))


def fit_baseline(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    """The mean of the weekday over eight weeks for days; for 30 days of products the usual ones, for those of categories that and the last 30."""
    newest = sorted(dates, reverse=True)[: monthly.MOST_DATES]
    categories = daily.read(connection, "training", "category", newest, is_labelled=True)
    products = monthly.read(connection, "training", newest, is_labelled=True)
    model = Model(BASELINE, unseen_share=_unseen_share(categories, products))
    seen = {day: _outcomes(model, connection, day) for day in sorted(dates)[-CALIBRATION_DATES:]}
    return replace(model, spreads=_spreads(connection, dates, seen))


def actuals(connection: duckdb.DuckDBPyConnection, as_of_date: date, level: str, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Units asked for and cents paid on each of the 30 days from as_of_date on, shape (keys, 30); from schema training."""
    with timing.spent(timing.DUCKDB):
        found = connection.execute(
            """
            select key, sale_date - ? as day, demand_milliunits / 1000 as units, sales_cents
            from training.sales_series where level = ? and sale_date >= ? and sale_date < ? + ?
            """,
            [as_of_date, level, as_of_date, as_of_date, HORIZON_DAYS],
        ).df()
    place = pd.Index(keys).get_indexer(found["key"])
    found, place = found[place >= 0], place[place >= 0]
    units, cents = np.zeros((2, len(keys), HORIZON_DAYS))
    units[place, found["day"]], cents[place, found["day"]] = found["units"], found["sales_cents"]
    return units, cents


def _with_days(units: np.ndarray, ids: np.ndarray, regular_days: pd.DataFrame) -> np.ndarray:
    """Units of 30 days by product: of those that sell regularly, the mean of what their month and their days say."""
    return np.nanmean([units, regular_days.sum(axis=1).reindex(ids)], axis=0)


def _fit_means(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Model:
    categories = daily.read(connection, "training", "category", splits.closer(dates), is_labelled=True)
    regular = daily.read(connection, "training", "product", dates[: monthly.MOST_DATES], is_labelled=True)
    products = monthly.read(connection, "training", dates[: monthly.MOST_DATES], is_labelled=True)
    with timing.spent(timing.CATBOOST):
        month, *days = parallel.run([partial(monthly.fit, products), partial(daily.fit, regular), partial(daily.fit, categories)])
    return Model("catboost", dict(zip(("product", "category"), days, strict=True)), month, _unseen_share(categories, products))


def _unseen_share(categories: daily.Days, products: monthly.Products) -> pd.Series:
    """On the cut-offs that both hold."""
    of_all = pd.Series(categories.units.sum(axis=1), index=[categories.categories, _dates(categories.frame)[::HORIZON_DAYS]])
    of_all = of_all[of_all.index.get_level_values(1).isin(_dates(products.frame))].groupby(level=0).sum()
    return unseen_shares(of_all, pd.Series(products.units).groupby(products.categories).sum())


def _dates(frame: pd.DataFrame) -> np.ndarray:
    return frame["as_of_date"].to_numpy()


def _spreads(connection: duckdb.DuckDBPyConnection, dates: list[date], seen: dict[date, Outcomes]) -> dict[str, Spread]:
    """Of a level with few keys the newest windows say little, since the days of a window err together: what came true of the fallback's forecasts
    on older cut-offs counts as well."""
    older = {day: _outcomes(Model(BASELINE), connection, day) for day in dates if day not in seen}
    found = {}
    for level in dict.fromkeys(level for outcomes in seen.values() for level in outcomes):
        is_little = sum(outcomes[level][0].size for outcomes in seen.values()) < spread.GROUP
        known = [outcomes[level] for outcomes in (seen | older if is_little else seen).values()]
        mean, actual = (np.concatenate([outcome[place].ravel() for outcome in known]) for place in (0, 1))
        found[level] = spread.fit(mean, actual, is_count=not level.endswith("_cents"), are_apart=level == MONTH)
    return {level: of_level for level, of_level in found.items() if of_level}


def _outcomes(model: Model, connection: duckdb.DuckDBPyConnection, day: date) -> Outcomes:
    forecast, found = model.forecast(connection, "training", day), {}
    revenues = forecast.revenues()
    for level, (keys, mean) in forecast.means.levels().items():
        units, cents = actuals(connection, day, level, keys)
        found |= {level: (mean, units), f"{level}_cents": (revenues[level], cents)}
        if level == "product":
            found[MONTH] = mean.sum(axis=1), units.sum(axis=1)
    return found
