"""The forecasts of every level beside the baselines', on the same days and products.

Products are told of twice: `product_daily` are those that sell on 30 of 90 days (of the others a single day is a matter of chance),
`product_30d` are all, in one sum, and `regular_30d` the regular ones. What ran out counts as what was asked for.
"""

from collections.abc import Callable, Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from forecart import timing
from ml.comparison import MODEL, Measure, Trials, mean_of
from ml.demand import classics, daily, model, monthly
from ml.demand.daily import HORIZON_DAYS
from ml.demand.spread import QUANTILES

FALLBACK, LAST_30_DAYS = "fallback", "last_30_days"
HISTORY_DAYS = 364
# Units of a day are skewed, of products most and of most categories still: the middle is nearer to them than the mean. Sums of many are not, and
# their mean is the better known.
MEDIANS = ("product", "category")


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date], ours: model.Model) -> Trials:
    """Units of the comparison are keys of a level; of the total, days."""
    fallback = model.fit_baseline(connection, earlier)
    found = {MODEL: judge(ours, connection, cut_off), FALLBACK: judge(fallback, connection, cut_off)}
    return found | {LAST_30_DAYS: _last_30_days(connection, cut_off)} | _classic(classics.plain, connection, cut_off, ours)


def slow_baselines(connection: duckdb.DuckDBPyConnection, cut_off: date, ours: model.Model) -> Trials:
    """The statistical methods, which take longer than the model to fit: for a backtest, not for every training."""
    return _classic(classics.fitted, connection, cut_off, ours)


def _classic(
    methods: Callable[[np.ndarray], dict[str, np.ndarray]], connection: duckdb.DuckDBPyConnection, cut_off: date, ours: model.Model
) -> Trials:
    found: Trials = {}
    for level, keys in _told_keys(connection, cut_off, ours).items():
        actual, _ = model.actuals(connection, cut_off, level, keys)
        history = histories(connection, cut_off, level, keys)
        with timing.spent(timing.OTHER):
            for name, mean in methods(history).items():
                found.setdefault(name, {}).update(of_days(level, keys, actual, mean, history))
                if level == "product":
                    found[name] |= of_sums("regular_30d", keys, actual, mean)
    return found


def judge(fitted: model.Model, connection: duckdb.DuckDBPyConnection, cut_off: date) -> dict[str, Measure]:
    """What a model reaches at a cut-off whose window is known."""
    regular, measures = _regular(connection, cut_off), {}
    for level, (keys, mean) in fitted.forecast(connection, "training", cut_off).means.levels().items():
        actual, _ = model.actuals(connection, cut_off, level, keys)
        history = histories(connection, cut_off, level, keys)
        quantiles = fitted.quantiles(level, mean)
        chosen = np.isin(keys, regular) if level == "product" else np.ones(len(keys), dtype=bool)
        if chosen.any():
            measures |= of_days(level, keys[chosen], actual[chosen], mean[chosen], history[chosen], quantiles[chosen])
        if level == "product":
            of_month = fitted.quantiles(model.MONTH, mean.sum(axis=1))
            segments = {name: mask for name, mask in {"regular": chosen, "rare": ~chosen}.items() if mask.any()}
            measures |= of_sums("product_30d", keys, actual, mean, of_month, segments)
            if chosen.any():
                measures |= of_sums("regular_30d", keys[chosen], actual[chosen], mean[chosen], of_month[chosen])
    return measures


def _last_30_days(connection: duckdb.DuckDBPyConnection, cut_off: date) -> dict[str, Measure]:
    """Of products' sums: what was asked for in the last 30 days again."""
    products = monthly.read(connection, "training", [cut_off], is_labelled=False)
    actual, _ = model.actuals(connection, cut_off, "product", products.ids)
    again = np.repeat(products.last_units[:, None] / HORIZON_DAYS, HORIZON_DAYS, axis=1)
    regular = np.isin(products.ids, _regular(connection, cut_off))
    measures = of_sums("product_30d", products.ids, actual, again)
    return measures | (of_sums("regular_30d", products.ids[regular], actual[regular], again[regular]) if regular.any() else {})


def _regular(connection: duckdb.DuckDBPyConnection, cut_off: date) -> np.ndarray:
    return daily.read(connection, "training", "product", [cut_off], is_labelled=False).keys


def _told_keys(connection: duckdb.DuckDBPyConnection, cut_off: date, fitted: model.Model) -> dict[str, np.ndarray]:
    """level -> the keys that daily forecasts are compared on."""
    levels = fitted.forecast(connection, "training", cut_off).means.levels()
    keys = {level: of_level for level, (of_level, _) in levels.items()}
    keys["product"] = keys["product"][np.isin(keys["product"], _regular(connection, cut_off))]
    return {level: of_level for level, of_level in keys.items() if len(of_level)}


def of_days(
    level: str, keys: np.ndarray, actual: np.ndarray, mean: np.ndarray, history: np.ndarray, quantiles: np.ndarray | None = None
) -> dict[str, Measure]:
    """`<level>_daily_…`: WAPE, MASE and RMSSE (against the seasonal naive forecast in the history), bias; with quantiles the pinball loss
    as a share of the units and the coverage of the 80 % interval. `<level>_30d_wape` is of the sum."""
    units = keys if len(keys) > 1 else np.arange(HORIZON_DAYS)
    points = quantiles[..., 1] if quantiles is not None and level in MEDIANS else mean
    naive = np.abs(history[:, 7:] - history[:, :-7])
    scale, square_scale = naive.mean(axis=1), (naive**2).mean(axis=1)
    errors, squares = np.abs(actual - points).mean(axis=1), ((actual - mean) ** 2).mean(axis=1)
    scaled = {
        f"{level}_daily_mase": np.divide(errors, scale, out=np.full(len(keys), np.nan), where=scale > 0),
        f"{level}_daily_rmsse": np.sqrt(np.divide(squares, square_scale, out=np.full(len(keys), np.nan), where=square_scale > 0)),
    }
    rows = _by_unit if len(keys) > 1 else np.ravel
    measures = {
        f"{level}_daily_wape": _share(units, rows(np.abs(actual - points)), rows(actual)),
        f"{level}_daily_bias": _share(units, rows(mean - actual), rows(actual), better=""),
        **{name: mean_of(keys, values, better="lower") for name, values in scaled.items()},
        f"{level}_30d_wape": _share(keys, np.abs(mean.sum(axis=1) - actual.sum(axis=1)), actual.sum(axis=1)),
    }
    if quantiles is not None:
        measures[f"{level}_daily_pinball"] = _share(units, rows(_pinball(actual, quantiles)), rows(actual))
        measures[f"{level}_daily_coverage_80"] = mean_of(units, rows(_covered(actual, quantiles)) / rows(np.ones_like(actual)), better="")
    if level == "product":
        del measures["product_30d_wape"]  # told of all products
    return measures


def of_sums(
    name: str,
    keys: np.ndarray,
    actual: np.ndarray,
    mean: np.ndarray,
    quantiles: np.ndarray | None = None,
    segments: dict[str, np.ndarray] | None = None,
) -> dict[str, Measure]:
    """WAPE, bias and correlation of 30-day sums; with their quantiles (keys, 3) pinball loss and coverage, and how far that is off .8."""
    actual, mean = actual.sum(axis=1), mean.sum(axis=1)
    measures = {
        f"{name}_wape": _share(keys, np.abs(actual - mean), actual, segments=segments or {}),
        f"{name}_bias": _share(keys, mean - actual, actual, better=""),
        f"{name}_correlation": _correlation(keys, np.log1p(actual), np.log1p(mean)),
    }
    if quantiles is not None:
        covered = _covered(actual, quantiles)
        measures[f"{name}_pinball"] = _share(keys, _pinball(actual, quantiles), actual)
        measures[f"{name}_coverage_80"] = mean_of(keys, covered, better="")
        measures[f"{name}_coverage_off"] = mean_of(keys, covered - 0.8, better="")
    return measures


def histories(connection: duckdb.DuckDBPyConnection, cut_off: date, level: str, keys: np.ndarray) -> np.ndarray:
    """Units asked for on each day before the cut-off, at most HISTORY_DAYS of them, shape (keys, days)."""
    with timing.spent(timing.DUCKDB):
        found = connection.execute(
            """
            select key, ? - sale_date as age, demand_milliunits / 1000 as units
            from training.sales_series where level = ? and sale_date < ? and sale_date >= ? - ?
            """,
            [cut_off, level, cut_off, cut_off, HISTORY_DAYS],
        ).df()
    place = pd.Index(keys).get_indexer(found["key"])
    days = int(found["age"].max()) if len(found) else 1
    units = np.zeros((len(keys), days))
    units[place[place >= 0], days - found["age"][place >= 0]] = found["units"][place >= 0]
    return units


def _by_unit(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=1)


def _covered(actual: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    return ((actual >= quantiles[..., 0]) & (actual <= quantiles[..., 2])).astype(float)


def _pinball(actual: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """The mean over the three quantiles."""
    losses = [np.maximum(share * (actual - of), (share - 1) * (actual - of)) for share, of in _each(quantiles)]
    return np.mean(losses, axis=0)


def _each(quantiles: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
    return ((share, quantiles[..., place]) for place, share in enumerate(QUANTILES))


def _correlation(units: np.ndarray, actual: np.ndarray, mean: np.ndarray) -> Measure:
    """Pearson's; nan where one of the two does not vary."""

    def value(weights: np.ndarray) -> float:
        if not weights.any():
            return float("nan")
        both = np.cov(actual, mean, aweights=weights, ddof=0)
        scale = float(np.sqrt(both[0, 0] * both[1, 1]))
        return float(both[0, 1]) / scale if scale else float("nan")

    return Measure(units, value)


def _share(units: np.ndarray, amounts: np.ndarray, of: np.ndarray, better: str = "lower", **told) -> Measure:
    """Sum of amounts as a share of another sum; nan where that is nothing."""

    def value(weights: np.ndarray) -> float:
        whole = float(weights @ of)
        return float(weights @ amounts) / whole if whole else float("nan")

    return Measure(units, value, better, **told)
