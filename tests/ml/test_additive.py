"""Laws of regressions whose columns add up."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from ml.additive import Additive

CHANCE = np.random.default_rng(5)
FEATURES = pd.DataFrame({name: CHANCE.gamma(2, 10, 2000) for name in ("count_orders_30d", "days_since_last_order")})
BUMP = np.sin(2 * np.log1p(FEATURES["count_orders_30d"])).to_numpy() + 0.1 * CHANCE.normal(size=2000)


def test_a_curve_finds_what_a_line_does_not():
    lines, curves = (fit(tuple(FEATURES), FEATURES, BUMP, Ridge(1)).mean(FEATURES) for fit in (Additive.lines, Additive.curves))
    assert np.corrcoef(lines, BUMP)[0, 1] < 0.9
    assert np.corrcoef(curves, BUMP)[0, 1] > 0.95


def test_contributions_add_up_to_the_answer():
    for fit in (Additive.lines, Additive.curves):
        model = fit(tuple(FEATURES), FEATURES, (BUMP > 0).astype(int), LogisticRegression())
        rest = model.log_odds(FEATURES) - model.contributions(FEATURES).sum(axis=1)
        assert rest.std() == pytest.approx(0, abs=1e-9)


def test_a_curve_is_flat_beyond_what_was_seen():
    model = Additive.curves(tuple(FEATURES), FEATURES, BUMP, Ridge(1))
    most = FEATURES.max().to_frame().T
    assert model.mean(10 * most) == pytest.approx(model.mean(most))


def test_what_is_the_same_for_everybody_or_unknown_says_nothing():
    told = FEATURES.assign(count_orders_90d=3.0, sd_interval_days=np.nan)
    plain, with_more = (Additive.curves(tuple(rows), rows, BUMP, Ridge(1)).mean(rows) for rows in (FEATURES, told))
    assert with_more == pytest.approx(plain)
