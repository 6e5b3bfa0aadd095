"""The marts that hold more than sales: payments and parcels, stock and prices, visits, opinions, and the market outside.

Asked only of a shop that has a system for them. That the tables are empty elsewhere, the gate on conformed.reconciliation says.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from expectations.suite import Suite, Words, between, every_row, finite, no_rows, not_negative, not_null, warn
from forecart.run import Run


class AsOf(NamedTuple):
    """SQL for the first day that is not known, and for the moment in UTC at which it begins in the shop."""

    day: str
    moment: str


def suites(run: Run, staged: set[str]) -> Iterator[Suite]:
    """`staged` names the entities that the shop's systems have."""
    as_of = AsOf(f"date '{run.as_of_date}'", run.moment)
    for entity, of_it in SUITES.items():
        if entity in staged:
            yield from (suite(as_of) for suite in of_it)


def known_before(as_of: AsOf, *columns: str) -> Words:
    """For timestamps in UTC."""
    return [one for column in columns for one in _before(column, as_of.moment)]


def before(as_of: AsOf, *columns: str) -> Words:
    """For local dates."""
    return [one for column in columns for one in _before(column, as_of.day)]


def _before(column: str, end: str) -> Words:
    return every_row(f"{column}, where known, is before as_of_date", f"{column} is null or {column} < {end}", about=column)


def is_in(mart: str, column: str) -> Words:
    """Every value of the column, where known, is one of the mart's."""
    return no_rows(
        f"every {column}, where known, is in marts.{mart}",
        f"select {{key}} from {{batch}} as rows anti join marts.{mart} using ({column}) where {column} is not null",
        about=column,
    )


def ends_where_the_next_begins(thing: str, from_column: str, to_column: str) -> Words:
    """The spans of one thing follow each other without gap or overlap."""
    return no_rows(
        f"{to_column} is the next {from_column} of the same {thing}",
        f"""
        select {{key}} from {{batch}} as rows
        qualify {to_column} is distinct from coalesce(
            lead({from_column}) over (partition by {thing} order by {from_column}), cast('9999-12-31' as timestamp))
        """,
        about=to_column,
    )


def known_from_some_time() -> Words:
    return every_row("whoever is known was known from some time on", "(customer_id is null) = (customer_known_at is null)", "customer_id")


# What was paid of each order, and what it came to.
PAID_ORDERS = """
    (select order_id, sum(amount_cents) as paid from {batch} group by order_id)
    join (select order_id, sum(gross_sales_cents) as sales from marts.order_lines group by order_id) using (order_id)
"""


def payments(as_of: AsOf) -> Suite:
    return Suite(
        "marts.payments",
        key=("payment_id",),
        expects=[
            not_null("order_id", "paid_at", "amount_cents", "currency"),
            every_row("something was paid, or paid back", "paid_cents <> 0 and paid_cents * amount_cents >= 0", about="paid_cents"),
            before(as_of, "payment_date"),
            is_in("orders", "order_id"),
            warn(
                no_rows(
                    "of ten orders that were paid, nine were paid in full",
                    f"""
                    select count(*) as orders, count(*) filter (where abs(paid - sales) > 5) as otherwise from {PAID_ORDERS}
                    having otherwise > 0.1 * orders
                    """,
                    about="amount_cents",
                )
            ),
            # A customer who paid double complains, so it stays rare: more than that is a mistake of the books. Other currencies are rounded.
            warn(
                no_rows(
                    "of a thousand orders that were paid, at most one was paid twice or more",
                    f"""
                    select count(*) as orders, count(*) filter (where sales > 0 and paid >= 1.99 * sales) as paid_twice from {PAID_ORDERS}
                    having paid_twice > 0.001 * orders
                    """,
                    about="amount_cents",
                )
            ),
        ],
    )


def shipments(as_of: AsOf) -> Suite:
    return Suite(
        "marts.shipments",
        key=("shipment_id",),
        expects=[
            not_null("order_id", "shipped_at"),
            before(as_of, "shipped_date"),
            known_before(as_of, "delivered_at"),
            every_row("nothing is delivered before it is shipped", "delivered_at is null or delivered_at >= shipped_at", "delivered_at"),
            is_in("orders", "order_id"),
        ],
    )


def logins(as_of: AsOf) -> Suite:
    return Suite(
        "marts.logins",
        key=("customer_id", "login_date"),
        expects=[
            every_row("there was a log-in", "count_logins > 0", about="count_logins"),
            before(as_of, "login_date"),
            is_in("customers", "customer_id"),
        ],
    )


def stock_levels(as_of: AsOf) -> Suite:
    return Suite(
        "marts.stock_levels",
        key=("product_id", "stock_date"),
        expects=[
            not_null("is_out_of_stock"),
            not_negative("units_on_hand", "units_on_order"),
            before(as_of, "stock_date"),
            is_in("products", "product_id"),
        ],
    )


def product_prices(as_of: AsOf) -> Suite:
    return Suite(
        "marts.product_prices",
        key=("product_id", "valid_from_date"),
        expects=[
            between("discount_share", 0, 1),
            finite("discount_share"),
            every_row("a price is not negative, nor above the list price", "price_cents between 0 and list_price_cents", "price_cents"),
            before(as_of, "valid_from_date"),
            ends_where_the_next_begins("product_id", "valid_from_date", "valid_to_date"),
            is_in("products", "product_id"),
        ],
    )


def sessions(as_of: AsOf) -> Suite:
    return Suite(
        "marts.sessions",
        key=("session_id",),
        expects=[
            not_null("device_id", "started_at", "session_date", "count_events"),
            before(as_of, "session_date"),
            known_before(as_of, "ended_at", "customer_known_at"),
            every_row("a visit ends after it began", "ended_at >= started_at", about="ended_at"),
            known_from_some_time(),
            every_row(
                "a visit has events, and no more of one kind", "count_events >= greatest(1, count_page_views, count_views, count_carts)"
            ),
            warn(
                no_rows(
                    "any visit sees a page, a product or a cart: events have the names of Google Analytics 4",
                    """
                    select count(*) as visits from {batch}
                    having visits > 0 and sum(count_page_views + count_views + count_carts) = 0
                    """,
                    about="count_events",
                )
            ),
            is_in("customers", "customer_id"),
        ],
    )


def product_interactions(as_of: AsOf) -> Suite:
    return Suite(
        "marts.product_interactions",
        key=("interaction_date", "product_id"),
        is_key_unique=False,
        may_be_empty=True,
        expects=[
            before(as_of, "interaction_date"),
            known_before(as_of, "customer_known_at"),
            every_row("it is a customer's or a device's, not both", "(customer_id is null) <> (device_id is null)", about="customer_id"),
            known_from_some_time(),
            no_rows(
                "a customer or device, product and day are never repeated",
                """
                select interaction_date, product_id from {batch} as rows
                group by interaction_date, product_id, customer_id, device_id having count(*) > 1
                """,
                about="customer_id",
            ),
            is_in("customers", "customer_id"),
            is_in("products", "product_id"),
        ],
    )


def survey_answers(as_of: AsOf) -> Suite:
    return Suite(
        "marts.survey_answers",
        key=("answer_id",),
        expects=[between("score", 0, 10), before(as_of, "answer_date"), known_from_some_time(), is_in("customers", "customer_id")],
    )


def reviews(as_of: AsOf) -> Suite:
    return Suite(
        "marts.reviews",
        key=("review_id",),
        expects=[
            not_null("product_id", "rating"),
            between("rating", 1, 5),
            before(as_of, "review_date"),
            is_in("products", "product_id"),
            is_in("customers", "customer_id"),
        ],
    )


def competitor_prices(as_of: AsOf) -> Suite:
    return Suite(
        "marts.competitor_prices",
        key=("product_id", "competitor", "known_at"),
        expects=[
            every_row("a price is not negative", "price_cents >= 0", about="price_cents"),
            known_before(as_of, "known_at"),
            ends_where_the_next_begins("product_id, competitor", "known_at", "valid_to_at"),
            is_in("products", "product_id"),
        ],
    )


def competitor_launches(as_of: AsOf) -> Suite:
    return Suite(
        "marts.competitor_launches",
        key=("competitor", "product_name"),
        expects=[not_null("known_at"), not_negative("price_cents"), known_before(as_of, "known_at")],
    )


def economic_indicators(as_of: AsOf) -> Suite:
    return Suite(
        "marts.economic_indicators",
        key=("indicator", "period_start_date", "known_at"),
        expects=[
            not_null("value"),
            finite("value"),
            known_before(as_of, "known_at"),
            every_row("it is known after its period began", "known_at >= period_start_date", about="known_at"),
            ends_where_the_next_begins("indicator, period_start_date", "known_at", "valid_to_at"),
        ],
    )


def brand_sentiment(as_of: AsOf) -> Suite:
    return Suite(
        "marts.brand_sentiment",
        key=("brand", "sentiment_date", "known_at"),
        expects=[
            not_null("sentiment"),
            between("sentiment", -1, 1),
            finite("sentiment"),
            not_negative("count_posts"),
            known_before(as_of, "known_at"),
            every_row("it is known after its day began", "known_at >= sentiment_date", about="known_at"),
            ends_where_the_next_begins("brand, sentiment_date", "known_at", "valid_to_at"),
        ],
    )


def supplier_offers(as_of: AsOf) -> Suite:
    return Suite(
        "marts.supplier_offers",
        key=("supplier", "supplier_sku"),
        expects=[
            not_negative("price_cents", "weight_g", "lead_time_days", "units_available"),
            known_before(as_of, "updated_at"),
            is_in("products", "product_id"),
        ],
    )


SUITES: dict[str, list[Callable[[AsOf], Suite]]] = {
    "payments": [payments],
    "shipments": [shipments],
    "logins": [logins],
    "stock_levels": [stock_levels],
    "prices": [product_prices],
    "events": [sessions, product_interactions],
    "survey_answers": [survey_answers],
    "reviews": [reviews],
    "competitor_prices": [competitor_prices],
    "competitor_launches": [competitor_launches],
    "economic_indicators": [economic_indicators],
    "brand_sentiment": [brand_sentiment],
    "supplier_offers": [supplier_offers],
}
