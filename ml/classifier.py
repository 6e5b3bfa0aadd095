"""How likely a pair is bought: CatBoost's trees and small neural networks, their log-odds averaged."""

from dataclasses import dataclass
from functools import partial

import catboost
import numpy as np
import pandas as pd

from forecart import timing
from ml import effort, parallel, trees
from ml.networks import Chances
from ml.pairs import Sample

# From fewer purchases, later trees may tell of what does not come again: no more are grown once so many in turn have not helped.
FEW_BOUGHT, PATIENCE = 50_000, 100
# Trees that see a tenth of the columns at each split.
SETTINGS = {
    **trees.SETTINGS,
    **trees.ONE_STEP,
    "learning_rate": 0.07,
    "rsm": 0.1,
    "border_count": 64,
}


@dataclass(frozen=True)
class Classifier:
    trees: catboost.CatBoostClassifier
    networks: Chances

    @property
    def columns(self) -> list[str]:
        return self.trees.feature_names_

    def log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Shape (pairs,)."""
        known = features[self.columns]
        with timing.spent(timing.CATBOOST):
            of_trees = self.trees.predict(known, prediction_type="RawFormulaVal", thread_count=parallel.threads())
        return (of_trees + self.networks.log_odds(known)) / 2


def known_before_newest(learned: Sample) -> Classifier | None:
    """Of all cut-offs but the newest, with as many trees as tell of that one the best; None where there is enough to learn from for all of them.

    A small shop would learn by heart what does not come again, a smaller one earlier.
    """
    if not _is_small(learned):
        return None
    is_newest = _is_newest(learned)
    asked = {"early_stopping_rounds": PATIENCE, "eval_metric": "Logloss:hints=skip_train~true", "metric_period": 1}
    return _fitted(learned.of_rows(~is_newest), growth(is_small=True) | asked, learned.of_rows(is_newest))


def before_newest(learned: Sample) -> Classifier:
    """The same where there is enough to learn from, be it less without the newest."""
    return _fitted(learned.of_rows(~_is_newest(learned)), growth(is_small=False))


def of_all(learned: Sample, first: Classifier | None) -> Classifier:
    """With as many trees as the one that knows nothing of the newest cut-off, or all that there may be."""
    return _fitted(learned, growth(_is_small(learned)) | ({"iterations": first.trees.tree_count_} if first else {}))


def growth(is_small: bool) -> dict:
    """How many trees there may be, and how deep."""
    return {"iterations": effort.of(1500), "depth": 5} if is_small else {"iterations": effort.of(600), "depth": 6}


def _fitted(learned: Sample, given: dict, judged: Sample | None = None) -> Classifier:
    networks = partial(Chances.fit, learned.features, learned.bought, learned.weight)
    return Classifier(*parallel.run([partial(_grow, learned, given, judged), networks]))


def _grow(learned: Sample, given: dict, judged: Sample | None) -> catboost.CatBoostClassifier:
    model = catboost.CatBoostClassifier(**SETTINGS | given, thread_count=parallel.threads())
    with timing.spent(timing.CATBOOST):
        return trees.fit(model, _pool(learned), eval_set=_pool(judged) if judged else None)


def _pool(learned: Sample) -> catboost.Pool:
    return catboost.Pool(learned.features, learned.bought, weight=learned.weight)


def _is_newest(learned: Sample) -> np.ndarray:
    """Which rows are of the newest cut-off, shape (rows,)."""
    day = learned.keys["as_of_date"]
    return (day == day.max()).to_numpy()


def _is_small(learned: Sample) -> bool:
    return int(learned.bought.sum()) < FEW_BOUGHT
