"""`make backtest`: each model against its baselines on rolling 30-day windows, trained only on what was known before each.

The last three complete windows stay shut: settings are chosen on the three before them. FINAL=1 opens the last three and leaves a line
in docs/experiments.md, since what has been looked at is no longer unseen. Works in a folder of its own, `data/<shop>/backtest/`, on a
copy of the marts; the live warehouse is only read.

A question's module says how a model of it is tried: `trials(connection, cut_off, earlier, model) -> Trials`, with the method "model" and its
baselines, all fitted on the dates `earlier`, which lie a window or more before the cut-off and have their features and labels in schema `training`;
and `slow_baselines(connection, cut_off, model)`, if there are any that are not worth their time in every training.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
from rich.console import Console

from forecart import durable, settings, sql, warehouse
from forecart.errors import ForecartError
from forecart.run import Run
from forecart.words import counted
from ingest import landing
from ml import QUESTIONS, backtest_table, comparison, features, splits, targets
from ml.comparison import MODEL, Trials
from ml.minima import TooLittleData

COUNT_CUT_OFFS = 3
LOG = settings.ROOT / "docs" / "experiments.md"
LOG_HEADING = "## Openings of the last three windows"


@dataclass(frozen=True)
class Backtest(Run):
    """A run apart from the live one."""

    @property
    def folder(self) -> Path:
        return self.shop.folder / "backtest"


def backtest(
    live: Run,
    console: Console,
    questions: tuple[str, ...] = QUESTIONS,
    is_final: bool = False,
    with_ablation: bool = False,
    planned_days: int | None = None,
) -> dict[str, Any]:
    """What each question's methods reach, see `told`; `refused` where there was too little data for a model, and the simple rule, which would serve
    then, was judged in its place.

    `with_ablation` tells as well, on the newest of the windows, what the model loses without each family of its features, where the
    question's module has such an `ablation`. `planned_days`: as if promotions were planned, and known, so many days ahead, whatever the
    shop declares. Raises ForecartError where there is no window, or no `ablation` to tell of.
    """
    if with_ablation and not any(hasattr(import_module(f"ml.{question}"), "ablation") for question in questions):
        raise ForecartError(f"{', '.join(questions)}: what a family of features is worth is not told of this question")
    run = Backtest(live.shop, live.as_of_date)
    copy_marts(live, run)
    windows = cut_offs(run, is_final)
    if is_final:
        log_opening(run, questions, planned_days)
    built = sorted({day for cut_off, earlier in windows for day in (cut_off, *earlier)}, reverse=True)
    console.print(f"features at {counted(len(built), 'cut-off')}, {built[-1]} to {built[0]}")
    features.build(
        run,
        built,
        schema="training",
        more_pair_dates=len(windows) - 1,
        planned_days=planned_days,
        with_pairs="purchase" in questions,
    )
    result: dict[str, Any] = {
        "shop": run.shop.name,
        "as_of_date": run.as_of_date.isoformat(),
        "commit": commit(),
        "is_final": is_final,
        "planned_days": planned_days,
        "questions": {},
    }
    for question in questions:
        module = import_module(f"ml.{question}")
        tried: dict[str, Trials] = {}
        refused = ""
        for cut_off, earlier in windows:
            console.print(f"{question} {cut_off}: trained on {counted(len(earlier), 'earlier cut-off')}")
            try:
                with warehouse.connect(run) as connection:
                    tried[cut_off.isoformat()], why = _tried(module, connection, cut_off, earlier)
            except TooLittleData as too_little:  # to judge by
                why = str(too_little)
            if why:
                refused = why
                instead = "; the simple rule is judged in its place" if cut_off.isoformat() in tried else ""
                console.print(f"{question} {cut_off}: {refused}{instead}")
        found = told(run.shop.name, question if planned_days is None else f"{question}_planned", tried) if tried else {}
        if with_ablation and not refused and hasattr(module, "ablation"):
            cut_off, earlier = windows[-1]
            with warehouse.connect(run) as connection:
                found["ablation"] = losses(module.ablation(connection, cut_off, earlier))
        result["questions"][question] = found | ({"refused": refused} if refused else {})
    return result


def _tried(module: ModuleType, connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> tuple[Trials, str]:
    """All methods at a cut-off; and why there is no model, where the simple rule that would serve stands in its place."""
    refused = ""
    try:
        model = module.fit(connection, earlier)
    except TooLittleData as too_little:
        refused, model = str(too_little), module.fit_baseline(connection, earlier)
    trials = module.trials(connection, cut_off, earlier, model)
    if hasattr(module, "slow_baselines"):
        trials |= module.slow_baselines(connection, cut_off, model)
    return trials, refused


def losses(trials: Trials) -> dict[str, Any]:
    """What the model has more than without each family: method -> metric -> difference with its interval."""
    found = {}
    for method in trials:
        if method != MODEL:
            pair = {MODEL: trials[MODEL], method: trials[method]}
            found[method] = _differences([pair], list(trials[MODEL]))
    return _defined(found)


def told(shop: str, question: str, tried: dict[str, Trials]) -> dict[str, Any]:
    """`tried` is cut-off -> trials. Figures by cut-off and in the mean, the model's difference to the best baseline with its 95 %
    interval, the same by segment, and the targets. What is undefined is null."""
    windows = list(tried.values())
    values = comparison.means(windows)
    metrics = list(dict.fromkeys(metric for trials in windows for metric in trials[MODEL]))
    segments = list(dict.fromkeys(name for trials in windows for measure in trials[MODEL].values() for name in measure.segments))
    return _defined(
        {
            "cut_offs": {cut_off: comparison.means([trials]) for cut_off, trials in tried.items()},
            "mean": values,
            "differences": _differences(windows, metrics),
            "segments": {
                segment: {"mean": comparison.means(windows, segment), "differences": _differences(windows, metrics, segment)}
                for segment in segments
            },
            "targets": {metric: targets.reached(metric, target, values) for metric, target in targets.of_question(shop, question).items()},
        }
    )


def _differences(windows: list[Trials], metrics: list[str], segment: str | None = None) -> dict[str, dict[str, Any]]:
    found = {metric: comparison.difference(windows, metric, segment) for metric in metrics}
    return {metric: asdict(difference) for metric, difference in found.items() if difference}


def cut_offs(run: Run, is_final: bool = False) -> list[tuple[date, list[date]]]:
    """Windows to judge on, oldest first, each with the earlier cut-offs whose windows end before it begins.

    The last three complete windows if `is_final`, else the three before them.
    """
    with warehouse.connect(run) as connection:
        first_day = splits.first_day(connection)
    newest = splits.training_dates(run.as_of_date, first_day, most=2 * COUNT_CUT_OFFS) if first_day else []
    judged = newest[:COUNT_CUT_OFFS] if is_final else newest[COUNT_CUT_OFFS:]
    found = [(cut_off, splits.training_dates(cut_off, first_day)) for cut_off in reversed(judged)]
    found = [(cut_off, earlier) for cut_off, earlier in found if earlier]
    if not found:
        where = "" if is_final else ", before the last three, which only FINAL=1 opens"
        raise ForecartError(
            f"{run.shop.name}: a backtest needs a complete 30-day window to predict and one before it to learn from{where}; "
            f"the history begins on {first_day}"
        )
    return found


def copy_marts(live: Run, run: Run) -> None:
    if not live.warehouse.exists():
        raise ForecartError(f"{live.shop.name}: there is no warehouse yet at {live.warehouse}; `make run` makes it")
    with warehouse.locked(live), warehouse.connect(run) as connection:
        connection.execute(f"attach {sql.text(live.warehouse)} as live (read_only)")
        marts = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'live' and schema_name = 'marts' order by 1"
            ).fetchall()
        ]
        if "order_lines" not in marts:
            raise ForecartError(f"{live.shop.name}: the warehouse has no marts.order_lines yet; `make run` makes it")
        connection.execute("create schema if not exists marts")
        for mart in marts:
            connection.execute(f'create or replace table marts."{mart}" as from live.marts."{mart}"')


def log_opening(run: Run, questions: tuple[str, ...], planned_days: int | None = None) -> None:
    """A row under the heading of openings in docs/experiments.md."""
    what = [*questions, *([f"promotions known {planned_days} days ahead"] if planned_days is not None else [])]
    text = LOG.read_text()
    if LOG_HEADING not in text:
        text = f"{text.rstrip()}\n\n{LOG_HEADING}\n\n| date | shop | commit | what |\n|---|---|---|---|\n"
    before, after = text.split(LOG_HEADING)
    lines = after.split("\n")
    last_row = max(place for place, line in enumerate(lines) if line.startswith("|"))
    lines.insert(last_row + 1, f"| {datetime.now(UTC):%Y-%m-%d} | {run.shop.name} | {commit()} | {', '.join(what)} |")
    durable.write_durably(LOG, before + LOG_HEADING + "\n".join(lines))


def commit() -> str:
    """The commit that is measured; + where files were changed since, unknown outside git."""
    found = subprocess.run(
        ["git", "describe", "--always", "--exclude=*", "--dirty=+"], cwd=settings.ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def _defined(found: Any) -> Any:
    """nan as None: JSON has no nan."""
    if isinstance(found, dict):
        return {name: _defined(value) for name, value in found.items()}
    return None if isinstance(found, float) and math.isnan(found) else found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", default="complete_journey")
    parser.add_argument("--question", choices=QUESTIONS, help="one question instead of all")
    parser.add_argument("--final", action="store_true", help="open the last three windows")
    parser.add_argument("--ablation", action="store_true", help="tell what each family of features is worth")
    parser.add_argument("--planned-days", type=int, help="as if promotions were known so many days ahead")
    given = parser.parse_args()
    console = Console(width=int(os.environ.get("COLUMNS", "160")))
    try:
        live = landing.plan_run(given.shop)
        result = backtest(
            live, console, (given.question,) if given.question else QUESTIONS, given.final, given.ablation, given.planned_days
        )
    except ForecartError as error:
        sys.exit(str(error))
    for question, found in result["questions"].items():
        if "mean" in found:
            backtest_table.show(console, question, found)
    told = {
        given.question: given.question,
        f"plan-{given.planned_days}": given.planned_days is not None,
        "ablation": given.ablation,  # the report shows it until there is a newer one
        "final": given.final,
    }
    name = "-".join(["backtest", *(word for word, is_asked in told.items() if is_asked)])
    file = Backtest(live.shop, live.as_of_date).folder / f"{name}.json"
    durable.write_durably(file, json.dumps(result, indent=2, allow_nan=False) + "\n")
    console.print(f"written to {file}")


if __name__ == "__main__":
    main()
