"""What the customer bought most often of late: each order counts e^(-age / tau)."""

import numpy as np

from ml.baselines.history import History
from ml.baselines.top_frequency import Frequency, below_one

GRID = [{"tau_days": tau} for tau in (60, 90, 150, 240)]


def fit(history: History, tau_days: float) -> Frequency:
    return Frequency(history.matrix(np.exp(-history.age_days / tau_days)), below_one(history) * 1e-3)
