"""The targets of a shop (targets.yml) beside what was reached."""

import math
from pathlib import Path
from typing import Any

import yaml

from ml.comparison import MODEL

FILE = Path(__file__).with_name("targets.yml")


def of_question(shop: str, question: str) -> dict[str, dict[str, Any]]:
    """metric -> target; empty where none is stated for the shop."""
    return yaml.safe_load(FILE.read_text()).get(shop, {}).get(question, {})


def reached(metric: str, target: dict[str, Any], values: dict[str, dict[str, float]]) -> dict[str, Any]:
    """What is asked, in words, and what was reached: `values` are method -> metric -> figure."""
    figure = values.get(MODEL, {}).get(metric, math.nan)
    match target:
        case {"over": method, "by": by}:
            other = values.get(method, {}).get(metric, math.nan)
            figure = figure / other - 1 if other else math.nan
            asked, is_reached = f"{by:+.1%} over {method}", figure >= by if by > 0 else figure <= by
        case {"above": method, "by": by}:
            figure -= values.get(method, {}).get(metric, math.nan)
            asked, is_reached = f"{by:+} above {method}", figure >= by
        case {"least": least}:
            asked, is_reached = f"≥ {least}", figure >= least
        case {"most": most}:
            asked, is_reached = f"≤ {most}", figure <= most
        case {"within": [low, high]}:
            asked, is_reached = f"{low} to {high}", low <= figure <= high
    return {"asked": asked, "figure": figure, "is_reached": bool(is_reached)}
