"""`make staleness SINCE=2025-10-01`: what a training that knows nothing from that day on loses against one that does.

On every 30-day window that begins a month or more after the day, each question's model is fitted twice: on cut-offs whose windows were over
by then, and on all that were known at the cut-off, both judged on the same customers, products and days. With DRIFT=on the sample shop's
customers have other tastes from 2025-10-01 on; beside the figures of the same shop without drift, this tells how much of what the change
costs a new training wins back.
"""

import argparse
import json
import sys
from datetime import date
from importlib import import_module
from typing import Any

from rich.console import Console

from forecart import durable, warehouse
from forecart.errors import ForecartError
from forecart.run import Run
from ingest import landing
from ml import QUESTIONS, comparison, features, splits
from ml.backtest import Backtest, copy_marts
from ml.comparison import MODEL, Trials
from ml.minima import TooLittleData

STALE = "stale"
MOST_DATES = 12


def compare(live: Run, since: date, questions: tuple[str, ...], console: Console) -> dict[str, Any]:
    """question -> metric -> figures of both, and their difference with its 95 % interval. Raises ForecartError where there is no window."""
    run = Backtest(live.shop, live.as_of_date)
    copy_marts(live, run)
    with warehouse.connect(run) as connection:
        first_day = splits.first_day(connection)
    days = splits.training_dates(run.as_of_date, first_day, most=MOST_DATES) if first_day else []
    judged = [day for day in days if day >= since + splits.HORIZON]
    stale = [day for day in days if day + splits.HORIZON <= since][: splits.MOST_DATES]
    if not judged or not stale:
        raise ForecartError(f"{run.shop.name}: there are no 30-day windows both before {since} and a month after it")
    features.build(run, days, schema="training", more_pair_dates=len(days))
    found = {}
    for question in questions:
        module, tried = import_module(f"ml.{question}"), []
        try:
            for cut_off in judged:
                known = [day for day in days if day < cut_off][: splits.MOST_DATES]
                with warehouse.connect(run) as connection:
                    trials: Trials = {
                        name: module.judge(module.fit(connection, dates), connection, cut_off)
                        for name, dates in ((MODEL, known), (STALE, stale))
                    }
                tried.append(trials)
        except TooLittleData as too_little:
            console.print(f"{question}: {too_little}")
            continue
        metric = module.HEADLINE[0]
        means, difference = comparison.means(tried), comparison.difference(tried, metric)
        found[question] = {
            "metric": metric,
            "stale": means[STALE][metric],
            "trained_anew": means[MODEL][metric],
            "difference": [difference.difference, difference.lower, difference.upper] if difference else None,
        }
        console.print(question, found[question])
    return {"cut_offs": [day.isoformat() for day in judged], "known_until": since.isoformat(), "questions": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", default="sample")
    parser.add_argument("--since", type=date.fromisoformat, required=True)
    parser.add_argument("--question", choices=QUESTIONS, action="append", help="some questions instead of all")
    given = parser.parse_args()
    console = Console()
    try:
        live = landing.plan_run(given.shop)
        found = compare(live, given.since, tuple(given.question or QUESTIONS), console)
    except ForecartError as error:
        sys.exit(str(error))
    file = Backtest(live.shop, live.as_of_date).folder / "staleness.json"
    durable.write_durably(file, json.dumps(found, indent=2) + "\n")
    console.print(f"written to {file}")


if __name__ == "__main__":
    main()
