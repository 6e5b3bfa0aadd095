"""What all trainings of CatBoost have in common."""

import re
from typing import Any, TypeVar

import catboost

from ml.minima import TooLittleData

SETTINGS = {
    "random_seed": 7,
    "verbose": False,
    "allow_writing_files": False,
    # The loss on what is learned from, tree by tree: nobody reads it, and it takes an eighth of the time.
    "metric_period": 10_000,
}
# One Newton step a leaf. Whether it makes the loss smaller is not asked: what takes another twentieth of the time changes no tree.
ONE_STEP = {"leaf_estimation_iterations": 1, "leaf_estimation_backtracking": "No"}


Model = TypeVar("Model", bound=catboost.CatBoost)


def fit(model: Model, *learned: Any, **options: Any) -> Model:
    """Raises TooLittleData where CatBoost has nothing to tell apart: one answer alone, columns that never differ, fewer rows than a tree draws."""
    try:
        return model.fit(*learned, **options)
    except catboost.CatBoostError as error:
        found = re.sub(r"^\S+\.cpp:\d+: ", "", str(error))  # the place in CatBoost's own source tells nobody anything
        raise TooLittleData(f"too little data for a model: CatBoost says {found!r}") from error


def importances(model: catboost.CatBoost) -> dict[str, float]:
    """column -> percent of the trees' decisions."""
    return dict(zip(model.feature_names_, model.feature_importances_, strict=True))
