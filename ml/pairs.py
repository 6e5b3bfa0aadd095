"""Pairs of a customer and a product with all that is known of them, as models read them: in families, in batches, or as a sample."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from forecart import timing
from ml.frames import fetch, listed, lowest
from ml.season import ORDERS_30D

KEYS = ["as_of_date", "customer_id", "product_id"]
BATCH_CUSTOMERS = 250
CHOSEN = "semi join chosen using (customer_id)"

# family -> table -> columns. A shop that lacks a source has nothing but empty columns there, and those are left out of its models.
FAMILIES: dict[str, dict[str, list[str]]] = {
    "habit": {
        "pairs": [
            "days_since_last", "days_since_first", "orders_since_last", "count_orders_30d", "count_orders_90d", "count_orders_180d",
            "count_orders_365d", "decayed_orders_30d", "decayed_orders_90d", "decayed_orders_180d", "count_last_5_orders",
            "count_last_10_orders", "count_last_20_orders", "order_share_90d", "decayed_order_share_90d", "mean_interval_days",
            "days_since_last_ratio", "days_since_last_z_score", "mean_units", "count_orders_3y", "order_share_3y",
            "count_others_since_first", "count_others_since_last",
        ],
    },
    "kind and maker": {
        "pairs": [
            "category_share_90d", "category_days_since_last", "product_group_count_lines_90d", "share_of_product_group_90d",
            "product_group_days_since_last", "product_group_count_products_365d", "maker_count_lines_365d", "is_from_product_group",
            "share_of_product_group_3y", "category_share_3y", "product_group_lift", "maker_lift", "category_days_since_last_ratio",
            "category_units_a_day", "category_supply_30d", "category_supply_90d", "product_group_days_since_last_ratio",
            "product_group_units_a_day", "product_group_supply_30d", "product_group_supply_90d", "category_days_a_unit", "category_units_left",
        ],
    },
    "neighbours": {"pairs": ["of_products_score", "of_products_rank", "of_customers_score", "of_customers_rank"]},
    "product": {
        "pairs": ["rebuy_share_of_others"],
        "products": [
            "age_days", "days_since_last_sold", "days_since_first_sold", "units_7d", "units_90d", "units_365d", "unit_trend",
            "count_buyers_30d", "count_buyers_90d", "count_buyers_365d", "popularity_rank", "product_group_trend", "category_trend",
            "product_group_rebuy_share", "category_rebuy_share", "product_group_rank",
        ],
    },
    "customer": {
        "customers": [
            "days_since_last_order", "days_since_last_order_ratio", "mean_interval_days", "sd_interval_days", "decayed_orders_30d",
            "decayed_orders_180d", "count_orders_90d", "order_trend", "sales_cents_90d", "count_lines_90d", "count_products_90d",
            "mean_units_90d", "discount_share_90d",
        ],
    },
    "clickstream": {
        "pairs": [
            "days_since_viewed", "days_since_carted", "orders_since_viewed", "count_views_7d", "count_views_30d", "count_views_90d",
            "count_carts_30d", "count_clicks_30d", "count_searches_30d", "count_days_90d", "count_days_since_order",
            "count_views_on_order_day",
        ],
        "offers": ["count_views_7d", "count_views_30d", "count_carts_30d", "count_searches_30d", "view_trend", "carts_a_view"],
    },
    "tastes": {"tastes": ["taste", "recent_taste"]},
    "texts": {"texts": ["written_rating", "described_rating"]},
    "reviews": {"pairs": ["rating"], "offers": ["count_reviews", "count_reviews_90d", "mean_rating"]},
    "prices and discounts": {
        "pairs": ["discounted_share"],
        "products": ["mean_price_cents_90d", "price_trend", "discount_share_30d", "discount_share_90d"],
        "offers": ["price_cents", "discount_share", "days_at_price", "price_against_90d"],
    },
    "promotions": {
        "offers": ["days_since_promotion_began", "count_stores_displaying", "count_stores_mailing", "count_promotion_weeks_90d"],
    },
    "competitors": {"offers": ["count_competitors", "price_against_competitors"]},
    "stock": {"offers": ["units_on_hand", "count_days_out_of_stock_30d"]},
    "season": {"offers": ["season_index"]},
}  # fmt: skip
PREFIX = {"pairs": "", "tastes": "", "customers": "customer_", "products": "product_", "offers": "offer_", "texts": "text_"}
TABLES = {
    "pairs": "features_customer_product",
    "customers": "features_customer",
    "products": "features_product",
    "offers": "features_offer",
    "texts": "product_texts",
}
# What no table holds but two of them together.
MADE = {
    ("tastes", "taste"): "list_dot_product(customer_tastes.tastes, product_tastes.tastes)",
    ("tastes", "recent_taste"): "list_dot_product(customer_tastes.recent_tastes, product_tastes.tastes)",
}


@dataclass(frozen=True)
class Sample:
    """Pairs of several cut-offs in the order of their keys. `weight` makes up for the pairs that were not drawn."""

    features: pd.DataFrame
    keys: pd.DataFrame
    bought: np.ndarray
    weight: np.ndarray

    def of_columns(self, columns: list[str]) -> "Sample":
        return Sample(self.features[columns], self.keys, self.bought, self.weight)

    def of_rows(self, is_chosen: np.ndarray) -> "Sample":
        return Sample(self.features[is_chosen], self.keys[is_chosen], self.bought[is_chosen], self.weight[is_chosen])


def columns(without: Collection[str] = ()) -> list[str]:
    """The names that features have in a frame, but for those of some families."""
    return [
        PREFIX[table] + name
        for family, tables in FAMILIES.items()
        if family not in without
        for table, names in tables.items()
        for name in names
    ]


def sample(connection: duckdb.DuckDBPyConnection, dates: list[date], most_bought: int, most_unbought: int) -> Sample:
    """About so many pairs that were bought, and of the others about so many, half of them bought twice or more before; fewer where there are.

    The top of a list is decided among pairs that were bought before, so more of those are drawn. A pair is drawn by the hash of its key.
    """
    kind = "case when labels.product_id is not null then 'bought' when pairs.count_orders_365d >= 2 then 'rebought' else 'new' end"
    labelled = """
        from training.features_customer_product as pairs
        left join training.labels_purchase as labels using (as_of_date, customer_id, product_id)
    """
    with timing.spent(timing.DUCKDB):
        counts = connection.execute(f"select {kind}, count(*) {labelled} where as_of_date in ({listed(dates)}) group by all").fetchall()
    most = {"bought": most_bought, "rebought": most_unbought / 2, "new": most_unbought / 2}
    share = dict.fromkeys(most, 1.0) | {name: min(1.0, most[name] / count) for name, count in counts}
    below = " ".join(f"when '{name}' then '{lowest(of_kind)}'" for name, of_kind in share.items())
    drawn = f"""
        semi join (
            select customer_id, product_id {labelled}
            where as_of_date = $day and md5(concat_ws('|', customer_id, product_id, cast(as_of_date as varchar))) < case {kind} {below} end
        ) as drawn using (customer_id, product_id)
    """
    found = pd.concat([_fetch(connection, "training", day, drawn, with_labels=True) for day in sorted(dates)], ignore_index=True)
    bought = found.pop("is_bought").to_numpy(bool).astype(int)
    keys = pd.DataFrame({key: found.pop(key) for key in (*KEYS, ORDERS_30D)})
    drawn_share = np.select([bought == 1, found["count_orders_365d"] >= 2], [share["bought"], share["rebought"]], share["new"])
    return Sample(found, keys, bought, 1 / drawn_share)


def active_customers(connection: duckdb.DuckDBPyConnection, schema: str, day: date) -> list[str]:
    """The active customers of a cut-off, sorted."""
    query = f"select customer_id from {schema}.features_customer where as_of_date = ? order by 1"
    with timing.spent(timing.DUCKDB):
        return [customer for (customer,) in connection.execute(query, [day]).fetchall()]


def batches(
    connection: duckdb.DuckDBPyConnection, schema: str, day: date, with_labels: bool = False, customers: list[str] | None = None
) -> Iterator[pd.DataFrame]:
    """All pairs of a cut-off (of these customers, sorted) in the order of their keys, some hundred customers at a time: memory is bounded by
    the batch."""
    asked = active_customers(connection, schema, day) if customers is None else customers
    for first in range(0, len(asked), BATCH_CUSTOMERS):
        connection.register("chosen", pd.DataFrame({"customer_id": asked[first : first + BATCH_CUSTOMERS]}))
        found = _fetch(connection, schema, day, CHOSEN, with_labels, CHOSEN)
        connection.unregister("chosen")
        yield found


def top(found: pd.DataFrame, score: np.ndarray, length: int) -> pd.DataFrame:
    """The `length` best pairs of each customer with their rank from 1; equal scores in the order of product ids. Keeps the pairs' index."""
    order = np.lexsort((found["product_id"].to_numpy(str), -score, found["customer_id"].to_numpy(str)))
    ordered = found[["customer_id", "product_id"]].iloc[order]
    rank = ordered.groupby("customer_id", sort=False).cumcount() + 1
    return ordered.assign(rank=rank.astype("int32"))[rank <= length]


def was_bought(found: pd.DataFrame) -> np.ndarray:
    """Whether in the year before the cut-off, shape (pairs,)."""
    return found["count_orders_365d"].to_numpy() > 0


def hits(found: pd.DataFrame, score: np.ndarray, is_hit: np.ndarray, owner: np.ndarray, count: int, length: int = 10) -> np.ndarray:
    """Which places of each list are hits, the best place first, shape (count, length); `owner` is the row of each pair's customer in it."""
    best = top(found.reset_index(drop=True), score, length)
    places = np.zeros((count, length), dtype=bool)
    places[owner[best.index], best["rank"] - 1] = is_hit[best.index]
    return places


def _fetch(connection: duckdb.DuckDBPyConnection, schema: str, day: date, chosen: str, with_labels: bool, whose: str = "") -> pd.DataFrame:
    """Pairs of a cut-off with the season, and what is known of the pair, the customer and the product, in the order of their keys.

    `chosen` (SQL) says which pairs, `whose` of which customers they are, where a batch need not read everybody. What other cut-offs hold is kept
    out of each join, and DuckDB's sort is not asked for: both take several times the memory of what is found.
    """
    found = fetch(connection, _query(connection, schema, chosen, with_labels, whose), {"day": day})
    return found.sort_values(KEYS, ignore_index=True)


def _query(connection: duckdb.DuckDBPyConnection, schema: str, chosen: str, with_labels: bool, whose: str) -> str:
    """Columns that a shop's tables lack are empty."""
    there = {
        (table, column)
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = ? and database_name = current_database()", [schema]
        ).fetchall()
    }
    known = {(table, name): f"{table}.{name}" for table in TABLES for of, name in there if of == TABLES[table]} | MADE
    selected = [
        f"cast({known.get((table, name), 'null')} as float) as {PREFIX[table]}{name}"
        for tables in FAMILIES.values()
        for table, names in tables.items()
        for name in names
    ]

    def of_day(table: str, chosen: str = "") -> str:
        return f"(from {schema}.{table} {chosen} where as_of_date = $day)"

    labels = f"left join {of_day('labels_purchase', whose)} as labels using (as_of_date, customer_id, product_id)" if with_labels else ""
    return f"""
        select {", ".join(KEYS)}, seasons.{ORDERS_30D}, {"labels.product_id is not null as is_bought," if with_labels else ""} {", ".join(selected)}
        from {of_day("features_customer_product", chosen)} as pairs
        inner join {of_day("features_customer", whose)} as customers using (as_of_date, customer_id)
        inner join {of_day("features_product")} as products using (as_of_date, product_id)
        inner join {of_day("seasons")} as seasons using (as_of_date)
        left join {of_day("features_offer")} as offers using (as_of_date, product_id)
        left join {of_day("product_texts")} as texts using (as_of_date, product_id)
        left join {of_day("customer_tastes", whose)} as customer_tastes using (as_of_date, customer_id)
        left join {of_day("product_tastes")} as product_tastes using (as_of_date, product_id)
        {labels}
    """
