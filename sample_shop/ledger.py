"""The tables of orders, as the shop knows them at the end of the last day."""

import numpy as np

from sample_shop import days
from sample_shop.fulfilment import CARRIERS, CHANNELS, METHODS, NEVER, REASONS, Orders, Returns
from sample_shop.market import Market
from sample_shop.people import CURRENCIES, People
from sample_shop.record import Record
from sample_shop.tables import Tables, optional, words

_STATUSES = ["placed", "paid", "shipped", "delivered", "returned", "cancelled"]
_END = days.utc(np.array([days.DAYS]), np.array([0]))[0]


def write(
    people: People, market: Market, record: Record, orders: Orders, returns: Returns, session_id: np.ndarray, tables: Tables
) -> np.ndarray:
    """Write orders, order_lines, payments, shipments and returns; `session_id` is of each visit (0: none). Returns each order's cents."""
    known = int(np.searchsorted(orders.day, days.DAYS))  # later orders are the truth's alone
    lines = int(np.searchsorted(orders.line, known))
    line, product, quantity = orders.line[:lines], record.product[:lines].astype(np.int64), record.quantity[:lines].astype(np.int64)
    list_price = market.price_cents[orders.day[line], product].astype(np.int64)
    discount = market.discount[orders.day[line], product].astype(float).round(2)
    unit_price = np.round(list_price * (1 - discount)).astype(np.int64)
    amount = np.bincount(line, unit_price * quantity, known).astype(np.int64)
    tables.write(
        "order_lines",
        {
            "order_line_id": np.arange(1, lines + 1),
            "order_id": line + 1,
            "product_id": product + 1,
            "quantity": quantity,
            "list_price_cents": list_price,
            "discount_share": discount,
            "unit_price_cents": unit_price,
        },
    )
    _payments(orders, amount, tables)
    _shipments(orders, known, tables)
    back = np.flatnonzero(returns.returned_at < _END)
    back_line, units, returned_at = returns.line[back], returns.quantity[back].astype(np.int64), returns.returned_at[back]
    _numbered(
        tables,
        "return_id",
        {
            "order_id": line[back_line] + 1,
            "order_line_id": back_line + 1,
            "product_id": product[back_line] + 1,
            "returned_at": returned_at,
            "quantity": units,
            "refund_cents": unit_price[back_line] * units,
            "reason": words(returns.reason[back], REASONS),
            "updated_at": returned_at,
        },
    )
    whole = _whole(np.bincount(line, quantity, known), line[back_line], units, returned_at)
    has_come, moments = _history(orders, known, whole)
    of_order = session_id[orders.visit[:known]]
    _numbered(
        tables,
        "order_id",
        {
            "person_id": orders.person[:known].astype(np.int64) + 1,
            "session_id": optional(of_order, of_order > 0),
            "ordered_at": orders.ordered_at[:known],
            "channel": words(orders.channel[:known], CHANNELS),
            "currency": words(people.currency[orders.person[:known]], CURRENCIES),
            "status": words(np.where(has_come, np.arange(len(_STATUSES))[:, None], 0).max(axis=0), _STATUSES),
            "updated_at": np.where(has_come, moments, orders.ordered_at[:known]).max(axis=0),
        },
    )
    return amount


def _numbered(tables: Tables, key: str, columns: dict) -> None:
    """Write a table with its rows numbered from 1."""
    count = len(columns["updated_at"])
    tables.write(f"{key.removesuffix('_id')}s", {key: np.arange(1, count + 1), **columns})


def _payments(orders: Orders, amount: np.ndarray, tables: Tables) -> None:
    """One payment an order, and its reversal where the order was cancelled after it, in the order of time."""
    known = len(amount)
    order = np.tile(np.arange(known), 2)
    moment = np.concatenate([orders.paid_at[:known], orders.refunded_at[:known]])
    cents = np.concatenate([amount, -amount])
    rows = np.flatnonzero(moment < _END)
    rows = rows[np.argsort(moment[rows], kind="stable")]
    _numbered(
        tables,
        "payment_id",
        {
            "order_id": order[rows] + 1,
            "paid_at": moment[rows],
            "amount_cents": cents[rows],
            "method": words(orders.method[order[rows]], METHODS),
            "updated_at": moment[rows],
        },
    )


def _shipments(orders: Orders, known: int, tables: Tables) -> None:
    rows = np.flatnonzero(orders.shipped_at[:known] < _END)
    shipped_at, delivered_at = orders.shipped_at[rows], orders.delivered_at[rows]
    arrived = delivered_at < _END
    _numbered(
        tables,
        "shipment_id",
        {
            "order_id": rows + 1,
            "shipped_at": shipped_at,
            "delivered_at": np.where(arrived, delivered_at, NEVER),
            "carrier": words(orders.carrier[rows], CARRIERS),
            "updated_at": np.where(arrived, delivered_at, shipped_at),
        },
    )


def _whole(bought: np.ndarray, order: np.ndarray, units: np.ndarray, returned_at: np.ndarray) -> np.ndarray:
    """When each order had come back whole (NaT: it has not); `order`, `units` and `returned_at` are of returned lines."""
    last = np.full(len(bought), np.datetime64(0, "us"))
    np.maximum.at(last, order, returned_at)
    return np.where(np.bincount(order, units, len(bought)) >= bought, last, NEVER)


def _history(orders: Orders, known: int, returned_at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Status x order: whether each has come by the end, and when."""
    names = ["ordered_at", "paid_at", "shipped_at", "delivered_at"]
    moments = np.stack([*[getattr(orders, name)[:known] for name in names], returned_at, orders.cancelled_at[:known]])
    return moments < _END, moments  # NaT is not before it
