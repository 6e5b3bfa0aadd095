"""The measures that questions share: of ranked lists and of probabilities. Every one is a function of how much each unit counts."""

from typing import Any

import numpy as np

from ml import metrics
from ml.comparison import Measure, mean_of

# A draw over a million pairs takes a tenth of a second, over a thousand lists a thousandth.
FEW_DRAWS, MANY_ROWS = 100, 50_000


def of_lists(
    units: np.ndarray, hits: np.ndarray, count_relevant: np.ndarray, at: int = 10, name: str = "", **told: Any
) -> dict[str, Measure]:
    """Recall, precision, NDCG and hit rate of lists, see metrics.of_each_list; `name` goes before each, `told` to each Measure."""
    values = metrics.of_each_list(hits, count_relevant, at)
    return {f"{name}{metric}": mean_of(units, of_each, **told) for metric, of_each in values.items()}


def of_probabilities(
    units: np.ndarray,
    is_true: np.ndarray,
    probability: np.ndarray,
    unit_of_row: np.ndarray | None = None,
    name: str = "",
    with_chance: bool = False,
    **told: Any,
) -> dict[str, Measure]:
    """AUC, PR-AUC, log loss, Brier score and ECE of the probabilities of rows, shape (rows,); `with_chance`, ECE beyond chance as well.

    `unit_of_row[i]` is the place in `units` of the row's unit; without it, each row is a unit. AUC and PR-AUC are nan where all answers
    are the same.
    """
    rows, is_true, probability = _in_order(units, is_true, probability, unit_of_row)
    of_chance = {f"{name}ece_beyond_chance": _beyond_chance(units, rows, is_true, probability, told)} if with_chance else {}
    told = {"draws": FEW_DRAWS} | told if len(rows) > MANY_ROWS else told

    def measure(metric: Any, better: str) -> Measure:
        return Measure(units, lambda weights: metric(is_true, probability, weights[rows]), better, **told)

    return {f"{name}{metric}": measure(getattr(metrics, metric), better) for metric, better in PROBABILITY.items()} | of_chance


PROBABILITY = {"auc": "higher", "pr_auc": "higher", "log_loss": "lower", "brier": "lower", "ece": "lower"}


def of_risks(units: np.ndarray, is_true: np.ndarray, probability: np.ndarray, name: str = "", **told: Any) -> dict[str, Measure]:
    """Lift of the tenth of rows most at risk; ECE beyond what chance alone would show; promised over kept, less 1. Each row is a unit."""
    by_risk = np.argsort(-probability, kind="stable")

    def lift(weights: np.ndarray) -> float:
        return metrics.lift(is_true[by_risk], weights[by_risk])

    def promised_over_kept(weights: np.ndarray) -> float:
        return metrics.total_bias(is_true, probability, weights)

    return {
        f"{name}lift_at_10_percent": Measure(units, lift, "higher", **told),
        f"{name}ece_beyond_chance": _beyond_chance(units, *_in_order(units, is_true, probability, None), told),
        f"{name}promised_over_kept": Measure(units, promised_over_kept, "", **told),
    }


def _beyond_chance(units: np.ndarray, rows: np.ndarray, is_true: np.ndarray, probability: np.ndarray, told: dict[str, Any]) -> Measure:
    """ECE less what true probabilities stay below in 99 of 100 cases, at least 0. Rows as `_in_order` gives them."""
    allowed = metrics.ece_by_chance(probability, draws=FEW_DRAWS if len(rows) > MANY_ROWS else 200)

    def value(weights: np.ndarray) -> float:
        return max(0.0, metrics.ece(is_true, probability, weights[rows]) - allowed)

    return Measure(units, value, "", **told)


def _in_order(
    units: np.ndarray, is_true: np.ndarray, probability: np.ndarray, unit_of_row: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit, answer and probability of each row by rising probability: once for all draws. They are kept as long as the measures, so as few bytes."""
    order = np.argsort(probability, kind="stable")
    rows = order if unit_of_row is None else unit_of_row[order]
    return rows.astype("int32"), is_true[order].astype(float), probability[order].astype(float)


def of_amounts(units: np.ndarray, actual: np.ndarray, expected: np.ndarray, **told: Any) -> dict[str, Measure]:
    """MAE, RMSE, Gini and bias of the total of amounts, shape (units,)."""
    by_expected, by_actual = np.argsort(-expected, kind="stable"), np.argsort(-actual, kind="stable")

    def gini(weights: np.ndarray) -> float:
        return metrics.gini(actual[by_expected], weights[by_expected], actual[by_actual], weights[by_actual])

    return {
        "mae": Measure(units, lambda weights: metrics.mean(np.abs(expected - actual), weights), "lower", **told),
        "rmse": Measure(units, lambda weights: metrics.mean((expected - actual) ** 2, weights) ** 0.5, "lower", **told),
        "gini": Measure(units, gini, "higher", **told),
        "total_bias": Measure(units, lambda weights: metrics.total_bias(actual, expected, weights), "", **told),
    }
