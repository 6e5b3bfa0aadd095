"""The field's simple and statistical forecasts of daily series, as baselines. Each takes history and gives means, floats of at least 0.

`history` has the shape (series, days) and ends the day before the cut-off; what is given has the shape (series, 30).
"""

import warnings

import numpy as np
import pandas as pd

from ml.demand.daily import HORIZON_DAYS

WEEK = 7
# What the fitted ones look back on; more is slower and no better.
FITTED_DAYS = 182
# AutoETS tries thirty models a series: a second each under load. It is fitted where a series sells on so many of 90 days.
COSTLY_SALE_DAYS = 60


def seasonal_naive(history: np.ndarray) -> np.ndarray:
    return _repeat(history[:, -WEEK:])


def mean_28_days(history: np.ndarray) -> np.ndarray:
    return _repeat(history[:, -28:].mean(axis=1, keepdims=True).repeat(WEEK, axis=1))


def weekday_mean(history: np.ndarray, weeks: int = 8) -> np.ndarray:
    weeks = min(weeks, history.shape[1] // WEEK)
    return _repeat(history[:, -weeks * WEEK :].reshape(len(history), weeks, WEEK).mean(axis=1))


def fitted(history: np.ndarray) -> dict[str, np.ndarray]:
    """AutoETS, DynamicOptimizedTheta and CrostonSBA (Hyndman and Athanasopoulos, Forecasting; Fiorucci et al., 2016; Syntetos and
    Boylan, 2005). AutoETS is the mean of the weekday where a series sells too rarely for it."""
    from statsforecast.models import AutoETS, CrostonSBA, DynamicOptimizedTheta

    recent = history[:, -FITTED_DAYS:]
    often = (recent[:, -90:] > 0).sum(axis=1) >= COSTLY_SALE_DAYS
    ets = weekday_mean(history)
    if often.any():
        ets[often] = _statsforecast(recent[often], AutoETS(season_length=WEEK))
    return {
        "auto_ets": ets,
        "theta": _statsforecast(recent, DynamicOptimizedTheta(season_length=WEEK)),
        "croston_sba": _statsforecast(recent, CrostonSBA()),
    }


def plain(history: np.ndarray) -> dict[str, np.ndarray]:
    return {"seasonal_naive": seasonal_naive(history), "mean_28_days": mean_28_days(history), "weekday_mean": weekday_mean(history)}


def _statsforecast(history: np.ndarray, model: object) -> np.ndarray:
    from statsforecast import StatsForecast

    count, days = history.shape
    frame = pd.DataFrame({"unique_id": np.arange(count).repeat(days), "ds": np.tile(np.arange(days), count), "y": history.ravel()})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = StatsForecast(models=[model], freq=1, n_jobs=1).forecast(df=frame, h=HORIZON_DAYS)
    values = found.sort_values(["unique_id", "ds"])[str(model)].to_numpy().reshape(count, HORIZON_DAYS)
    return np.maximum(np.nan_to_num(values), 0)


def _repeat(week: np.ndarray) -> np.ndarray:
    return np.tile(week, HORIZON_DAYS // WEEK + 1)[:, :HORIZON_DAYS]
