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
    units: np.ndarray, is_true: np.ndarray, probability: np.ndarray, unit_of_row: np.ndarray | None = None, name: str = "", **told: Any
) -> dict[str, Measure]:
    """AUC, PR-AUC, log loss, Brier score and ECE of the probabilities of rows, shape (rows,).

    `unit_of_row[i]` is the place in `units` of the row's unit; without it, each row is a unit. AUC and PR-AUC are nan where all answers
    are the same.
    """
    rows = np.arange(len(units)) if unit_of_row is None else unit_of_row
    order = np.argsort(probability, kind="stable")  # once, for all draws
    rows, is_true, probability = rows[order], is_true[order].astype(float), probability[order].astype(float)
    told = {"draws": FEW_DRAWS} | told if len(rows) > MANY_ROWS else told

    def measure(metric: Any, better: str) -> Measure:
        return Measure(units, lambda weights: metric(is_true, probability, weights[rows]), better, **told)

    return {f"{name}{metric}": measure(getattr(metrics, metric), better) for metric, better in PROBABILITY.items()}


PROBABILITY = {"auc": "higher", "pr_auc": "higher", "log_loss": "lower", "brier": "lower", "ece": "lower"}
