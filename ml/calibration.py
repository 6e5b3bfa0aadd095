"""What a score is worth: what came true of scores like it, where the model had not learned from."""

from typing import Protocol

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

# Isotonic regression needs some thousand cases to beat two parameters (Niculescu-Mizil and Caruana, Predicting good probabilities with
# supervised learning, 2005).
ENOUGH_TRUE = 5000


class Calibration(Protocol):
    """From scores to probabilities, of the same shape; never falls where the score rises."""

    def predict(self, scores: np.ndarray) -> np.ndarray: ...


class Platt:
    """Log-odds moved and stretched (Platt, Probabilistic outputs for support vector machines, 1999)."""

    def __init__(self, log_odds: np.ndarray, came_true: np.ndarray):
        fitted = LogisticRegression(C=1e6).fit(log_odds[:, None], came_true)
        self.slope, self.offset = max(float(fitted.coef_[0, 0]), 0.0), float(fitted.intercept_[0])

    def predict(self, scores: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(self.slope * scores + self.offset)))


def of_log_odds(log_odds: np.ndarray, came_true: np.ndarray) -> Calibration:
    """Of scores that are log-odds already, but for their scale and level."""
    if 0 < came_true.sum() < min(ENOUGH_TRUE, len(came_true)):
        return Platt(log_odds, came_true)
    return of_scores(log_odds, came_true)


def of_scores(scores: np.ndarray, came_true: np.ndarray) -> IsotonicRegression:
    """Of scores of any kind, by isotonic regression (Zadrozny and Elkan, Transforming classifier scores into accurate multiclass probability
    estimates, 2002).

    One failure is added above the best score and one success below the worst (Laplace's rule): a few lucky hits are no certainty, and a
    few misses no impossibility.
    """
    ends = [scores.max(), scores.min()] if len(scores) else [0.0, 0.0]
    return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(
        np.concatenate([scores, ends]), np.concatenate([came_true, [0.0, 1.0]])
    )
