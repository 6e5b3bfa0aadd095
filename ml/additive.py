"""Regressions whose columns add up, as straight lines or as smooth curves (Hastie and Tibshirani, Generalized Additive Models, 1990).

A shop has thousands of customers, not millions. From so few, curves learn as much as trees do and err elsewhere, so that the mean of the two
is better than either (docs/experiments.md). A curve is a cubic spline of three knots, and flat beyond what was seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from ml.habits import logarithms


@dataclass(frozen=True)
class Additive:
    """`fitted`: scikit-learn's steps from the logarithms of `columns` to a linear model."""

    columns: tuple[str, ...]
    fitted: Any

    @classmethod
    def lines(cls, columns: tuple[str, ...], features: pd.DataFrame, target: np.ndarray, model: Any) -> Self:
        return cls._fit(columns, features, target, [model])

    @classmethod
    def curves(cls, columns: tuple[str, ...], features: pd.DataFrame, target: np.ndarray, model: Any) -> Self:
        """Each column becomes four, so `model` ought to have a penalty."""
        from sklearn.preprocessing import SplineTransformer

        return cls._fit(columns, features, target, [SplineTransformer(n_knots=3, knots="quantile"), model])

    @classmethod
    def _fit(cls, columns: tuple[str, ...], features: pd.DataFrame, target: np.ndarray, steps: list[Any]) -> Self:
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return cls(columns, make_pipeline(*steps[:-1], StandardScaler(), steps[-1]).fit(logarithms(features, columns), target))

    def log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Of a classifier, shape (rows,)."""
        return self._ask(self.fitted.decision_function, features)

    def mean(self, features: pd.DataFrame) -> np.ndarray:
        """Of a regressor, shape (rows,)."""
        return self._ask(self.fitted.predict, features)

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """What each column adds, against the mean row of the training: the SHAP values of a model whose columns add up."""
        weights = self.fitted[-1].coef_.reshape(len(self.columns), -1)
        read = self._ask(self.fitted[:-1].transform, features).reshape(-1, *weights.shape)
        return pd.DataFrame((read * weights).sum(axis=2), columns=list(self.columns))

    def _ask(self, of: Callable[[pd.DataFrame], np.ndarray], features: pd.DataFrame) -> np.ndarray:
        """scikit-learn answers no question about nobody."""
        return of(logarithms(features, self.columns)) if len(features) else np.empty(0)
