"""How good predictions are. All take and give plain numbers: the same functions judge models, baselines and published predictions."""

import numpy as np
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score


def ranking(hits: np.ndarray, count_relevant: np.ndarray, at: int = 10) -> dict[str, float]:
    """Recall, precision, NDCG and hit rate of lists, as means over customers with at least one relevant product.

    `hits[i, j]`: whether place j of customer i's list is relevant, best place first. `count_relevant[i]`: all products
    relevant to i, in the list or not. Gains are binary and the ideal list is full of hits as far as there are relevant
    products (Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002).
    """
    asked = count_relevant > 0
    hits, count_relevant = hits[asked, :at].astype(float), count_relevant[asked]
    discounts = 1 / np.log2(np.arange(2, at + 2))
    ideal = np.cumsum(discounts)[np.minimum(count_relevant, at) - 1]
    found = hits.sum(axis=1)
    return {
        f"recall_at_{at}": float(np.mean(found / count_relevant)),
        f"precision_at_{at}": float(np.mean(found / at)),
        f"ndcg_at_{at}": float(np.mean(hits @ discounts[: hits.shape[1]] / ideal)),
        f"hit_rate_at_{at}": float(np.mean(found > 0)),
    }


def probability(is_true: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Rank quality (auc, pr_auc) and truthfulness (log_loss, brier, ece) of probabilities of a yes or no.

    The first two are undefined, and left out, where all answers are the same.
    """
    probabilities = probabilities.astype(float)
    measured = {
        "log_loss": float(log_loss(is_true, np.clip(probabilities, 1e-7, 1 - 1e-7), labels=[0, 1])),
        "brier": float(np.mean((probabilities - is_true) ** 2)),
        "ece": expected_calibration_error(is_true, probabilities),
    }
    if 0 < is_true.sum() < len(is_true):
        measured["auc"] = float(roc_auc_score(is_true, probabilities))
        measured["pr_auc"] = float(average_precision_score(is_true, probabilities))
    return measured


def expected_calibration_error(is_true: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Mean distance between promised and kept over bins of equal size, weighted by size (Naeini et al., 2015)."""
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(abs(probabilities[part].sum() - is_true[part].sum()) for part in parts) / len(order))


def quantity(actual: np.ndarray, p10: np.ndarray, p50: np.ndarray, p90: np.ndarray, mean: np.ndarray) -> dict[str, float]:
    """Quality of a forecast: WAPE of the median and the mean, bias of the summed mean, pinball loss and what the 80 % interval covers.

    WAPE and bias are shares of all units; pinball is the mean over rows and the three quantiles, in units.
    """
    total = max(float(actual.sum()), 1.0)
    losses = [np.maximum(q * (actual - forecast), (q - 1) * (actual - forecast)) for q, forecast in ((0.1, p10), (0.5, p50), (0.9, p90))]
    return {
        "wape": float(np.abs(actual - p50).sum() / total),
        "wape_of_mean": float(np.abs(actual - mean).sum() / total),
        "bias": float((mean.sum() - actual.sum()) / total),
        "pinball": float(np.mean(losses)),
        "coverage_80": float(np.mean((actual >= p10) & (actual <= p90))),
    }
