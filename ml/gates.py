"""What a challenger must pass to serve. A check that cannot be made is not passed.

Besides `fit`, `fit_baseline` and `trials`, a question's module may say more of itself: `refit(connection, dates, before)`, where a model that was
fitted on all of the dates but the newest spares work; `judge(model, connection, cut_off)`, by which the
checks marked (judge) are made; `scores(model, connection, schema, day)`, an array of what it says; CALIBRATED, metric -> how far from 0
it may lie; CEILING, metric -> what no honest model reaches; `shuffle(connection)`, which gives the answers in schema training to others
at random; CHANCE, metrics and what each is by chance, of which the first that is defined tells.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from types import ModuleType
from typing import Any

import duckdb
import numpy as np

from ml import comparison, effort
from ml.comparison import MODEL, Measure, Trials
from ml.frames import training_days

Windows = list[tuple[date, Trials]]
"""The newest first, each with what the methods reach there; paired, since all are judged on the same customers and products."""
CHAMPION = "champion"
# What the checks are called in quality.model_checks; those of a metric have its name behind them.
ENOUGH_DATA, ENOUGH_FOR_CHECKS = "enough data", "enough data for the checks"
BETTER_THAN_BASELINE, NO_SEGMENT_BELOW = "better than the best baseline", "no segment below the best baseline"
BETTER_THAN_CHAMPION = "better than the champion"
IS_CALIBRATED, NOT_TOO_GOOD = "calibrated", "not too good"
RELOADS, NO_LATER_ROWS, NO_SHUFFLED_ANSWERS = "reloads to the same scores", "reads no later rows", "learns nothing from shuffled answers"
SAME = 1e-9
ABOVE_CHANCE = 0.01  # a gain that no leak would stop at


@dataclass(frozen=True)
class Check:
    """`found` says in words what was seen, passed or not; `interval` is that of the difference, where it asks for one."""

    name: str
    is_passed: bool
    found: str
    interval: tuple[float, float] | None = None


def of_figures(module: ModuleType, windows: Windows) -> list[Check]:
    """Checks of what was measured: better than the best baseline, in no segment worse, calibrated, not too good."""
    trials = [trials for _, trials in windows]
    metric = module.HEADLINE[0]
    best = comparison.best_baseline(trials, metric)
    segments = dict.fromkeys(name for trial in trials for name in trial[MODEL][metric].segments)
    return [
        _is_better(BETTER_THAN_BASELINE, trials, metric),
        _no_segment_worse(trials, metric, list(segments)),
        *(_calibrated(trials, name, bound, best) for name, bound in getattr(module, "CALIBRATED", {}).items()),
        *(_not_too_good(trials, name, bound) for name, bound in getattr(module, "CEILING", {}).items()),
    ]


def against_champion(
    module: ModuleType, connection: duckdb.DuckDBPyConnection, windows: Windows, champion: Any, known_until: date
) -> Check:
    """(judge) On the windows of which the champion has seen no answer; where there is none, the newer model has the word."""
    unseen = [(cut_off, trials) for cut_off, trials in windows if cut_off >= known_until]
    if not unseen:
        return Check(
            BETTER_THAN_CHAMPION,
            True,
            f"not comparable: the champion knows the days until {known_until}, and with them answers of every window",
        )
    paired = [{MODEL: trials[MODEL], CHAMPION: module.judge(champion, connection, cut_off)} for cut_off, trials in unseen]
    return _is_better(BETTER_THAN_CHAMPION, paired, module.HEADLINE[0])


def nothing_from_shuffled_answers(module: ModuleType, connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Check:
    """(judge) Where answers belong to others at random, on training and hold-out alike, only who has seen the hold-out is above chance.

    A little training is enough: what is seen of the hold-out is the first that trees split by.
    """
    with undone(connection):
        module.shuffle(connection)
        with effort.little():
            model = module.fit(connection, earlier)
        reached = module.judge(model, connection, cut_off)
    for metric, by_chance in module.CHANCE.items():
        measure = replace(reached[metric], better=reached[metric].better or "higher")  # compared here, be it told alone elsewhere
        chance = Measure(measure.units, lambda weights, value=by_chance: value, measure.better)
        found = comparison.difference([{MODEL: {metric: measure}, "chance": {metric: chance}}], metric)
        if found is not None and not math.isnan(found.lower):
            return Check(NO_SHUFFLED_ANSWERS, _oriented(measure, found)[1] <= ABOVE_CHANCE, f"{metric} {_told(found)} against chance")
    return Check(NO_SHUFFLED_ANSWERS, False, f"undefined there: {', '.join(module.CHANCE)}")


def nothing_from_later_rows(module: ModuleType, connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Check:
    """(judge) Fitted where the hold-out and what comes after it do not exist, be it the answer to an earlier date, and where they do, with a
    little training each: both reach the same figures, to the last digit."""
    with effort.little():
        seeing = module.fit(connection, earlier)
        with undone(connection):
            for table, day in training_days(connection):
                connection.execute(f"delete from training.{table} where {day} >= ?", [cut_off])
            blind = module.fit(connection, earlier)
        return _same(NO_LATER_ROWS, *(module.judge(model, connection, cut_off) for model in (blind, seeing)))


def reloads(module: ModuleType, connection: duckdb.DuckDBPyConnection, cut_off: date, model: Any, load: Any) -> Check:
    """What the registry gives back scores as what was given to it."""
    given = module.scores(model, connection, "training", cut_off)
    try:
        again = module.scores(load(), connection, "training", cut_off)
    except Exception as error:  # whatever goes wrong with a foreign file, the answer is the same
        return Check(RELOADS, False, f"{type(error).__name__}: {error}")
    is_same = len(again) == len(given) and np.allclose(again, given, rtol=SAME, atol=SAME, equal_nan=True)
    return Check(RELOADS, is_same, f"{len(given):,} scores, {'the same' if is_same else 'others'}")


@contextmanager
def undone(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is changed inside is as if it had never been."""
    connection.begin()
    try:
        yield
    finally:
        connection.rollback()


def _is_better(name: str, trials: list[Trials], metric: str) -> Check:
    found = comparison.difference(trials, metric)
    if found is None:
        return Check(name, False, f"{metric} is undefined")
    gain, *_ = _oriented(trials[0][MODEL][metric], found, value=found.difference)
    return Check(name, gain > 0, f"{metric} {_told(found)} against {found.baseline}", (found.lower, found.upper))


def _no_segment_worse(trials: list[Trials], metric: str, segments: list[str]) -> Check:
    """Worse is an interval that lies wholly on the wrong side: a segment of few customers alone proves nothing.

    Of so many segments one is there by chance sooner than a single one, so that together they are 95 % certain (Bonferroni's correction).
    """
    certainty = 1 - 0.05 / max(len(segments), 1)
    found = {segment: comparison.difference(trials, metric, segment, certainty) for segment in segments}
    told = {segment: difference for segment, difference in found.items() if difference and not math.isnan(difference.lower)}
    worse = [segment for segment, difference in told.items() if _oriented(trials[0][MODEL][metric], difference)[2] < 0]
    words = "; ".join(f"{segment} {_told(difference)}" for segment, difference in told.items())
    return Check(NO_SEGMENT_BELOW, not worse, words or "no segments are told of")


def _calibrated(trials: list[Trials], metric: str, bound: float, best: str | None) -> Check:
    """Within the bound, or no further off than the best baseline, which else would serve: a season that nobody has seen yet moves both."""
    off = {method: abs(value) for method, value in comparison.means_of(metric, trials).items()}
    value, of_baseline = off.get(MODEL, math.nan), off.get(best, math.nan)
    allowed = bound if math.isnan(of_baseline) else max(bound, of_baseline)
    beyond = f", no further than {best}, though more than {bound:.4f}" if bound < value <= allowed else ""
    return Check(f"{IS_CALIBRATED}: {metric}", value <= allowed, f"{value:.4f} off, allowed {allowed:.4f}{beyond}")


def _not_too_good(trials: list[Trials], metric: str, ceiling: float) -> Check:
    is_error = trials[0][MODEL][metric].better == "lower"
    values = [trial[MODEL][metric].plain() for trial in trials]
    value = min(values) if is_error else max(values)
    is_honest = value >= ceiling if is_error else value <= ceiling
    return Check(f"{NOT_TOO_GOOD}: {metric}", is_honest, f"{value:.4f}, no honest model is {'below' if is_error else 'above'} {ceiling}")


def _same(name: str, ours: dict[str, Measure], theirs: dict[str, Measure]) -> Check:
    ours, theirs = ({metric: measure.plain() for metric, measure in of.items()} for of in (ours, theirs))
    other = [
        f"{metric} {value} for {theirs.get(metric)}"
        for metric, value in ours.items()
        if not math.isclose(value, theirs.get(metric, math.inf), rel_tol=SAME, abs_tol=SAME)
        and not (math.isnan(value) and math.isnan(theirs.get(metric, 0)))
    ]
    return Check(name, not other, "; ".join(other) or "the same figures")


def _oriented(measure: Measure, found: comparison.Difference, value: float = 0.0) -> tuple[float, float, float]:
    """Value, lower and upper bound of a gain, so that more is better."""
    if measure.better == "lower":
        return -value, -found.upper, -found.lower
    return value, found.lower, found.upper


def _told(found: comparison.Difference) -> str:
    return f"{found.difference:+.4f} [{found.lower:+.4f}, {found.upper:+.4f}]"
