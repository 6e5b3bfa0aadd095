"""`make backtest`: model against baseline on the last three complete 30-day windows, each trained only on what was known before it.

Works in a folder of its own, `data/<shop>/backtest/`, on a copy of the marts that features read; the live warehouse is only read.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from statistics import mean
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from forecart import dbt, durable, warehouse
from forecart.errors import ForecartError
from forecart.run import Run
from ingest import landing
from ml import QUESTIONS, splits, train

COUNT_CUT_OFFS = 3
MARTS_READ = ("order_lines", "daily_product_sales", "products")
# metric: {"model": value, "baseline": value}
Measured = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Backtest(Run):
    """A run apart from the live one."""

    @property
    def folder(self) -> Path:
        return self.shop.folder / "backtest"


def backtest(live: Run, console: Console) -> dict[str, Any]:
    """question -> cut-off -> metric -> model and baseline, and the means over cut-offs. Raises ForecartError where there is no window."""
    run = Backtest(live.shop, live.as_of_date)
    copy_marts(live, run)
    measured: dict[str, dict[str, Measured]] = {question: {} for question in QUESTIONS}
    for cut_off, earlier in cut_offs(run):
        console.print(f"{cut_off}: training on {len(earlier)} earlier cut-offs")
        dbt.build(run, "features", as_of_dates=[cut_off, *earlier], schema="training")
        with warehouse.connect(run) as connection:
            for question in QUESTIONS:
                measured[question][cut_off.isoformat()] = train.compare(import_module(f"ml.{question}"), connection, cut_off, earlier)
    return {
        "shop": run.shop.name,
        "as_of_date": run.as_of_date.isoformat(),
        "questions": {question: {"cut_offs": windows, "mean": means(windows)} for question, windows in measured.items()},
    }


def cut_offs(run: Run) -> list[tuple[date, list[date]]]:
    """The newest complete windows, oldest first, each with the earlier cut-offs whose windows end before it begins."""
    with warehouse.connect(run) as connection:
        (first_day,) = connection.sql("select min(order_date) from marts.order_lines where is_purchase").fetchone()
    newest = splits.training_dates(run.as_of_date, first_day, most=COUNT_CUT_OFFS) if first_day else []
    found = [(cut_off, splits.training_dates(cut_off, first_day)) for cut_off in reversed(newest)]
    found = [(cut_off, earlier) for cut_off, earlier in found if earlier]
    if not found:
        raise ForecartError(
            f"{run.shop.name}: a backtest needs a complete 30-day window to predict and one before it to learn from; "
            f"the history begins on {first_day}"
        )
    return found


def copy_marts(live: Run, run: Run) -> None:
    if not live.warehouse.exists():
        raise ForecartError(f"{live.shop.name}: there is no warehouse yet at {live.warehouse}; `make run` makes it")
    with warehouse.locked(live), warehouse.connect(run) as connection:
        connection.execute(f"attach '{str(live.warehouse).replace(chr(39), chr(39) * 2)}' as live (read_only)")
        connection.execute("create schema if not exists marts")
        for mart in MARTS_READ:
            try:
                connection.execute(f"create or replace table marts.{mart} as from live.marts.{mart}")
            except duckdb.CatalogException:
                raise ForecartError(f"{live.shop.name}: the warehouse has no marts.{mart} yet; `make run` makes it") from None


def means(windows: dict[str, Measured]) -> Measured:
    """Each metric's means over the cut-offs that have it."""
    metrics = dict.fromkeys(metric for measured in windows.values() for metric in measured)
    return {
        metric: {
            whose: mean(measured[metric][whose] for measured in windows.values() if metric in measured) for whose in ("model", "baseline")
        }
        for metric in metrics
    }


def table(question: str, result: dict[str, Any]) -> Table:
    """A line a metric; model and baseline side by side for each cut-off and for their mean."""
    shown = Table(title=f"{question}: model / baseline", title_justify="left")
    shown.add_column("metric")
    columns = {**result["cut_offs"], "mean": result["mean"]}
    for name in columns:
        shown.add_column(name, justify="right")
    for metric in result["mean"]:
        cells = [
            f"{values[metric]['model']:.4f} / {values[metric]['baseline']:.4f}" if metric in values else "" for values in columns.values()
        ]
        shown.add_row(metric, *cells)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", default="complete_journey")
    console = Console(width=140)
    try:
        live = landing.plan_run(parser.parse_args().shop)
        result = backtest(live, console)
    except ForecartError as error:
        sys.exit(str(error))
    for question, measured in result["questions"].items():
        console.print(table(question, measured))
    file = Backtest(live.shop, live.as_of_date).folder / "backtest.json"
    durable.write_durably(file, json.dumps(result, indent=2) + "\n")
    console.print(f"written to {file}")


if __name__ == "__main__":
    main()
