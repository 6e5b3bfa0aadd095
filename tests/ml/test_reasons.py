"""What reasons say of single facts, and that every column of a pair tells of one."""

import catboost
import pandas as pd
import pytest

from ml import pairs, reasons

NEVER = float("nan")


def test_every_column_of_a_pair_and_its_product_tells_of_a_fact():
    silent = [name for name in pairs.columns() if not name.startswith("customer_") and reasons.fact_of(name) is None]
    assert silent == ["offer_units_on_hand", "offer_count_days_out_of_stock_30d"]  # what is in stock is no reason to want it


@pytest.mark.parametrize(
    ("units_left", "said"),
    [(-0.5, "a unit of its category lasts 34 days, the last was bought 51 days ago"), (0.2, None), (NEVER, None)],
)
def test_a_supply_is_a_reason_once_it_is_used_up(units_left, said):
    row = {"category_units_left": units_left, "category_days_a_unit": 34.2, "category_days_since_last": 51.0}
    assert reasons.FACTS["supply"].words(row) == said


@pytest.mark.parametrize(
    ("fact", "row", "said"),
    [
        ("popularity", {"product_count_buyers_30d": 1.0}, "1 customer bought it in 30 days"),
        ("maker", {"maker_count_lines_365d": 1.0}, "bought this brand once in a year"),
        ("promotion", {"offer_count_stores_displaying": 1.0}, "displayed in 1 store this week"),
        ("interest of all", {"offer_count_views_30d": 174.0}, "viewed 174 times in 30 days by all visitors"),
        ("similar products", {"of_products_rank": 3.0}, "no. 3 of what goes with the customer's purchases"),
        ("similar customers", {"of_customers_rank": 7.0}, "no. 7 of what similar customers buy"),
        ("rating", {"offer_mean_rating": 4.26}, "customers rated it 4.3 of 5 on average"),
        ("season", {"offer_season_index": 1.3}, "its season: its kind sold 1.3 times its usual rate a year ago"),
    ],
)
def test_a_fact_says_how_much_and_whose(fact, row, said):
    assert reasons.FACTS[fact].words(row) == said


@pytest.mark.parametrize(
    ("carted", "viewed", "bought", "said"),
    [
        (3, 3, NEVER, "put into the cart 3 days ago"),
        (3, 3, 10, "put into the cart 3 days ago"),
        (10, 3, 10, "looked at twice in 90 days, last 3 days ago"),
        (10, 10, 10, None),
        (40, 12, 10, None),
        (NEVER, 3, NEVER, "looked at twice in 90 days, last 3 days ago"),
        (NEVER, NEVER, NEVER, None),
    ],
)
def test_what_led_to_the_last_purchase_is_no_reason_for_the_next(carted, viewed, bought, said):
    row = {"days_since_carted": carted, "days_since_viewed": viewed, "days_since_last": bought, "count_views_90d": 2.0}
    assert reasons.FACTS["clicks"].words(row) == said


@pytest.mark.parametrize(
    ("last", "of_product", "of_kind"),
    [
        (20, "bought every 30 days, last 20 days ago", "buys its kind every 30 days, last 20 days ago"),
        (14, None, "buys its kind: 2 products in a year, last 14 days ago"),
    ],
)
def test_an_interval_is_a_reason_once_half_of_it_has_passed(last, of_product, of_kind):
    row = {"days_since_last": last, "mean_interval_days": 30.0}
    kind = {"days_since_last": last, "days_since_last_ratio": last / 30, "count_products_365d": 2.0}
    assert reasons.FACTS["rhythm"].words(row) == of_product
    assert reasons.FACTS["kind"].words({f"product_group_{name}": value for name, value in kind.items()}) == of_kind


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"offer_discount_share": 0.2}, "20% off now"),
        ({"offer_price_against_90d": 0.9}, "10% below its usual price"),
        ({"discounted_share": 0.75}, "bought on discount 75% of the time"),
        ({}, None),
    ],
)
def test_a_price_is_a_reason_where_it_is_low(row, said):
    usual = {"offer_discount_share": 0.0, "offer_price_against_90d": 1.0, "discounted_share": 0.1, "product_mean_price_cents_90d": 1019.0}
    assert reasons.FACTS["price"].words(usual | row) == said


def test_a_taste_is_told_by_its_place_among_the_customers_candidates_where_it_is_near():
    candidates = pd.DataFrame({"customer_id": ["c1"] * 8 + ["c2"] * 4, "taste": [5, 9, 7, 8, 6, 1, 2, 3, 0.4, 0.1, 0.2, 0.3]})
    trees = catboost.CatBoostClassifier(iterations=5, verbose=False, allow_writing_files=False, thread_count=1)
    trees.fit(candidates[["taste"]], candidates["taste"] >= 3)
    told = reasons.of_model(trees, candidates.join(reasons.nearness(candidates)).loc[[3, 1, 2, 8]])
    assert told.index.tolist() == [3, 1, 2, 8]
    assert told["reason_1"].fillna("").tolist() == [
        "no. 2 of 8 products by nearness to what the customer buys and looks at",
        "no. 1 of 8 products by nearness to what the customer buys and looks at",
        "",  # speaks for it, and is not near enough to be told
        "",  # the customer's nearest, which the model holds against it
    ]
