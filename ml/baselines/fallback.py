"""The best of the baselines with a probability: what is judged beside the model, and serves where no model may."""

from dataclasses import dataclass, replace
from datetime import date
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
from scipy import sparse

from forecart import timing
from ml import effort, metrics, parallel
from ml.baselines import decayed_frequency, history, popular, tifu_knn, top_frequency, up_cf
from ml.baselines.history import History, Scorer
from ml.calibration import Calibration, Isotonic
from ml.saved import Saved

METHODS: dict[str, ModuleType] = {
    "popular": popular,
    "top_frequency": top_frequency,
    "decayed_frequency": decayed_frequency,
    "tifu_knn": tifu_knn,
    "up_cf": up_cf,
}
# Settings differ by a hundredth of NDCG; so many customers tell them apart, and tuning costs the same in a shop of any size.
TUNING_CUSTOMERS = 600
CALIBRATED_LENGTH = 50


@dataclass(frozen=True)
class Fallback(Saved):
    """One of METHODS with its settings. `calibration` is None where no window was known to calibrate on."""

    method: str
    settings: dict[str, Any]
    calibration: Calibration | None = None
    name: str = "baseline"

    def scorer(self, past: History) -> Scorer:
        return METHODS[self.method].fit(past, **self.settings)

    def probability(self, scores: np.ndarray) -> np.ndarray:
        """P(bought in the next 30 days) of scores of any shape; never falls where the score rises."""
        if self.calibration is None:
            # GP-TopFreq's score is about the number of orders of the year: P(one or more in 30 days) of a Poisson process.
            return 1 - np.exp(-np.maximum(scores, 0) * 30 / history.HISTORY_DAYS)
        return self.calibration.predict(np.nan_to_num(scores.ravel(), neginf=-1e9)).reshape(scores.shape)


def wanted(connection: duckdb.DuckDBPyConnection, past: History, day: date) -> tuple[sparse.csr_matrix, np.ndarray]:
    """What the customers of a history bought in the 30 days from its cut-off on: 1 for each product of the history, shape (customers,
    products), and how many different products in all, shape (customers,)."""
    with timing.spent(timing.DUCKDB):
        rows = connection.execute(
            "select customer_id, product_id from training.labels_purchase where as_of_date = ? order by all", [day]
        ).fetchnumpy()
    customer, is_known = _places(past.customers, rows["customer_id"].astype(str))
    count = np.bincount(customer[is_known], minlength=len(past.customers))
    by_name = np.argsort(past.products)
    place, is_there = _places(past.products[by_name], rows["product_id"].astype(str))
    both = is_known & is_there
    shape = len(past.customers), len(past.products)
    return sparse.csr_matrix((np.ones(both.sum()), (customer[both], by_name[place[both]])), shape=shape), count


def tuned(past: History, bought: sparse.csr_matrix, count: np.ndarray) -> dict[str, Fallback]:
    """Every method with the settings of its grid that are best by NDCG@10 on some of the customers. Not calibrated."""
    rows = effort.at_most(np.arange(len(past.customers)), TUNING_CUSTOMERS)
    found = {}
    for method, module in METHODS.items():
        grid = [Fallback(method, settings) for settings in module.GRID]
        quality = (
            parallel.run([lambda one=one: _ndcg(past, one.scorer(past), bought, count, rows) for one in grid]) if len(grid) > 1 else [0.0]
        )
        found[method] = grid[int(np.argmax(quality))]
    return found


def calibrated(fallback: Fallback, past: History, bought: sparse.csr_matrix) -> Fallback:
    """The same method with what came of its scores: of the pairs bought before, and of what it would have listed beside them."""
    scorer, scores, hits = fallback.scorer(past), [], []
    for batch in past.batches():
        of_batch = scorer.score(batch)
        listed, of_listed = history.best(past, of_batch, CALIBRATED_LENGTH, without_bought_of=batch)
        row, product = past.bought[batch].nonzero()
        hit = bought[batch].toarray()
        scores += [of_batch[row, product], of_listed[np.isfinite(of_listed)]]
        hits += [hit[row, product], np.take_along_axis(hit, listed, axis=1)[np.isfinite(of_listed)]]
    return replace(fallback, calibration=Isotonic(np.concatenate(scores), np.concatenate(hits))) if scores else fallback


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Fallback:
    """The best method on the newest window known, tuned and calibrated there; without one, personal frequency, then popularity."""
    past = history.load(connection, max(dates)) if dates else None
    if past is None or not len(past.customers):
        return Fallback("top_frequency", {})
    bought, count = wanted(connection, past, max(dates))
    if not bought.nnz:
        return Fallback("top_frequency", {})
    rows = np.arange(len(past.customers))
    found = tuned(past, bought, count)
    best = max(found, key=lambda method: _ndcg(past, found[method].scorer(past), bought, count, rows))
    return calibrated(found[best], past, bought)


def _ndcg(past: History, scorer: Scorer, bought: sparse.csr_matrix, count: np.ndarray, rows: np.ndarray) -> float:
    if not count[rows].any():
        return 0.0
    listed = np.vstack([best for _, best, _ in history.lists(past, scorer, 10, rows=rows)])
    hits = np.asarray(bought[np.repeat(rows, listed.shape[1]), listed.ravel()]).reshape(listed.shape) > 0
    return float(np.nanmean(metrics.of_each_list(hits, count[rows])["ndcg_at_10"]))


def _places(ordered: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each of `asked` stands in `ordered`, and whether it does."""
    place = np.minimum(np.searchsorted(ordered, asked), max(len(ordered) - 1, 0))
    return place, (ordered[place] == asked) if len(ordered) else np.zeros(len(asked), dtype=bool)
