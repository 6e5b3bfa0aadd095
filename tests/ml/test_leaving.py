"""Laws of the ways to tell who leaves, and of the reasons."""

import math

import numpy as np
import pandas as pd
import pytest

from ml import bgnbd, metrics, risk_reasons
from ml.habits import LIFE, RFM, at_full_length, beyond_windows
from ml.leaving import Blend, BuyTillYouDie, Logistic
from ml.season import ORDERS_30D, Season


def customers(count: int = 4000, days: int = 300, seed: int = 3):
    """A world that is BG/NBD: rates Gamma(1.2, 20 days), drop-out after each purchase Beta(1, 6); what is seen, and who buys in the next 30 days."""
    chance = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        rate, leaves = chance.gamma(1.2, 1 / 20), chance.beta(1, 6)
        age = chance.uniform(60, days)
        day, last, repeats, is_there, buys = 0.0, 0.0, 0, True, False
        while is_there:
            day += chance.exponential(1 / rate)
            if day > age:
                buys = day <= age + 30
                break
            last, repeats = day, repeats + 1
            is_there = chance.uniform() >= leaves
        rows.append((repeats, last, age, not buys))
    return (np.array(column, dtype=float) for column in zip(*rows, strict=True))


def test_bg_nbd_finds_the_world_it_describes():
    repeats, last, age, is_away = customers()
    found = bgnbd.fit(repeats, last, age, penalizer=0)
    assert found.r / found.alpha == pytest.approx(1.2 / 20, rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(1 / 7, rel=0.15)
    promised = found.none_within(repeats, last, age, 30)
    assert promised.mean() == pytest.approx(is_away.mean(), abs=0.02)
    order = np.argsort(promised, kind="stable")
    assert metrics.ece(is_away[order], promised[order], np.ones(len(order))) < 0.03


def test_bg_nbd_by_hand():
    """Two repeats, last on day 10 of 40: odds of being gone are a / (b + 1) x ((alpha + 40) / (alpha + 10)) ^ (r + 2)."""
    model = bgnbd.BgNbd(r=1, alpha=10, a=1, b=3)
    alive = 1 / (1 + 1 / 4 * (50 / 20) ** 3)
    told = np.array([2.0]), np.array([10.0]), np.array([40.0])
    assert model.alive(*told)[0] == pytest.approx(alive)
    assert model.none_within(*told, 30)[0] == pytest.approx(1 - alive * (1 - (50 / 80) ** 3))
    assert model.alive(np.array([0.0]), np.array([0.0]), np.array([40.0]))[0] == 1


def test_bg_nbd_tells_what_weighs_against_the_mean_customer():
    """Both ordered as often; one of them lately."""
    habits = pd.DataFrame({"days_since_last_order": [2, 80], "count_repeats": [9, 9], "days_since_first_order": [200, 200]})
    way = BuyTillYouDie(bgnbd.BgNbd(r=1, alpha=10, a=1, b=3))
    weighs = way.contributions(habits)
    assert weighs["days_since_last_order"][0] < 0 < weighs["days_since_last_order"][1]
    assert weighs[["count_repeats", "days_since_first_order"]].abs().to_numpy().max() == 0
    assert way.probability(habits)[0] < way.probability(habits)[1]


def test_contributions_add_up_to_the_log_odds():
    chance = np.random.default_rng(4)
    features = pd.DataFrame({name: chance.gamma(2, 10, 500).astype("float32") for name in RFM})
    label = (features["days_since_last_order"] + 5 * chance.normal(size=500) > 20).to_numpy(int)
    usual = Season(ORDERS_30D, 1)
    for way in (Logistic.fit(RFM, features, label), Blend.fit(RFM, features, label, usual)):
        probability = way.probability(features.assign(**{ORDERS_30D: 1}))
        rest = np.log(probability / (1 - probability)) - way.contributions(features).sum(axis=1)
        assert rest.std() < 1e-4  # what is left is the same for everybody: the mean customer


def test_reasons_are_the_themes_that_weigh_most_in_words_and_with_values():
    features = pd.DataFrame(
        {
            "days_since_last_order": [40.0, 3.0],
            "mean_interval_days": [9.0, math.nan],
            "count_orders_90d": [7.0, 1.0],
            "count_orders_365d": [20.0, 2.0],
            "sales_cents_90d": [7000.0, 2000.0],
            "sales_cents_365d": [123456.0, 4000.0],
            "discount_share_90d": [0.1, 0.1],
            "mean_order_cents_90d": [1000.0, 2000.0],
            "mean_units_90d": [2.0, 1.0],
        }
    )
    contributions = pd.DataFrame(
        {
            "days_since_last_order": [1.0, -0.1],
            "count_orders_30d": [0.4, 0.2],
            "count_orders_90d": [0.4, 0.3],
            "sales_cents_30d": [-0.3, 0.1],
            "discount_share_90d": [0, -0.3],
            "mean_units_90d": [0, 0.2],
        }
    )
    told = risk_reasons.top(contributions, features, risk_reasons.of_customers("EUR"))
    assert told[0].tolist() == [
        "raises the risk: last ordered 40 days ago, usually every 9 days",
        "raises the risk: 7 orders for 70.00 EUR in 90 days, 20 for 1,234.56 EUR in a year",
        None,
    ]
    assert told[1].tolist() == [
        "raises the risk: 1 order for 20.00 EUR in 90 days, 2 for 40.00 EUR in a year",
        "lowers the risk: 10% of the price of 90 days was discounts",
        "raises the risk: an order of 90 days is 20.00 EUR and 1 unit on average",
    ]


def test_what_tells_nothing_leaves_its_place_to_the_next_theme():
    """One order ever: no trend, no interval. And whoever is there for 20 days has no usual month to be compared with."""
    few = {"order_trend": 3.0, "count_orders_90d": 1.0, "mean_interval_days": math.nan, "longest_interval_days": math.nan}
    many = {"order_trend": 1.5, "count_orders_90d": 6.0, "mean_interval_days": 14.6, "longest_interval_days": 30.0}
    new = {"order_trend": 3.0, "count_orders_90d": 6.0, "mean_interval_days": 3.0, "longest_interval_days": 4.0}
    features = pd.DataFrame([few, many, new]).assign(days_since_last_order=5.0, days_since_first_order=[5.0, 90.0, 20.0])
    contributions = pd.DataFrame({"order_trend": [-0.9] * 3, "mean_interval_days": [-0.8] * 3, "days_since_last_order": [-0.7] * 3})
    told = risk_reasons.top(contributions, features, risk_reasons.of_customers("EUR"))
    assert told[0].tolist() == ["lowers the risk: last ordered 5 days ago", None, None]
    assert told[1].tolist() == [
        "lowers the risk: orders of the last 30 days are 150% of the usual",
        "lowers the risk: orders of a year came every 15 days, at most 30 days apart",
        "lowers the risk: last ordered 5 days ago, usually every 15 days",
    ]
    assert told[2].tolist() == [
        "lowers the risk: orders of a year came every 3 days, at most 4 days apart",
        "lowers the risk: last ordered 5 days ago, usually every 3 days",
        None,
    ]


def test_of_what_was_free_no_share_was_a_discount():
    features = pd.DataFrame([{"discount_share_90d": math.nan, "days_since_last_order": 5.0, "mean_interval_days": math.nan}])
    contributions = pd.DataFrame({"discount_share_90d": [0.9], "days_since_last_order": [0.1]})
    (told,) = risk_reasons.top(contributions, features, risk_reasons.of_customers("EUR"))
    assert told.tolist() == ["raises the risk: last ordered 5 days ago", None, None]


def test_every_feature_of_customers_belongs_to_one_theme(run):
    from tests.ml import world

    names = [name for name, *_ in world.ask(run, "describe features.features_customer")]
    themes = risk_reasons.of_customers("EUR")
    for name in set(names) - {"as_of_date", "customer_id", "batch_number", "history_days"}:
        assert sum(name.startswith(theme.columns) for theme in themes) == 1, name


def test_a_window_that_the_shop_has_not_filled_yet_is_told_at_its_pace():
    seen = pd.DataFrame(
        {
            "history_days": [73, 365],
            "days_since_last_order": [4, 4],
            "count_orders_30d": [2, 2],
            "count_orders_365d": [6, 6],
            "sales_cents_90d": [730, 730],
            "decayed_orders_90d": [3, 3],
            "count_orders_month_2": [1, 1],
            "count_orders_month_3": [0, 1],
        }
    )
    young, old = at_full_length(seen).to_dict("records")
    assert young["count_orders_365d"] == pytest.approx(30)
    assert young["sales_cents_90d"] == pytest.approx(900)
    assert young["decayed_orders_90d"] == pytest.approx(3 / (1 - math.exp(-73 / 90)))
    assert (young["count_orders_30d"], young["days_since_last_order"], young["count_orders_month_2"]) == (2, 4, 1)
    assert math.isnan(young["count_orders_month_3"])
    assert (old["count_orders_365d"], old["sales_cents_90d"], old["count_orders_month_3"]) == (6, 730, 1)
    assert "history_days" not in young


def test_what_reaches_beyond_a_year_is_told_of_shops_that_are_older():
    dates = pd.DataFrame({"history_days": [365, 300]})
    assert beyond_windows(dates) == ()
    assert beyond_windows(dates[:1]) == LIFE


def test_amounts_by_hand():
    actual, every = np.array([100.0, 0.0, 300.0]), np.ones(3)
    assert metrics.total_bias(actual, np.array([100.0, 40.0, 300.0]), every) == pytest.approx(0.1)
    falling = np.sort(actual)[::-1]
    assert metrics.gini(falling, every, falling, every) == 1
    assert metrics.gini(falling[::-1], every, falling, every) == pytest.approx(-1)
    assert metrics.lift(np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]), np.ones(10), share=0.1) == 5


def test_true_probabilities_are_calibrated_within_chance_however_few_there_are():
    chance = np.random.default_rng(6)
    for count in (40, 4000):
        probability = np.sort(chance.uniform(size=count))
        is_true = (chance.uniform(size=count) < probability).astype(float)
        assert metrics.ece(is_true, probability, np.ones(count)) < metrics.ece_by_chance(probability)
        assert metrics.ece(1 - is_true, probability, np.ones(count)) > metrics.ece_by_chance(probability)


def test_curves_are_drawn_of_what_reaches_beyond_a_year_in_an_older_shop():
    chance = np.random.default_rng(4)
    habits = pd.DataFrame({name: chance.gamma(2, 10, 500).astype("float32") for name in (*RFM, *LIFE)})
    label = (habits["count_repeats"] + 5 * chance.normal(size=500) < 20).to_numpy(int)
    for days, told in ((365, set(LIFE)), (300, set())):
        curves = Blend.fit(RFM, habits.assign(history_days=days), label, Season(ORDERS_30D, 1)).curves
        assert set(curves.contributions(habits)) - set(RFM) == told
