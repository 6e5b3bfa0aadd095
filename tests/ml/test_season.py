"""Laws of the season that moves what was learned from other months."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from forecart import warehouse
from ml import demand
from ml.habits import RFM, SPENDING
from ml.leaving import Blend
from ml.season import ORDERS_30D, SALES_30D, SALES_90D, SEASONS, Season
from ml.spending import Spend
from tests.ml import world

CHANCE = np.random.default_rng(4)
FEATURES = pd.DataFrame({name: CHANCE.gamma(2, 10, 500).astype("float32") for name in SPENDING})
LEARNED_FROM = pd.DataFrame({name: [0.8, 1.2] for name in SEASONS})


def test_who_buys_twice_as_often_stays_away_as_if_for_twice_as_long():
    label = (FEATURES["days_since_last_order"] + 5 * CHANCE.normal(size=500) > 20).to_numpy(int)
    seasonal = Blend.fit(RFM, FEATURES, label, Season.of(ORDERS_30D, LEARNED_FROM))
    plain = expit((seasonal.trees.predict(FEATURES, "RawFormulaVal") + seasonal.curves.log_odds(FEATURES)) / 2)
    for busier in (1, 2):
        assert seasonal.probability(FEATURES.assign(**{ORDERS_30D: busier})) == pytest.approx(plain**busier)


def test_spending_is_multiplied_by_how_much_busier_the_days_to_come_are():
    cents = (FEATURES["sales_cents_90d"] * CHANCE.gamma(2, 10, 500)).to_numpy()
    plain, seasonal = Spend.fit(FEATURES, cents), Spend.fit(FEATURES, cents, Season.of(SALES_90D, LEARNED_FROM))
    for busier in (1, 1.5):
        assert seasonal.cents(FEATURES.assign(**{SALES_90D: busier})) == pytest.approx(busier * plain.cents(FEATURES))


def test_a_year_without_a_year_before_it_has_no_season(run):
    for schema in ("features", "training"):
        assert set(world.ask(run, f"select distinct {', '.join(SEASONS)} from {schema}.seasons")) == {(1,) * len(SEASONS)}


def test_what_sold_before_is_expected_again_in_the_season_to_come(run):
    """Of the rule that reads nothing else: twice as busy as before, it expects twice as much."""
    with warehouse.connect(run) as connection:
        usual = demand.Model("baseline").forecast(connection, "features", run.as_of_date).means.categories.sum()
        connection.execute(f"update features.seasons set {SALES_30D} = 2")
        busy = demand.Model("baseline").forecast(connection, "features", run.as_of_date).means.categories.sum()
    assert busy == pytest.approx(2 * usual)
