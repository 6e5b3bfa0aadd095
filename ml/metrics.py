"""How good predictions are. All take and give plain numbers: the same functions judge models, baselines and published predictions."""

import numpy as np


def of_each_list(hits: np.ndarray, count_relevant: np.ndarray, at: int = 10) -> dict[str, np.ndarray]:
    """Recall, precision, NDCG, hit rate and average precision of each list, shape (customers,); nan for customers without a relevant product.

    `hits[i, j]`: whether place j of customer i's list is relevant, best place first. `count_relevant[i]`: all products
    relevant to i, in the list or not. Gains are binary and the ideal list is full of hits as far as there are relevant
    products (Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002).
    """
    hits = hits[:, :at].astype(float)
    places = np.arange(1, hits.shape[1] + 1)
    discounts = 1 / np.log2(np.arange(2, at + 2))
    ideal = np.cumsum(discounts)[np.clip(count_relevant, 1, at) - 1]
    found, relevant = hits.sum(axis=1), np.maximum(count_relevant, 1)
    precisions = np.cumsum(hits, axis=1) / places
    values = {
        f"recall_at_{at}": found / relevant,
        f"precision_at_{at}": found / at,
        f"ndcg_at_{at}": hits @ discounts[: hits.shape[1]] / ideal,
        f"hit_rate_at_{at}": (found > 0).astype(float),
        f"map_at_{at}": (precisions * hits).sum(axis=1) / np.minimum(relevant, at),
    }
    return {metric: np.where(count_relevant > 0, of_each, np.nan) for metric, of_each in values.items()}


# Of probabilities of a yes or no. Rows stand in ascending order of probability and each counts `weights[i]` >= 0, shape (rows,) all three.


def auc(is_true: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> float:
    """The chance that a yes stands above a no, ties half; nan where all answers are the same."""
    yes, no = _of_ties(probability, weights * is_true), _of_ties(probability, weights * (1 - is_true))
    pairs = yes.sum() * no.sum()
    return float(yes @ (np.cumsum(no) - no / 2) / pairs) if pairs else float("nan")


def pr_auc(is_true: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> float:
    """Average precision: the mean over the yeses of the share of yeses at or above them; nan where all answers are the same."""
    yes, every = _of_ties(probability, weights * is_true)[::-1], _of_ties(probability, weights)[::-1]
    if not 0 < yes.sum() < every.sum():
        return float("nan")
    return float(yes @ (np.cumsum(yes) / np.maximum(np.cumsum(every), 1e-12)) / yes.sum())


def log_loss(is_true: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> float:
    bounded = np.clip(probability, 1e-7, 1 - 1e-7)
    return mean(-(is_true * np.log(bounded) + (1 - is_true) * np.log(1 - bounded)), weights)


def brier(is_true: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> float:
    return mean((probability - is_true) ** 2, weights)


def ece(is_true: np.ndarray, probability: np.ndarray, weights: np.ndarray, bins: int = 15) -> float:
    """Mean distance between promised and kept over bins of equally many rows, weighted by size (Naeini et al., 2015)."""
    if not weights.sum():
        return float("nan")
    starts = np.unique(np.linspace(0, len(weights), bins + 1).astype(int)[:-1])
    return float(np.abs(np.add.reduceat(weights * (probability - is_true), starts)).sum() / weights.sum())


def ece_by_chance(probability: np.ndarray, bins: int = 15, draws: int = 200) -> float:
    """The ECE that probabilities which are true stay below in 99 of 100 cases: with few rows chance alone makes a distance."""
    ordered, chance = np.sort(probability), np.random.default_rng(7)
    every = np.ones(len(ordered))
    drawn = [ece((chance.uniform(size=len(ordered)) < ordered).astype(float), ordered, every, bins) for _ in range(draws)]
    return float(np.quantile(drawn, 0.99))


def curves(is_true: np.ndarray, probability: np.ndarray, bins: int = 10) -> dict[str, list[float]]:
    """`promised` and `kept` shares by tenths of rows in ascending order of probability; `lift` over the first `share` of rows, highest first."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    found = {"promised": [float(probability[part].mean()) for part in parts], "kept": [float(is_true[part].mean()) for part in parts]}
    shares = [place / bins for place in range(1, bins + 1)]
    falling, every = is_true[order[::-1]], np.ones(len(order))
    return found | {"share": shares, "lift": [lift(falling, every, share) for share in shares]} if is_true.any() else {}


def lift(is_true: np.ndarray, weights: np.ndarray, share: float = 0.1) -> float:
    """How many times more yeses are among the first `share` of rows than among all; rows stand with the highest risk first."""
    before = np.cumsum(weights) - weights
    first = np.clip(share * weights.sum() - before, 0, weights)
    kept = weights @ is_true
    return float(first @ is_true / first.sum() / (kept / weights.sum())) if kept else float("nan")


def gini(by_expected: np.ndarray, weights: np.ndarray, by_actual: np.ndarray, actual_weights: np.ndarray) -> float:
    """Area between the curve of gained amounts and the diagonal, as a share of that of the perfect order: 0 by chance, 1 at best.

    `by_expected` are actual amounts with the largest expected first, `by_actual` the same with the largest first.
    """
    perfect = _gained(by_actual, actual_weights)
    return _gained(by_expected, weights) / perfect if perfect else float("nan")


def total_bias(actual: np.ndarray, expected: np.ndarray, weights: np.ndarray) -> float:
    """The expected total over the actual one, less 1."""
    total = float(actual @ weights)
    return float(expected @ weights) / total - 1 if total else float("nan")


def _gained(amounts: np.ndarray, weights: np.ndarray) -> float:
    total, count = float(amounts @ weights), float(weights.sum())
    if not total:
        return 0.0
    gained = np.cumsum(amounts * weights) / total
    return float((gained - amounts * weights / total / 2) @ weights / count - 0.5)


def _of_ties(probability: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Sums of amounts over rows of equal probability, in their order."""
    starts = np.flatnonzero(np.concatenate([[True], np.diff(probability) != 0]))
    return np.add.reduceat(amounts, starts) if len(amounts) else amounts


def mean(values: np.ndarray, weights: np.ndarray) -> float:
    return float(values @ weights / weights.sum()) if weights.sum() else float("nan")


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
