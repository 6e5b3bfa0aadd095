"""What a score is worth: what came true of scores like it, where the model had not learned from."""

from typing import Protocol

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

# Isotonic regression needs some thousand cases to beat two parameters (Niculescu-Mizil and Caruana, Predicting good probabilities with
# supervised learning, 2005).
ENOUGH_TRUE = 5000
# Nearer to 0 or 1 than this, a probability is as good as certain.
SURE = 1e-9


class Calibration(Protocol):
    """From scores to probabilities, of the same shape; never falls where the score rises."""

    def predict(self, scores: np.ndarray) -> np.ndarray: ...


class Platt:
    """Log-odds moved and stretched (Platt, Probabilistic outputs for support vector machines, 1999)."""

    def __init__(self, log_odds: np.ndarray, came_true: np.ndarray):
        fitted = LogisticRegression(C=1e6).fit(log_odds[:, None], came_true)
        self.slope, self.offset = max(float(fitted.coef_[0, 0]), 0.0), float(fitted.intercept_[0])

    def predict(self, scores: np.ndarray) -> np.ndarray:
        return expit(self.slope * scores + self.offset)


class Isotonic:
    """Isotonic regression (Zadrozny and Elkan, Transforming classifier scores into accurate multiclass probability estimates, 2002), rising
    from the middle of one step to that of the next, so that pairs on one step keep their order (Oron and Flournoy, Centered isotonic
    regression, 2017)."""

    def __init__(self, scores: np.ndarray, came_true: np.ndarray):
        # One failure above the best score and one success below the worst (Laplace's rule): a few lucky hits are no certainty, and a few
        # misses no impossibility.
        ends = [scores.max(), scores.min()] if len(scores) else [0.0, 0.0]
        scores, came_true = np.concatenate([scores, ends]), np.concatenate([came_true, [0.0, 1.0]])
        step = IsotonicRegression(y_min=0, y_max=1).fit_transform(scores, came_true)
        self.probability, of_score = np.unique(step, return_inverse=True)
        self.score = np.bincount(of_score, weights=scores) / np.bincount(of_score)

    def predict(self, scores: np.ndarray) -> np.ndarray:
        return np.interp(scores, self.score, self.probability)


def log_odds(probability: np.ndarray, sure: float = SURE) -> np.ndarray:
    """Finite ones, of the same shape."""
    return logit(np.clip(probability, sure, 1 - sure))


def of_log_odds(log_odds: np.ndarray, came_true: np.ndarray) -> Calibration:
    """Of scores that are log-odds already, but for their scale and level."""
    return Platt(log_odds, came_true) if 0 < came_true.sum() < min(ENOUGH_TRUE, len(came_true)) else Isotonic(log_odds, came_true)
