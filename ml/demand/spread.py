"""How far what comes true lies from a forecast: split conformal prediction.

Quantiles of actual / forecast on cut-offs that forecasts had not learned from, in groups of forecasts of about the same size (Mondrian conformal
prediction: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, chapter 4).
"""

from dataclasses import dataclass

import numpy as np

QUANTILES = (0.1, 0.5, 0.9)
# A group holds so many examples at least; only the largest forecasts stand in groups that small, since a few products make up most of the units.
GROUP = 200
# A small shop's best sellers would stand in one group with what sells a tenth of it, and be given its spread: a tenth of the examples is enough where
# they hardly err together, as months of products, not as the days of one key.
FEWEST = 60
MOST_GROUPS = 40
# From this forecast on, counts are spread out.
LEAST_SPREAD_OUT = 3.0
SEED = 7


@dataclass(frozen=True)
class Spread:
    """At each of `sizes` (ascending forecasts), `ratios` holds the quantiles of actual / forecast, shape (sizes, 3)."""

    sizes: np.ndarray
    ratios: np.ndarray

    def around(self, mean: np.ndarray) -> np.ndarray:
        """Quantiles for each mean, shape (*mean.shape, 3), in order and not negative; ratios are interpolated between sizes."""
        place = np.log(np.maximum(mean, 1e-9))
        ratios = np.stack([np.interp(place, np.log(self.sizes), quantile) for quantile in self.ratios.T], axis=-1)
        return np.sort(np.maximum(ratios * mean[..., None], 0), axis=-1)


def fit(mean: np.ndarray, actual: np.ndarray, is_count: bool, are_apart: bool = False) -> Spread | None:
    """From forecasts and what came true, of the same shape; None where there is nothing to see. `are_apart`: examples hardly err together.

    For the outer quantiles counts are spread over half a unit to either side, so that an interval is no wider than it must be to hold 80 %
    (Machado and Santos Silva, Quantiles for counts, 2005); of the smallest forecasts they stay whole. Where 0 comes true in more than one
    of ten cases, an interval from 0 on holds more than 80 %.
    """
    mean, actual = mean.ravel(), actual.ravel()
    mean, actual = mean[mean > 0], actual[mean > 0]
    if not len(mean):
        return None
    half_units = np.random.default_rng(SEED).uniform(-0.5, 0.5, len(actual)) * (is_count & (mean >= LEAST_SPREAD_OUT))
    spread_out = np.maximum(actual + half_units, 0)
    least = int(np.clip(len(mean) / 10, FEWEST, GROUP)) if are_apart else GROUP
    groups = _groups(np.argsort(mean, kind="stable"), least)
    sizes = np.array([mean[group].mean() for group in groups])
    ratios = np.array([_quantiles(spread_out[group] / mean[group], actual[group] / mean[group]) for group in groups])
    sizes, first = np.unique(sizes, return_index=True)
    return Spread(sizes, ratios[first])


def poisson(mean: np.ndarray) -> np.ndarray:
    """Quantiles of counts of which only the mean is known, shape (*mean.shape, 3)."""
    from scipy.stats import poisson as distribution

    return np.stack([distribution.ppf(quantile, np.maximum(mean, 1e-9)) for quantile in QUANTILES], axis=-1)


def _groups(order: np.ndarray, least: int) -> list[np.ndarray]:
    """Ascending groups of one size, of `least` or more; the uppermost is halved again and again."""
    *groups, top = np.array_split(order, int(np.clip(len(order) // least, 1, MOST_GROUPS)))
    while len(top) >= 2 * least:
        lower, top = np.array_split(top, 2)
        groups.append(lower)
    return [*groups, top]


def _quantiles(spread_out: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """The outer ones lie a little further out, as a finite number of examples asks for."""
    count = len(ratios)
    low, middle, high = QUANTILES
    outer = np.clip([((count + 1) * low - 1) / count, (count + 1) * high / count], 0, 1)
    below, above = np.quantile(spread_out, outer)
    return np.array([below, np.quantile(ratios, middle), above])
