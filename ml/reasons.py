"""Why a product is recommended: the three facts that moved the model most towards it, in words and with their values.

SHAP values (Lundberg et al., From local explanations to global understanding with explainable AI for trees, 2020) of the classifier's trees are
summed over the columns that tell of one fact; what a fact says is made of the columns a person would ask for. A fact that speaks against the
product is no reason, and a column that is empty cannot be told. What is known of the customer alone speaks for no product more than for
another, and is left out. "Bought" and "looked at" without a word of who are the customer's own; what others did says so.
A fact whose words would say nothing, or what is not so, declines by saying None; the next one takes its place.
"""

from collections.abc import Callable
from dataclasses import dataclass

import catboost
import numpy as np
import pandas as pd

from forecart import timing
from forecart.words import counted, days, times
from ml import parallel

COUNT = 3
COLUMNS = [f"reason_{place}" for place in range(1, COUNT + 1)]
# What is told of a pair where no model says what weighs most.
BY_DEFAULT = ("rhythm", "frequency", "popularity", "novelty")
# A rhythm speaks for a purchase once so much of its interval has passed.
NEARLY_DUE = 0.5
# After so many intervals a rhythm has ended, and when the last purchase was is all that is left of it.
ENDED = 5
# A share or a mean of fewer is chance.
HANDFUL = 5
# A trend compares the last month with three, which there must have been.
TREND_DAYS = 90
# So large a share of a customer's candidates counts as near to what the customer likes.
NEAR = 0.25


@dataclass(frozen=True)
class Fact:
    """`columns` are told of by their beginnings; `words` makes a sentence of a row's values, or None where there is nothing to say."""

    columns: tuple[str, ...]
    words: Callable[[dict[str, float]], str | None]


def _rhythm(row: dict[str, float]) -> str | None:
    if _missing(row, "days_since_last"):
        return None
    last, interval = row["days_since_last"], row.get("mean_interval_days", np.nan)
    if np.isnan(interval) or last > ENDED * interval:
        return _last_bought(row)
    return f"bought every {days(interval)}, last {days(last)} ago" if last >= NEARLY_DUE * interval else None


def _frequency(row: dict[str, float]) -> str | None:
    if _missing(row, "count_orders_365d") or row["count_orders_365d"] < 1:
        return None
    # Orders are looked back at for a year, so that the last 10 may be fewer.
    recent, orders = row["count_last_10_orders"], np.minimum(row.get("customer_count_orders_365d", np.nan), 10)
    if recent >= 3 and not np.isnan(orders):
        return f"in {recent:.0f} of the last {orders:.0f} orders"
    # Of a single purchase, when it was says more than that it was one.
    return f"bought {times(row['count_orders_365d'])} in a year" if row["count_orders_365d"] > 1 else _last_bought(row)


def _last_bought(row: dict[str, float]) -> str:
    return f"last bought {days(row['days_since_last'])} ago"


def _kind(row: dict[str, float]) -> str | None:
    if _missing(row, "product_group_days_since_last"):
        return None
    ratio = row.get("product_group_days_since_last_ratio", 0)
    if NEARLY_DUE <= ratio <= ENDED:
        interval = row["product_group_days_since_last"] / ratio
        return f"buys its kind every {days(interval)}, last {days(row['product_group_days_since_last'])} ago"
    count = row["product_group_count_products_365d"]
    return f"buys its kind: {counted(count, 'product')} in a year, last {days(row['product_group_days_since_last'])} ago"


def _supply(row: dict[str, float]) -> str | None:
    if _missing(row, "category_units_left") or _missing(row, "category_days_since_last") or row["category_units_left"] > 0:
        return None
    last, usual = days(row["category_days_since_last"]), days(row["category_days_a_unit"])
    return f"its category was last bought {last} ago, customers usually come back after {usual} a unit"


def _taste(row: dict[str, float]) -> str | None:
    if not row.get("taste_rank", np.nan) <= NEAR * row["count_candidates"]:
        return None
    return f"no. {row['taste_rank']:.0f} of {row['count_candidates']:.0f} products by nearness to what the customer buys and looks at"


def _clicks(row: dict[str, float]) -> str | None:
    # What was met no later than the last purchase led to that one, and its cart was not left.
    last_bought = np.inf if _missing(row, "days_since_last") else row["days_since_last"]
    if row.get("days_since_carted", np.nan) < last_bought:
        return f"put into the cart {days(row['days_since_carted'])} ago"
    if not row.get("days_since_viewed", np.nan) < last_bought:
        return None
    viewed = f"{days(row['days_since_viewed'])} ago"
    if row["count_views_90d"] < 1:  # a click in a list need not have led to a view
        return f"clicked in a list {viewed}"
    return f"looked at {times(row['count_views_90d'])} in 90 days, last {viewed}"


def _price(row: dict[str, float]) -> str | None:
    if row.get("offer_discount_share", 0) >= 0.01:
        return f"{row['offer_discount_share']:.0%} off now"
    if row.get("offer_price_against_90d", 1) <= 0.97:
        return f"{1 - row['offer_price_against_90d']:.0%} below its usual price"
    is_usual = row.get("discounted_share", 0) >= 0.5 and row.get("count_orders_365d", 0) >= HANDFUL
    return f"bought on discount {row['discounted_share']:.0%} of the time" if is_usual else None


def _novelty(row: dict[str, float]) -> str | None:
    age = row.get("product_age_days", np.nan)
    return f"new, {days(age)} old" if age <= 30 else None


def _trend(row: dict[str, float]) -> str | None:
    # Of what was sold for less than three months the last one is three times the usual because there was nothing before.
    told = _above("product_unit_trend", 1.05, lambda trend: f"sells {trend:.1f} times its usual rate", of="product_units_90d")
    return told(row) if row.get("product_days_since_first_sold", 0) >= TREND_DAYS else None


def _rating(row: dict[str, float]) -> str | None:
    mean = row.get("offer_mean_rating", np.nan)
    is_good = mean >= row.get("shop_mean_rating", np.inf) and row.get("offer_count_reviews", 0) >= HANDFUL
    return f"customers rated it {mean:.1f} of 5 on average" if is_good else None


def _above(column: str, least: float, words: Callable[[float], str], of: str | None = None) -> Callable[[dict[str, float]], str | None]:
    """What is said of the column's value, where it is at least `least`; of a share or a mean, where column `of` counts a handful or more."""
    return lambda row: words(row[column]) if row.get(column, -np.inf) >= least and (of is None or row.get(of, 0) >= HANDFUL) else None


# fmt: off
FACTS: dict[str, Fact] = {
    "rhythm": Fact(("days_since_", "orders_since_last", "mean_interval_days"), _rhythm),
    "frequency": Fact(("count_orders_", "decayed_order", "count_last_", "order_share_", "mean_units", "count_others_since_"), _frequency),
    "kind": Fact(("category_", "product_group_", "share_of_product_group_", "is_from_product_group"), _kind),
    "supply": Fact(("category_days_a_unit", "category_units_left"), _supply),
    "maker": Fact(("maker_",), _above("maker_count_lines_365d", 1, lambda count: f"bought this brand {times(count)} in a year")),
    "similar products": Fact(("of_products_",),
                             _above("of_products_rank", 1, lambda rank: f"no. {rank:.0f} of what goes with the customer's purchases")),
    "similar customers": Fact(("of_customers_",), _above("of_customers_rank", 1, lambda rank: f"no. {rank:.0f} of what similar customers buy")),
    "taste": Fact(("taste", "recent_taste"), _taste),
    "clicks": Fact(
        (
            "days_since_viewed", "days_since_carted", "orders_since_viewed", "count_views_", "count_carts_", "count_clicks_",
            "count_searches_", "count_days_",
        ),
        _clicks,
    ),
    "popularity": Fact(
        ("product_units_", "product_count_buyers_", "product_popularity_rank", "product_days_since_", "product_product_group_rank"),
        _above("product_count_buyers_30d", 2, lambda count: f"{counted(count, 'customer')} bought it in 30 days"),
    ),
    "trend": Fact(("product_unit_trend", "product_product_group_trend", "product_category_trend"), _trend),
    "rebuying": Fact(("rebuy_share_of_others", "product_product_group_rebuy_share", "product_category_rebuy_share"),
                     _above("rebuy_share_of_others", 0.05, lambda share: f"{share:.0%} of its buyers buy it again", of="product_count_buyers_365d")),
    "novelty": Fact(("product_age_days",), _novelty),
    "interest of all": Fact(("offer_count_views_", "offer_count_carts_", "offer_count_searches_", "offer_view_trend", "offer_carts_"),
                            _above("offer_count_views_30d", 2, lambda count: f"viewed {times(count)} in 30 days by all visitors")),
    "own rating": Fact(("rating",), _above("rating", 4, lambda rating: f"the customer rated it {rating:.0f} of 5")),
    "rating": Fact(("offer_count_reviews", "offer_mean_rating", "text_written_rating", "text_described_rating"), _rating),
    "price": Fact(("discounted_share", "product_mean_price", "product_price_", "product_discount_", "offer_price_cents", "offer_discount_share",
                   "offer_days_at_price", "offer_price_against_90d"), _price),
    "promotion": Fact(("offer_days_since_promotion", "offer_count_stores_", "offer_count_promotion_"),
                      # A shop on the web counts as one store.
                      _above("offer_count_stores_displaying", 2, lambda count: f"displayed in {counted(count, 'store')} this week")),
    "competitors": Fact(
        ("offer_count_competitors", "offer_price_against_competitors"),
        lambda row: (
            f"{1 - row['offer_price_against_competitors']:.0%} cheaper than the competitors"
            if row.get("offer_price_against_competitors", 1) <= 0.99
            else None
        ),
    ),
    "season": Fact(("offer_season_index",),
                   _above("offer_season_index", 1.1, lambda index: f"its season: its kind sold {index:.1f} times its usual rate a year ago")),
}
# fmt: on


def fact_of(column: str) -> str | None:
    """The fact that a column tells of, that with the longest fitting beginning."""
    fitting = [(len(start), name) for name, fact in FACTS.items() for start in fact.columns if column.startswith(start)]
    return max(fitting)[1] if fitting else None


def of_model(trees: catboost.CatBoostClassifier, features: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS for each row of features and their nearness, in their index; null where fewer facts speak for the product."""
    names = trees.feature_names_
    with timing.spent(timing.CATBOOST):
        shap = trees.get_feature_importance(catboost.Pool(features[names]), type="ShapValues", thread_count=parallel.threads())[:, :-1]
    facts = list(FACTS)
    weights = np.zeros((len(features), len(facts)))
    for place, name in enumerate(names):
        if fact := fact_of(name):
            weights[:, facts.index(fact)] += shap[:, place]
    order = np.argsort(-weights, axis=1, kind="stable")
    ranked = [[facts[fact] for fact in of_row if of_weights[fact] > 0] for of_row, of_weights in zip(order, weights, strict=True)]
    return _told(features, ranked)


def by_default(features: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS where no model tells what weighs most: habit before popularity."""
    return _told(features, [BY_DEFAULT] * len(features))


def nearness(candidates: pd.DataFrame) -> pd.DataFrame:
    """Which place each has by taste among its customer's candidates, 1 the nearest, and how many these are: no scale tells what a taste means."""
    tastes = candidates.groupby("customer_id")["taste"]
    return pd.DataFrame({"taste_rank": tastes.rank(ascending=False, method="min"), "count_candidates": tastes.transform("size")})


def _told(features: pd.DataFrame, ranked: list) -> pd.DataFrame:
    told = []
    for row, facts in zip(features.to_dict("records"), ranked, strict=True):
        words: list[str | None] = []
        for fact in facts:
            if len(words) < COUNT and (said := FACTS[fact].words(row)) and said not in words:
                words.append(said)
        told.append(words + [None] * (COUNT - len(words)))
    return pd.DataFrame(told, columns=COLUMNS, index=features.index, dtype="string")


def _missing(row: dict[str, float], column: str) -> bool:
    return bool(np.isnan(row.get(column, np.nan)))
