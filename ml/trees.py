"""What all trainings of CatBoost have in common."""

import catboost

SETTINGS = {
    "random_seed": 7,
    "verbose": False,
    "allow_writing_files": False,
    # The loss on what is learned from, tree by tree: nobody reads it, and it takes an eighth of the time.
    "metric_period": 10_000,
}
# One Newton step a leaf. Whether it makes the loss smaller is not asked: what takes another twentieth of the time changes no tree.
ONE_STEP = {"leaf_estimation_iterations": 1, "leaf_estimation_backtracking": "No"}


def importances(model: catboost.CatBoost) -> dict[str, float]:
    """column -> percent of the trees' decisions."""
    return dict(zip(model.feature_names_, model.feature_importances_, strict=True))
