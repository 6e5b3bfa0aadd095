"""The shop's own database: orders, their lines, payments, shipments and returns, in SQLite or any database that SQLAlchemy reaches.

Times and amounts are text there, as several programs wrote them; `updated_at` alone is always YYYY-MM-DD HH:MM:SS in UTC. No table has a
key that the database would hold up.
"""

from pathlib import Path
from typing import Any

import duckdb

from sample_shop.dirt import Dirt
from sample_shop.planting import customer, hits, numbered, plant, product, utc, write_tables
from sample_shop.sources.spellings import (
    COUNTRIES,
    CURRENCIES,
    STATUSES,
    amount,
    form_of,
    local_time,
    maybe,
    spelling,
    with_decimal_comma,
    written_time,
)

_ADDRESS = ["street", "house_number", "postcode", "city"]
# The first column of each is its key.
TABLES = {
    "orders": ["order_id", "customer_number", "ordered_at", "channel", "currency", "status", "updated_at"],
    "order_lines": ["order_line_id", "order_id", "product_code", "quantity", "list_price", "amount", "updated_at"],
    "payments": ["payment_id", "order_id", "paid_at", "amount", "currency", "method", "updated_at"],
    "shipments": ["shipment_id", "order_id", "shipped_at", "delivered_at", "carrier", "recipient", *_ADDRESS, "country", "updated_at"],
    # Refunds are booked in the shop's own currency.
    "returns": ["return_id", "order_id", "product_code", "returned_at", "quantity", "refund_eur", "reason", "updated_at"],
}
# Orders that never were, made of true ones; they have lines of their own, which share their fate.
EXTRA_ORDERS = {"order_in_future": "O81", "order_without_customer": "O82", "order_test": "O83"}
_ORPHAN = numbered("O80", "order_id", 7)  # of an order that is not there
_OLDER = "updated_at - interval 1 hour"
SYSTEM = "shop_db"


def write(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path, url: str | None = None) -> None:
    """Write all tables anew, to `shop.db` in the folder or to the database at `url`; needs the tables of accounts.make."""
    for make in (_orders, _order_lines, _payments, _shipments, _returns):
        make(dirt)
    if url is None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "shop.db").unlink(missing_ok=True)
        url = f"sqlite:///{folder.resolve() / 'shop.db'}"
    rows = {
        name: f"select {', '.join(columns)} from shop_{name} order by happened_at, {', '.join(columns)}" for name, columns in TABLES.items()
    }
    write_tables(connection, rows, url)


def _tell(dirt: Dirt, name: str, *told: Any) -> None:
    dirt.connection.sql(f"create or replace temp table shop_{name} as {plant(dirt, SYSTEM, name, *told)}")


def _version(moment: str = "updated_at") -> str:
    return f"strftime({moment}, '%Y-%m-%d %H:%M:%S')"


def _money(dirt: Dirt, error: str, key: str, cents: str) -> str:
    """An amount as text, by chance with a decimal comma."""
    return maybe(dirt, error, key, with_decimal_comma(amount(cents)), amount(cents))


def product_code(dirt: Dirt, error: str, key: str) -> str:
    """A product's number as text, by chance in another form: p-000123, blanks, a blank after the letter."""
    text = product("product_id")
    return f"""case when {dirt.hits(error, key)} then case {dirt.pick(error, key, 3)}
        when 0 then 'p-' || substr({text}, 2) when 1 then ' ' || {text} || ' ' else 'P ' || substr({text}, 2) end else {text} end"""


def _orders(dirt: Dirt) -> None:
    """Also the table shop_true_orders: the world's orders with their customer number and the rate of the day."""
    key = "order_id"
    dirt.connection.sql(
        f"""
        create or replace temp table shop_true_orders as
        select orders.*, {customer("customer_number")} as customer_number, coalesce(rates.rate, 1) as rate
        from world.orders as orders
        left join order_customers using (order_id)
        left join world.exchange_rates as rates on orders.currency = rates.currency and cast(ordered_at as date) = rate_date
        """
    )
    padded = f"case {dirt.pick('order_customer_padded', key, 2)} when 0 then '  ' || customer_number || ' ' else customer_number || chr(8203) end"
    told = {
        "order_id": numbered("O", "order_id"),
        "customer_number": maybe(dirt, "order_customer_padded", key, padded, "customer_number"),
        "ordered_at": maybe(dirt, "order_time_local", key, local_time("ordered_at"), utc("ordered_at")),
        "channel": "channel",
        "currency": spelling(dirt, "order_currency_sign", key, "currency", CURRENCIES),
        "status": spelling(dirt, "order_status_spelling", key, "status", STATUSES),
        "updated_at": _version(),
    }
    differs = {
        "order_in_future": {"ordered_at": "strftime(ordered_at, '2035-%m-%dT%H:%M:%SZ')"},
        "order_without_customer": {"customer_number": "null"},
        "order_test": {"channel": "'test'"},
    }
    beside = {
        "order_row_twice": {},
        "order_older_version": {
            "status": "'placed'",
            "ordered_at": local_time("ordered_at - interval 5 minute"),
            "updated_at": _version(_OLDER),
        },
        **{error: {"order_id": numbered(prefix, "order_id", 7), **differs[error]} for error, prefix in EXTRA_ORDERS.items()},
    }
    within = hits(dirt, key, "order_customer_padded", "order_time_local", "order_currency_sign", "order_status_spelling")
    _tell(dirt, "orders", "shop_true_orders as orders", "ordered_at", told, within, beside)


def _order_lines(dirt: Dirt) -> None:
    key = "order_line_id"
    # What came back was known to somebody.
    unknown = f"{dirt.hits('line_product_unknown', key)} and lines.order_line_id not in (select order_line_id from world.returns)"
    dirt.connection.sql(
        f"""
        create or replace temp table shop_true_lines as
        select lines.*, {unknown} as is_unknown, orders.ordered_at, orders.updated_at,
            cast(round(quantity * unit_price_cents / rate) as bigint) as amount_cents,
            cast(round(list_price_cents / rate) as bigint) as list_cents
        from world.order_lines as lines join shop_true_orders as orders using (order_id)
        """
    )
    code = product_code(dirt, "line_product_form", key)
    told = {
        "order_line_id": numbered("L", "order_line_id"),
        "order_id": numbered("O", "order_id"),
        "product_code": f"case when is_unknown then {numbered('P8', 'product_id % 100000', 5)} else {code} end",
        "quantity": "quantity",
        "list_price": amount("list_cents"),
        "amount": _money(dirt, "line_amount_decimal_comma", key, "amount_cents"),
        "updated_at": _version(),
    }
    prices = f"""case {dirt.pick("line_price_impossible", key, 4)}
        when 0 then '0.00' when 1 then '-' || {amount("amount_cents")} when 2 then '99999999.00' else 'n/a' end"""
    quantities = f"([0, -1, 1000000])[{dirt.pick('line_quantity_impossible', key, 3)} + 1]"
    older = {"quantity": "quantity + 1", "amount": amount("amount_cents + list_cents"), "updated_at": _version(_OLDER)}
    beside = {
        "line_row_twice": {},
        "line_older_version": older,
        "line_orphan": {"order_line_id": numbered("L80", key, 7), "order_id": _ORPHAN},
        "line_quantity_impossible": {"order_line_id": numbered("L84", key, 7), "quantity": quantities},
        "line_price_impossible": {"order_line_id": numbered("L85", key, 7), "amount": prices},
    }
    for error, prefix in EXTRA_ORDERS.items():
        beside[error] = {
            "hit": "order_id", "order_line_id": numbered(f"L{prefix[1:]}", key, 7), "order_id": numbered(prefix, "order_id", 7),
        }  # fmt: skip
    within = hits(dirt, key, "line_amount_decimal_comma", "line_product_form") | {"line_product_unknown": "is_unknown"}
    within["line_product_form"] += " and not is_unknown"
    _tell(dirt, "order_lines", "shop_true_lines as lines", "ordered_at", told, within, beside)


def _payments(dirt: Dirt) -> None:
    key = "payment_id"
    dirt.connection.sql(
        """
        create or replace temp table shop_true_payments as
        select payments.*, orders.currency, cast(round(amount_cents / rate) as bigint) as paid_cents
        from world.payments as payments join shop_true_orders as orders using (order_id)
        """
    )
    told = {
        "payment_id": numbered("Z", "payment_id"),
        "order_id": numbered("O", "order_id"),
        "paid_at": written_time(dirt, "payment_time_form", key, "paid_at"),
        "amount": _money(dirt, "payment_amount_decimal_comma", key, maybe(dirt, "payment_mismatch", key, "(2 * paid_cents)", "paid_cents")),
        "currency": spelling(dirt, "payment_currency_sign", key, "currency", CURRENCIES),
        "method": "method",
        "updated_at": _version(),
    }
    beside = {
        "payment_row_twice": {},
        "payment_older_version": {"amount": "'0.01'", "updated_at": _version(_OLDER)},
        "payment_orphan": {"payment_id": numbered("Z80", key, 7), "order_id": _ORPHAN},
    }
    within = hits(dirt, key, "payment_mismatch", "payment_time_form", "payment_amount_decimal_comma", "payment_currency_sign")
    _tell(dirt, "payments", "shop_true_payments as payments", "paid_at", told, within, beside)


def _shipments(dirt: Dirt) -> None:
    """They go to where the customer lives at the time."""
    key = "shipment_id"
    home = ", ".join(_ADDRESS)
    dirt.connection.sql(
        f"""
        create or replace temp table shop_true_shipments as
        with homes as (
            select person_id, registered_at as valid_from, {home} from world.people
            union all
            select person_id, changed_at, {home} from world.profile_changes
        )
        select shipments.*, first_name || ' ' || last_name as recipient, country, {", ".join(f"homes.{part}" for part in _ADDRESS)}
        from world.shipments as shipments
        join world.orders as orders using (order_id)
        join world.people as people using (person_id)
        asof left join homes on orders.person_id = homes.person_id and orders.ordered_at >= homes.valid_from
        """
    )
    told = {
        "shipment_id": numbered("S", "shipment_id"),
        "order_id": numbered("O", "order_id"),
        "shipped_at": written_time(dirt, "shipment_time_form", key, "shipped_at"),
        "delivered_at": written_time(dirt, "shipment_time_form", key, "delivered_at"),
        **{name: name for name in ("carrier", "recipient", *_ADDRESS)},
        "country": spelling(dirt, "shipment_country_name", key, "country", COUNTRIES),
        "updated_at": _version(),
    }
    early = local_time("shipped_at - interval 2 day")
    beside = {
        "shipment_row_twice": {},
        "shipment_orphan": {"shipment_id": numbered("S80", key, 7), "order_id": _ORPHAN},
        "shipment_delivered_too_early": {"shipment_id": numbered("S84", key, 7), "delivered_at": early},
    }
    within = hits(dirt, key, "shipment_time_form", "shipment_country_name")
    _tell(dirt, "shipments", "shop_true_shipments as shipments", "shipped_at", told, within, beside)


def _returns(dirt: Dirt) -> None:
    key = "return_id"
    # Nothing said, in one of the ways in which people say nothing.
    nothing = form_of(dirt, "return_reason_blank", key, ["", " ", "n/a", "-"])
    told = {
        "return_id": numbered("R", "return_id"),
        "order_id": numbered("O", "order_id"),
        "product_code": product_code(dirt, "return_product_form", key),
        "returned_at": written_time(dirt, "return_time_form", key, "returned_at"),
        "quantity": "quantity",
        "refund_eur": amount("refund_cents"),
        "reason": maybe(dirt, "return_reason_blank", key, nothing, "reason"),
        "updated_at": _version(),
    }
    beside = {
        "return_row_twice": {},
        "return_orphan": {"return_id": numbered("R80", key, 7), "order_id": _ORPHAN},
        "return_of_too_many": {"return_id": numbered("R84", key, 7), "quantity": "quantity + 50"},
    }
    _tell(
        dirt, "returns", "world.returns as returns", "returned_at", told,
        hits(dirt, key, "return_product_form", "return_time_form", "return_reason_blank"), beside,
    )  # fmt: skip
