"""Plots as SVG text, to be put into a page that needs no network."""

import io
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np

Plot = tuple[str, str]
"""Title and SVG."""


def calibration(promised: list[float], kept: list[float]) -> Plot:
    """Tenths of what was promised, by probability, against the share that came true."""
    with _axes() as (axes, svg):
        limit = max(*promised, *kept, 0.01) * 1.05
        axes.plot([0, limit], [0, limit], color="#999", linewidth=1)
        axes.plot(promised, kept, marker="o")
        axes.set(xlabel="promised", ylabel="came true", xlim=(0, limit), ylim=(0, limit))
    return "Calibration on the days held out: on the line, what was promised came true", svg()


def lift(shares: list[float], lifts: list[float]) -> Plot:
    """How many times more came true among the likeliest share than among all."""
    with _axes() as (axes, svg):
        axes.axhline(1, color="#999", linewidth=1)
        axes.plot(shares, lifts, marker="o")
        axes.set(xlabel="share, likeliest first", ylabel="lift", xlim=(0, 1), ylim=(0, None))
    return "Lift on the days held out: times as many came true among the likeliest as among all", svg()


def importances(of_columns: list[tuple[str, str, float]], most: int = 12) -> Plot:
    """What columns are called, their own names, which stand small beside the bars for whoever asks the data, and their importance."""
    with _axes(width=9.6, height=4.6) as (axes, svg):
        words, names, values = zip(*sorted(of_columns, key=lambda column: column[2])[-most:], strict=True)
        bars = axes.barh(names, values)
        axes.bar_label(bars, names, padding=3, fontsize=7, color="#777")
        axes.set_yticks(names, [textwrap.fill(told, 60) for told in words])
        axes.set(xlabel="importance, percent", xlim=(0, 1.4 * max(*values, 0.01)))
    return "What the model looks at", svg()


def intervals(names: list[str], low: list[float], mean: list[float], high: list[float], unit: str) -> Plot:
    """Forecasts with their 80 % interval, the largest above."""
    with _axes() as (axes, svg):
        places = np.arange(len(names))[::-1]
        axes.hlines(places, low, high, linewidth=3, alpha=0.4)
        axes.plot(mean, places, "o")
        axes.set_yticks(places, names)
        axes.set(xlabel=unit, xlim=(0, None))
    return "Forecasts of the next 30 days with their 80 % intervals", svg()


def daily(sold: list[tuple[date, float]], forecast: list[tuple[date, float, float, float]], unit: str) -> Plot:
    """What was sold a day, then the forecast (day, low, middle, high)."""
    with _axes(width=9) as (axes, svg):
        axes.plot([day for day, _ in sold], [units for _, units in sold], color="#555", linewidth=1)
        days = [day for day, *_ in forecast]
        axes.fill_between(days, [low for _, low, _, _ in forecast], [high for *_, high in forecast], alpha=0.3)
        axes.plot(days, [middle for _, _, middle, _ in forecast])
        axes.set(ylabel=unit, ylim=(0, None))
    return "Daily sales, and their forecast with the 80 % interval", svg()


@contextmanager
def _axes(width: float = 4.6, height: float = 3.2) -> Iterator[tuple[Any, Any]]:
    """Axes to draw on, and what gives their SVG once the block has ended."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    # Text stays text: small, readable by a screen reader, and in a font the browser has.
    with rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "forecart", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    ):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure.subplots(), lambda: _element(drawn.getvalue())
        figure.savefig(drawn, format="svg", metadata={"Date": None})


def _element(svg: str) -> str:
    """The <svg> element alone: the declaration before it names addresses and is of no use inside a page."""
    return re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
