"""Networks beside trees: what they can read, that they learn, and that the same rows make the same networks."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from ml import effort
from ml.networks import Chances, Rates


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Who came often and not long ago buys, but for a product without a price; two columns say nothing, of one value or of none."""
    random = np.random.default_rng(1)
    rows = 4_000
    features = pd.DataFrame(
        {
            "count": random.poisson(5, rows),
            "days": random.integers(0, 400, rows),
            "trend": random.normal(0, 1, rows),
            "price": np.where(random.random(rows) < 0.3, np.nan, random.lognormal(6, 1, rows)),
            "constant": np.ones(rows),
            "empty": np.full(rows, np.nan),
        }
    ).astype("float32")
    log_odds = features["count"] / 4 - features["days"] / 100 + features["trend"] - 3 * features["price"].isna() - 0.5
    return features, (random.random(rows) < expit(log_odds)).astype(int), log_odds.to_numpy()


def test_networks_come_near_the_truth_of_rows_they_have_not_seen(world):
    features, label, log_odds = world
    found = Chances.fit(features[:3000], label[:3000], np.ones(3000)).log_odds(features[3000:])
    assert np.corrcoef(found, log_odds[3000:])[0, 1] > 0.95


def test_a_row_of_weight_three_is_learned_from_as_three_rows(world):
    features, label, _ = world
    plain, weighted = (Chances.fit(features, label, weight).log_odds(features) for weight in (np.ones(4000), np.where(label, 3.0, 1.0)))
    assert (weighted - plain).mean() == pytest.approx(np.log(3), abs=0.3)


def test_rates_come_near_the_truth_of_rows_they_have_not_seen(world):
    """Twice as long a time counts twice as many, and says nothing of the rate."""
    features, _, log_odds = world
    random = np.random.default_rng(2)
    exposure, log_rate = random.choice([1.0, 2.0, 8.0], len(features)), log_odds / 3
    counted = random.poisson(np.exp(log_rate) * exposure)
    found = Rates.fit(features[:3000], counted[:3000], exposure[:3000]).log_rate(features[3000:])
    assert np.corrcoef(found, log_rate[3000:])[0, 1] > 0.95
    assert np.exp(found).mean() == pytest.approx(np.exp(log_rate[3000:]).mean(), rel=0.15)


def test_what_nobody_has_seen_is_told_as_far_as_the_scales_go(world):
    """Infinitely much and an empty cell where none had been."""
    features, label, _ = world
    networks = Chances.fit(features, label, np.ones(4000))
    odd = features.head(1).assign(count=np.float32(np.inf), trend=np.float32(np.nan))
    assert np.isfinite(networks.log_odds(odd)).all()


def test_the_same_rows_make_the_same_networks(world):
    features, label, _ = world
    with effort.little():
        first, second = (Chances.fit(features, label, np.ones(4000)).log_odds(features) for _ in range(2))
    np.testing.assert_array_equal(first, second)
