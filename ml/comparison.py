"""Is one method better than another, or did chance have it so? Paired bootstrap over units.

A unit is what is drawn independently of others: a customer, a product, a day. Both methods are judged on the same draws, so that what
makes a unit hard for both cancels out (Efron and Tibshirani, An Introduction to the Bootstrap, 1993; Sakai, Evaluating information
retrieval metrics based on bootstrap hypothesis tests, 2007). A unit that is seen at several cut-offs is drawn for all of them together:
its windows are no independent news.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

DRAWS = 1000
SEED = 7
# Where a metric is undefined in more of the draws it rests on fewer than five units, or of one kind of them, and an interval would tell of those few.
MOST_UNDEFINED = 0.01
MODEL = "model"


@dataclass(frozen=True)
class Measure:
    """A metric of one method at one cut-off, as a function of how much each unit counts.

    `value(weights)` takes weights >= 0 of shape (units,), all ones for the metric itself, and gives nan where it is undefined. Methods
    that are compared name the same `units` in the same order. `better` is empty for what is told and not compared. `segments` are masks
    over units under the names they are told by. `draws`: fewer where a value takes long to compute.
    """

    units: np.ndarray
    value: Callable[[np.ndarray], float]
    better: Literal["higher", "lower", ""] = "higher"
    segments: dict[str, np.ndarray] = field(default_factory=dict)
    draws: int = DRAWS

    def plain(self, segment: str | None = None) -> float:
        """The metric with every unit (of the segment) counted once."""
        return self.value(self.mask(segment).astype(float))

    def mask(self, segment: str | None) -> np.ndarray:
        return np.ones(len(self.units), dtype=bool) if segment is None else self.segments[segment]


@dataclass(frozen=True)
class Difference:
    """`model` less `baseline`, the best of the baselines, with the interval, of 95 % if nothing else is said (nan where it would rest
    on too few units); `baseline` is the baseline's name."""

    baseline: str
    difference: float
    lower: float
    upper: float
    share: float
    """The difference as a share of the baseline's value."""


# method -> metric -> Measure, of one cut-off
Trials = dict[str, dict[str, Measure]]


def mean_of(units: np.ndarray, values: np.ndarray, **told) -> Measure:
    """The weighted mean of a value of each unit; a unit whose value is nan does not count."""
    is_known = ~np.isnan(values)
    known = np.where(is_known, values, 0.0)

    def value(weights: np.ndarray) -> float:
        total = float(weights @ is_known)
        return float(weights @ known) / total if total else float("nan")

    return Measure(units, value, **told)


def means(windows: list[Trials], segment: str | None = None) -> dict[str, dict[str, float]]:
    """method -> metric -> mean over the cut-offs where it is defined; nan where it is nowhere."""
    found: dict[str, dict[str, float]] = {method: {} for trials in windows for method in trials}
    for metric in dict.fromkeys(metric for trials in windows for of_method in trials.values() for metric in of_method):
        for method, value in means_of(metric, windows, segment).items():
            found[method][metric] = value
    return {method: of_method for method, of_method in found.items() if of_method}


def means_of(metric: str, windows: list[Trials], segment: str | None = None) -> dict[str, float]:
    """method -> mean over the cut-offs where the metric is defined; nan where it is nowhere."""
    found = {}
    for method in dict.fromkeys(method for trials in windows for method in trials):
        measures = [trials[method][metric] for trials in windows if metric in trials.get(method, {})]
        values = [measure.plain(segment) for measure in measures if segment is None or segment in measure.segments]
        if values:
            found[method] = nanmean(values)
    return found


def best_baseline(windows: list[Trials], metric: str, segment: str | None = None) -> str | None:
    """The best by a metric in the mean over cut-offs; None where none has it or it is not to be compared."""
    better = next((trials[MODEL][metric].better for trials in windows if metric in trials.get(MODEL, {})), "")
    if not better:
        return None
    baselines = {method: value for method, value in means_of(metric, windows, segment).items() if method != MODEL and not np.isnan(value)}
    return max(baselines, key=lambda method: baselines[method] * (1 if better == "higher" else -1), default=None)


def difference(windows: list[Trials], metric: str, segment: str | None = None, certainty: float = 0.95) -> Difference | None:
    """The model against the best baseline in the mean over cut-offs; None where either has no such metric or it is not to be compared."""
    windows = [trials for trials in windows if metric in trials.get(MODEL, {})]
    if segment is not None:
        windows = [trials for trials in windows if segment in trials[MODEL][metric].segments]
    best, values = best_baseline(windows, metric, segment), means_of(metric, windows, segment)
    if not best or np.isnan(values.get(MODEL, float("nan"))):
        return None
    paired = [(trials[MODEL][metric], trials[best][metric]) for trials in windows if metric in trials.get(best, {})]
    drawn = [
        nanmean([ours.value(weights) - theirs.value(weights) for (ours, theirs), weights in zip(paired, drawn, strict=True)])
        for drawn in _draws([ours for ours, _ in paired], segment)
    ]
    found, baseline = values[MODEL] - values[best], values[best]
    is_told = np.isnan(drawn).mean() <= MOST_UNDEFINED
    bounds = 100 * np.array([1 - certainty, 1 + certainty]) / 2
    lower, upper = np.nanpercentile(drawn, bounds) if is_told else (float("nan"), float("nan"))
    return Difference(best, found, float(lower), float(upper), found / abs(baseline) if baseline else float("nan"))


def _draws(measures: list[Measure], segment: str | None) -> Iterator[list[np.ndarray]]:
    """For each draw the weights at each cut-off: how often each unit of the union was drawn, with replacement."""
    names, places = np.unique(np.concatenate([measure.units.astype(str) for measure in measures]), return_inverse=True)
    of_each = np.split(places, np.cumsum([len(measure.units) for measure in measures])[:-1])
    masks = [measure.mask(segment) for measure in measures]
    chance = np.random.default_rng(SEED)
    for _ in range(min(measure.draws for measure in measures)):
        counts = np.bincount(chance.integers(0, len(names), len(names)), minlength=len(names)).astype(float)
        yield [counts[place] * mask for place, mask in zip(of_each, masks, strict=True)]


def nanmean(values: list[float]) -> float:
    """The mean of what is defined, nan where nothing is, without a warning."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
