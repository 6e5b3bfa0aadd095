"""`make staleness SINCE=2025-10-01`: what a training that knows nothing from that day on loses against one that does.

On every 30-day window that begins a month or more after the day, a question's model that learned from the cut-offs whose windows were over by
then stands beside one that learned from those that were known at the cut-off, both judged on the same customers, products and days. With DRIFT=on
the sample shop's customers have other tastes from 2025-10-01 on (or from a date of one's own); beside the figures of the same shop without drift,
this tells how much of what the change costs a new training wins back, and after how long.
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
from forecart.run import Run, parse_date
from ingest import landing
from ml import QUESTIONS, comparison, features, splits
from ml.backtest import Backtest, copy_marts
from ml.comparison import MODEL, Trials
from ml.minima import TooLittleData

STALE = "stale"


def compare(live: Run, since: date, questions: tuple[str, ...], console: Console) -> dict[str, Any]:
    """question -> figures of both by cut-off and in the mean, and their difference with its 95 % interval. Raises ForecartError where there is no
    window."""
    run = Backtest(live.shop, live.as_of_date)
    copy_marts(live, run)
    with warehouse.connect(run) as connection:
        first_day = splits.first_day(connection)
    passed = max((run.as_of_date - since) // splits.HORIZON, 0)
    days = splits.training_dates(run.as_of_date, first_day, most=passed + 1 + splits.MOST_DATES) if first_day else []
    judged = [day for day in days if day >= since + splits.HORIZON]
    stale = [day for day in days if day + splits.HORIZON <= since][: splits.MOST_DATES]
    if not judged or not stale:
        raise ForecartError(f"{run.shop.name}: there are no 30-day windows both before {since} and a month after it")
    features.build(run, days, schema="training", more_pair_dates=len(days))
    found = {}
    for question in questions:
        module = import_module(f"ml.{question}")
        tried: dict[date, Trials] = {}
        try:
            with warehouse.connect(run) as connection:
                unaware = module.fit(connection, stale)
                for cut_off in reversed(judged):
                    known = [day for day in days if day < cut_off][: splits.MOST_DATES]
                    models = {MODEL: module.fit(connection, known), STALE: unaware}
                    tried[cut_off] = {name: module.judge(model, connection, cut_off) for name, model in models.items()}
        except TooLittleData as too_little:
            console.print(f"{question}: {too_little}")
            continue
        metric = module.HEADLINE[0]
        found[question] = {
            "metric": metric,
            "mean": _figures(list(tried.values()), metric),
            "by_cut_off": {cut_off.isoformat(): _figures([trials], metric) for cut_off, trials in tried.items()},
        }
        console.print(question, found[question])
    return {"known_until": since.isoformat(), "questions": found}


def _figures(tried: list[Trials], metric: str) -> dict[str, Any]:
    means, difference = comparison.means_of(metric, tried), comparison.difference(tried, metric)
    return {
        "stale": means[STALE],
        "trained_anew": means[MODEL],
        "difference": [difference.difference, difference.lower, difference.upper] if difference else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", default="sample")
    parser.add_argument("--since", required=True, metavar="YYYY-MM-DD")
    parser.add_argument("--question", choices=QUESTIONS, action="append", help="some questions instead of all")
    given = parser.parse_args()
    console = Console()
    try:
        since = parse_date(given.since)
        live = landing.plan_run(given.shop)
        found = compare(live, since, tuple(given.question or QUESTIONS), console)
    except ForecartError as error:
        sys.exit(str(error))
    file = Backtest(live.shop, live.as_of_date).folder / "staleness.json"
    durable.write_durably(file, json.dumps(found, indent=2) + "\n")
    console.print(f"written to {file}")


if __name__ == "__main__":
    main()
