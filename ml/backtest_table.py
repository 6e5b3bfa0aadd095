"""What a backtest found, to read in a terminal."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from ml.comparison import MODEL

# What a family's loss is told by.
ABLATED = ("ndcg_at_10", "recall_at_10", "discovery_precision_at_10", "history_pr_auc")


def show(console: Console, question: str, found: dict[str, Any]) -> None:
    """A line a metric with every method's mean over the cut-offs; then segments; then targets."""
    windows = ", ".join(found["cut_offs"])
    console.print(_methods(f"{question}: means over {windows}", found))
    if found["segments"]:
        console.print(_segments(f"{question}: the model against the best baseline, by segment", found["segments"]))
    if found["targets"]:
        console.print(_targets(f"{question}: targets", found["targets"]))
    if "ablation" in found:
        console.print(_ablation(f"{question}: what the model has more than without a family of features", found["ablation"]))


def _methods(title: str, found: dict[str, Any]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("metric")
    methods = [MODEL, *(method for method in found["mean"] if method != MODEL)]
    for method in methods:
        table.add_column(method.replace("_", " "), justify="right")
    table.add_column("less best baseline [95 % interval]", justify="right")
    for metric in dict.fromkeys(metric for method in methods for metric in found["mean"][method]):
        cells = [_number(found["mean"][method].get(metric)) for method in methods]
        table.add_row(metric, *cells, interval(found["differences"].get(metric)))
    return table


def _segments(title: str, segments: dict[str, Any]) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    for name in ("segment", "metric", MODEL, "best baseline", "difference [95 % interval]"):
        table.add_column(name, justify="left" if name in ("segment", "metric", "best baseline") else "right")
    for segment, found in segments.items():
        for metric, difference in found["differences"].items():
            value, baseline = found["mean"][MODEL][metric], difference["baseline"]
            table.add_row(segment, metric, _number(value), f"{_number(found['mean'][baseline][metric])} {baseline}", interval(difference))
    table.caption = by_chance(difference for found in segments.values() for difference in found["differences"].values())
    return table


def _targets(title: str, targets: dict[str, Any]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("metric", "asked", "reached", ""):
        table.add_column(name)
    for metric, target in targets.items():
        share = "over" in target["asked"] and target["figure"] is not None
        figure = f"{target['figure']:+.1%}" if share else _number(target["figure"])
        table.add_row(metric, target["asked"], figure, "yes" if target["is_reached"] else "no")
    return table


def _ablation(title: str, losses: dict[str, Any]) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.add_column("family")
    for metric in ABLATED:
        table.add_column(f"{metric} [95 % interval]", justify="right")
    for method, differences in losses.items():
        table.add_row(method, *(interval(differences.get(metric)) for metric in ABLATED))
    table.caption = by_chance(differences.get(metric) for differences in losses.values() for metric in ABLATED)
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def interval(difference: dict[str, Any] | None) -> str:
    """A difference with its interval, and a star where that does not hold 0."""
    if difference is None:
        return ""
    if difference["lower"] is None:
        return f"{difference['difference']:+.4f}"
    is_clear = difference["lower"] > 0 or difference["upper"] < 0
    return f"{difference['difference']:+.4f} [{difference['lower']:+.4f}, {difference['upper']:+.4f}]{' *' if is_clear else ''}"


def by_chance(differences: Iterable[dict[str, Any] | None]) -> str:
    """What to think of many such intervals side by side: each is certain to 95 % by itself, not all of them together."""
    count = sum(one is not None and one["lower"] is not None for one in differences)
    return f"* 0 lies outside the interval. Of such intervals (here {count}) one in twenty misses what is true by chance alone."
