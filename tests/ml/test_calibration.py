"""Laws of calibration."""

import numpy as np
import pytest

from ml import calibration


@pytest.mark.parametrize("count", [3000, 60_000])  # few and many that came true
def test_overconfident_log_odds_are_put_right_without_changing_their_order(count):
    chance = np.random.default_rng(5)
    true = chance.normal(-1.5, 1, 2 * count)
    likely = 1 / (1 + np.exp(-true))
    came_true = (chance.uniform(size=2 * count) < likely).astype(float)
    promised = 2.5 * true + 1
    probability = calibration.of_log_odds(promised[:count], came_true[:count]).predict(promised[count:])
    rising = np.diff(probability[np.argsort(promised[count:])])
    assert (rising >= 0).all() and (rising > 0).mean() > 0.99  # no long steps on which the order would be lost
    error, before = (np.abs(one - likely[count:]).mean() for one in (probability, 1 / (1 + np.exp(-promised[count:]))))
    assert error < 0.02 < before


def test_a_few_lucky_hits_are_no_certainty():
    fitted = calibration.Isotonic(np.array([0.0, 1, 2, 3]), np.array([0.0, 0, 1, 1]))
    assert 0 < fitted.predict([-1.0])[0] < fitted.predict([9.0])[0] < 1


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_one_kind_of_answer_gives_a_probability_as_well(answer):
    probability = calibration.of_log_odds(np.arange(5.0), np.full(5, answer)).predict(np.array([-3.0, 2.0, 9.0]))
    assert ((probability >= 0) & (probability <= 1)).all() and (np.diff(probability) >= 0).all()
