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
    [(-0.5, "its category was last bought 51 days ago, customers usually come back after 34 days a unit"), (0.2, None), (NEVER, None)],
)
def test_a_supply_is_a_reason_once_it_is_used_up(units_left, said):
    row = {"category_units_left": units_left, "category_days_a_unit": 34.2, "category_days_since_last": 51.0}
    assert reasons.FACTS["supply"].words(row) == said


@pytest.mark.parametrize(
    ("fact", "row", "said"),
    [
        ("popularity", {"product_count_buyers_30d": 2.0}, "2 customers bought it in 30 days"),
        ("maker", {"maker_count_lines_365d": 1.0}, "bought this brand once in a year"),
        ("promotion", {"offer_count_stores_displaying": 2.0}, "displayed in 2 stores this week"),
        ("interest of all", {"offer_count_views_30d": 174.0}, "viewed 174 times in 30 days by all visitors"),
        ("similar products", {"of_products_rank": 3.0}, "no. 3 of what goes with the customer's purchases"),
        ("similar customers", {"of_customers_rank": 7.0}, "no. 7 of what similar customers buy"),
        (
            "rating",
            {"offer_mean_rating": 4.26, "offer_count_reviews": 5.0, "shop_mean_rating": 4.1},
            "customers rated it 4.3 of 5 on average",
        ),
        (
            "trend",
            {"product_unit_trend": 1.5, "product_units_90d": 12.0, "product_days_since_first_sold": 90.0},
            "sells 1.5 times its usual rate",
        ),
        ("rebuying", {"rebuy_share_of_others": 0.4, "product_count_buyers_365d": 6.0}, "40% of its buyers buy it again"),
        ("season", {"offer_season_index": 1.3}, "its season: its kind sold 1.3 times its usual rate a year ago"),
    ],
)
def test_a_fact_says_how_much_and_whose(fact, row, said):
    assert reasons.FACTS[fact].words(row) == said


@pytest.mark.parametrize(
    ("fact", "row"),
    [
        ("popularity", {"product_count_buyers_30d": 1.0}),
        ("promotion", {"offer_count_stores_displaying": 1.0}),
        ("interest of all", {"offer_count_views_30d": 1.0}),
        ("rating", {"offer_mean_rating": 5.0, "offer_count_reviews": 1.0, "shop_mean_rating": 4.1}),
        ("rating", {"offer_mean_rating": 4.0, "offer_count_reviews": 50.0, "shop_mean_rating": 4.1}),
        ("trend", {"product_unit_trend": 3.0, "product_units_90d": 1.0, "product_days_since_first_sold": 90.0}),
        # Of what is sold for 20 days all units of three months are those of one.
        ("trend", {"product_unit_trend": 3.0, "product_units_90d": 12.0, "product_days_since_first_sold": 20.0}),
        ("rebuying", {"rebuy_share_of_others": 1.0, "product_count_buyers_365d": 2.0}),
        ("price", {"discounted_share": 1.0, "count_orders_365d": 1.0}),
    ],
)
def test_what_says_next_to_nothing_is_no_reason(fact, row):
    assert reasons.FACTS[fact].words(row) is None


@pytest.mark.parametrize(
    ("of_product", "of_last_10", "of_customer", "said"),
    [
        (4, 3, 6, "in 3 of the last 6 orders"),
        (40, 7, 55, "in 7 of the last 10 orders"),
        (3, 2, 55, "bought 3 times in a year"),
        (1, 1, 1, "last bought 20 days ago"),
        (0, 0, 8, None),
    ],
)
def test_a_habit_counts_the_orders_that_were_looked_at(of_product, of_last_10, of_customer, said):
    row = {
        "count_orders_365d": of_product,
        "count_last_10_orders": of_last_10,
        "customer_count_orders_365d": of_customer,
        "days_since_last": 20.0,
    }
    assert reasons.FACTS["frequency"].words(row) == said


def test_what_two_facts_say_alike_is_told_once():
    once = {"days_since_last": 20.0, "count_orders_365d": 1.0, "count_last_10_orders": 1.0, "product_count_buyers_30d": 9.0}
    (told,) = reasons.by_default(pd.DataFrame([once])).fillna("").to_numpy().tolist()
    assert told == ["last bought 20 days ago", "9 customers bought it in 30 days", ""]


def test_a_click_in_a_list_is_no_view():
    row = {"days_since_viewed": 3, "count_views_90d": 0.0}
    assert reasons.FACTS["clicks"].words(row) == "clicked in a list 3 days ago"


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
        (160, "last bought 160 days ago", "buys its kind: 2 products in a year, last 160 days ago"),
    ],
)
def test_an_interval_is_a_reason_from_half_of_it_until_it_has_passed_several_times(last, of_product, of_kind):
    row = {"days_since_last": last, "mean_interval_days": 30.0}
    kind = {"days_since_last": last, "days_since_last_ratio": last / 30, "count_products_365d": 2.0}
    assert reasons.FACTS["rhythm"].words(row) == of_product
    assert reasons.FACTS["kind"].words({f"product_group_{name}": value for name, value in kind.items()}) == of_kind


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"offer_discount_share": 0.2}, "20% off now"),
        ({"offer_price_against_90d": 0.9}, "10% below its usual price"),
        ({"discounted_share": 0.75, "count_orders_365d": 8.0}, "bought on discount 75% of the time"),
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
