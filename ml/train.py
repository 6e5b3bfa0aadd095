"""Trains a question's challenger, holds it to the gates, and lets the best of challenger, champion and baseline serve."""

import math
from datetime import date, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

import duckdb

from forecart import settings, timing, warehouse
from forecart.run import Run
from forecart.words import counted
from ml import comparison, features, gates, minima, parallel, registry, splits
from ml.comparison import MODEL
from ml.frames import training_days
from ml.gates import Check, Windows

# Of DuckDB's memory: all that it does with more in a training is to keep what it has read.
MEMORY_SHARE = 0.5


def build_training_set(run: Run) -> dict[str, Any]:
    """Features and labels at the training cut-offs, in schema `training`. Without a complete window the tables are there and empty of labels."""
    dates = training_dates(run)
    built = features.build(run, dates or [run.as_of_date], schema="training")
    return built | {"dates": [day.isoformat() for day in dates]}


def training_dates(run: Run) -> list[date]:
    """The cut-offs to learn from, newest first."""
    with warehouse.connect(run) as connection:
        first_day = splits.first_day(connection)
    return splits.training_dates(run.as_of_date, first_day) if first_day else []


def train(run: Run, question: str) -> dict[str, Any]:
    """Try on the newest windows, fit on all, register, check; then let the challenger serve, or the champion go on, or the baseline.

    Returns the label of the version that serves, the figures of the trial, and the checks.
    """
    module = import_module(f"ml.{question}")
    with warehouse.connect(run, MEMORY_SHARE) as connection, timing.spent(timing.OTHER):
        dates = labelled_dates(connection, run)
        pairs = splits.windows(dates, getattr(module, "WINDOWS", 1))
        champion = registry.serving(run, question)
        tracked = _Tracked(run, module, question, connection, dates)
        try:
            minima.ask(len(pairs), 1, "complete 30-day windows after one to learn from")
            tried = [module.fit(connection, earlier) for _, earlier in pairs]
            windows, challenger = _judged_and_fitted(module, connection, dates, pairs, tried)
        except minima.TooLittleData as too_little:
            version = tracked.register(module.fit_baseline(connection, dates), [])
            checks = [Check(gates.ENOUGH_DATA, False, str(too_little))]
            registry.note_checks(run, version, checks)
            served = version
        else:
            version = tracked.register(challenger, windows)
            checks, curves = _checks(module, connection, pairs, windows, tried[0], challenger, version, champion)
            registry.note_checks(run, version, checks, curves)
            if all(check.is_passed for check in checks):
                served = version
            elif champion and _may_go_on(module, connection, windows, champion):
                served = champion
            else:
                served = _stand_in(tracked, module, connection, dates, pairs, windows)
    if served != champion:
        registry.promote(run, served)
    return {"model_version": served.label, "metrics": version.measured, "checks": {check.name: check.is_passed for check in checks}}


def _judged_and_fitted(
    module: ModuleType, connection: duckdb.DuckDBPyConnection, dates: list[date], pairs: list[tuple[date, list[date]]], tried: list[Any]
) -> tuple[Windows, registry.Model]:
    """What the models that were tried reach, and the challenger."""

    def judged() -> Windows:
        of_each = zip(pairs, tried, strict=True)
        return [(cut_off, module.trials(connection, cut_off, earlier, model)) for (cut_off, earlier), model in of_each]

    if not hasattr(module, "refit"):
        return judged(), module.fit(connection, dates)  # a fit that uses every core by itself
    return tuple(parallel.run([judged, lambda: module.refit(connection.cursor(), dates, tried[0])]))


def _stand_in(
    tracked: "_Tracked",
    module: ModuleType,
    connection: duckdb.DuckDBPyConnection,
    dates: list[date],
    pairs: list[tuple[date, list[date]]],
    windows: Windows,
) -> registry.Version:
    """The baseline in place of a refused challenger, with what it reaches itself on the windows, and its curves on the newest."""
    served = module.fit_baseline(connection, dates)
    if not hasattr(module, "judge"):
        return tracked.register(served, windows, is_challenger=False)
    tried = [module.fit_baseline(connection, earlier) for _, earlier in pairs]
    own = [
        (cut_off, trials | {MODEL: module.judge(model, connection, cut_off)})
        for (cut_off, trials), model in zip(windows, tried, strict=True)
    ]
    version = tracked.register(served, own, is_challenger=False)
    registry.note_checks(tracked.run, version, [], _curves(module, connection, pairs[0][0], tried[0]))
    return version


class _Tracked:
    """What MLflow is told of every model of one training."""

    def __init__(self, run: Run, module: ModuleType, question: str, connection: duckdb.DuckDBPyConnection, dates: list[date]):
        self.run, self.question, self.module = run, question, module
        self.parameters = {
            "as_of_date": run.as_of_date,
            "cut_offs": ", ".join(day.isoformat() for day in dates),
            "marts": _fingerprint(connection, "marts", ["order_lines"]),
            "features": _fingerprint(connection, "training", sorted({table for table, _ in training_days(connection)})),
            "threads": settings.threads(),
        }

    def register(self, model: registry.Model, windows: Windows, is_challenger: bool = True) -> registry.Version:
        measured = figures(self.module, windows)
        window = f"{windows[-1][0]} to {windows[0][0] + splits.HORIZON - timedelta(days=1)}" if windows else ""
        return registry.register(self.run, self.question, model, measured, window, self.parameters, is_challenger)


def figures(module: ModuleType, windows: Windows) -> dict[str, dict[str, Any]]:
    """metric -> `model`, its mean over windows, `baseline`, that of the best baseline, and its `baseline_name`; and which is `better`. The defined
    ones only.

    A metric that is told and not compared has the figure of the baseline that is the best by the headline.
    """
    trials = [of_window for _, of_window in windows]
    usual, found = comparison.best_baseline(trials, module.HEADLINE[0]), {}
    better = {metric: measure.better for of_window in trials for metric, measure in of_window[MODEL].items()}
    for metric, direction in better.items():
        values = comparison.means_of(metric, trials)
        best = comparison.best_baseline(trials, metric) or usual
        model, baseline = values[MODEL], values.get(best, math.nan)
        if not math.isnan(model) and not math.isnan(baseline):
            found[metric] = {"model": model, "baseline": baseline, "baseline_name": best, "better": direction}
    return found


def labelled_dates(connection: duckdb.DuckDBPyConnection, run: Run) -> list[date]:
    """The cut-offs of schema `training` whose windows are known before the run's date, newest first."""
    query = "select as_of_date from training.as_of_dates where is_label_known and label_until_date <= ? order by as_of_date desc"
    with timing.spent(timing.DUCKDB):
        return [day for (day,) in connection.execute(query, [run.as_of_date]).fetchall()]


def _checks(
    module: ModuleType,
    connection: duckdb.DuckDBPyConnection,
    pairs: list[tuple[date, list[date]]],
    windows: Windows,
    newest: registry.Model,
    challenger: registry.Model,
    version: registry.Version,
    champion: registry.Version | None,
) -> tuple[list[Check], dict[str, list[float]]]:
    """The checks, and the curves of `newest`, the model that was tried on the newest window, for the report.

    One failed check is enough, so the dear ones are made only of a challenger that passed the cheap ones.
    """
    found = [Check(gates.ENOUGH_DATA, True, f"{counted(len(pairs), 'window')} to judge on"), *gates.of_figures(module, windows)]
    if not hasattr(module, "judge"):
        return found, {}
    cut_off, earlier = pairs[0]
    found.append(gates.reloads(module, connection, cut_off, challenger, version.load))
    model = _loaded(champion)
    if model is not None and all(check.is_passed for check in found):
        found.append(gates.against_champion(module, connection, windows, model, champion.trained_until))
    if not all(check.is_passed for check in found):
        return found, {}
    try:
        found.append(gates.nothing_from_later_rows(module, connection, cut_off, earlier))
        found.append(gates.nothing_from_shuffled_answers(module, connection, cut_off, earlier))
    except minima.TooLittleData as too_little:  # of a tenth of the training, or of answers at random
        found.append(Check(gates.ENOUGH_FOR_CHECKS, False, str(too_little)))
    return found, _curves(module, connection, cut_off, newest)


def _curves(module: ModuleType, connection: duckdb.DuckDBPyConnection, cut_off: date, model: registry.Model) -> dict[str, list[float]]:
    """Where the question's module draws them: `curves(model, connection, cut_off)`, of a model that knows nothing of the cut-off's window."""
    return module.curves(model, connection, cut_off) if hasattr(module, "curves") else {}


def _may_go_on(module: ModuleType, connection: duckdb.DuckDBPyConnection, windows: Windows, champion: registry.Version) -> bool:
    """Whether the champion still loads, and is not below the best baseline on windows that it knows nothing of."""
    model = _loaded(champion)
    unseen = [(cut_off, trials) for cut_off, trials in windows if cut_off >= champion.trained_until]
    if model is None or not hasattr(module, "judge") or not unseen:
        return model is not None
    paired = [(cut_off, trials | {MODEL: module.judge(model, connection, cut_off)}) for cut_off, trials in unseen]
    return gates.of_figures(module, paired)[0].is_passed


def _loaded(version: registry.Version | None) -> registry.Model | None:
    """None where there is no such version, or where its file is damaged."""
    try:
        return version.load() if version else None
    except Exception:  # a pickle may raise anything
        return None


def _fingerprint(connection: duckdb.DuckDBPyConnection, schema: str, tables: list[str]) -> str:
    """Says which rows a training saw, whatever their order."""
    with timing.spent(timing.DUCKDB):
        seen = [connection.execute(f"select count(*), bit_xor(hash({table})) from {schema}.{table}").fetchone() for table in tables]
    return registry.fingerprint(*(str(value).encode() for row in seen for value in row))
