"""What becomes of a basket: the order, its way to the customer, its payment, and what comes back."""

from dataclasses import dataclass

import numpy as np

from sample_shop import days
from sample_shop.products import Products
from sample_shop.record import Record
from sample_shop.streams import between, chances, choose

CHANNELS = ["web", "app", "store"]
STORE = 2
METHODS = ["credit_card", "paypal", "direct_debit", "invoice", "cash"]
CREDIT_CARD, DIRECT_DEBIT, INVOICE, CASH = 0, 2, 3, 4
CARRIERS = ["DHL", "Hermes", "DPD", "GLS"]
REASONS = ["does_not_fit", "not_as_described", "defective", "changed_mind", "arrived_late"]
NEVER = np.datetime64("NaT", "us")
_CHANNEL_SHARES = [0.92, 0.05, 0.03]
_CANCELLED_ONLINE = 0.022  # of orders
CANCELLED = _CANCELLED_ONLINE * (1 - _CHANNEL_SHARES[STORE])  # of all orders
_RETURNED = 0.045  # of lines of a usual category
_METHOD_SHARES = [0.31, 0.34, 0.12, 0.23]
_CASH = 0.4  # in the store
_CARRIER_SHARES = [0.5, 0.2, 0.18, 0.12]
_CARRIER_LATE = np.array([0.03, 0.11, 0.06, 0.08])
_DAY = 86_400


@dataclass(frozen=True)
class Orders:
    """The orders, in the order of time; the id is the position + 1. Moments are UTC, NaT when it never came to that (even after the end).

    `of_visit` is each visit's order (-1: an empty basket), `visit` each order's visit, `line` each line's order. `delay_days` counts the days
    by which the delivery came later than usual.
    """

    of_visit: np.ndarray
    visit: np.ndarray
    line: np.ndarray
    person: np.ndarray
    day: np.ndarray
    channel: np.ndarray
    method: np.ndarray
    ordered_at: np.ndarray
    cancelled_at: np.ndarray
    shipped_at: np.ndarray
    delivered_day: np.ndarray
    delivered_at: np.ndarray
    paid_at: np.ndarray
    refunded_at: np.ndarray
    delay_days: np.ndarray
    carrier: np.ndarray

    def __len__(self) -> int:
        return len(self.visit)


def plan(seed: int, record: Record) -> Orders:
    """Which visits become orders, and when these are sent, arrive and are paid."""
    visit = np.unique(record.visit)
    of_visit = np.full(len(record.person), -1, dtype=np.int64)
    of_visit[visit] = np.arange(len(visit))
    day = record.day[visit]
    ordered_at = days.utc(day, record.second[visit])
    chance = chances(seed, "orders", day, 15)
    channel = choose(_CHANNEL_SHARES, chance[0])
    in_store = channel == STORE
    is_cancelled = (chance[1] < _CANCELLED_ONLINE) & ~in_store
    cancelled_at = np.where(is_cancelled, ordered_at + _seconds(600 + chance[2] * (14 * 3600 - 600)), NEVER)

    ship_day = day + 1 + (chance[3] < 0.25)
    ship_day += days.WEEKDAYS[np.minimum(ship_day, days.ALL_DAYS - 1)] == 6
    carrier = choose(_CARRIER_SHARES, chance[5])
    is_late = chance[6] < _CARRIER_LATE[carrier] * (1 + 2 * (days.DAY_OF_YEAR[day] > 335))
    goes = ~is_cancelled & ~in_store
    delay = np.where(is_late & goes, between(3, 11, chance[7]), 0)
    delivered_day = np.where(in_store, day, ship_day + between(1, 4, chance[8]) + delay)
    shipped_at = np.where(goes, days.utc(ship_day, between(8 * 3600, 17 * 3600, chance[4])), NEVER)
    arrives_at = days.utc(delivered_day, between(9 * 3600, 20 * 3600, chance[9]))
    delivered_at = np.where(in_store, ordered_at, np.where(goes, arrives_at, NEVER))
    method = np.where(in_store, np.where(chance[10] < _CASH, CASH, CREDIT_CARD), choose(_METHOD_SHARES, chance[11]))
    paid_at = _paid_at(method, ordered_at, shipped_at, delivered_at, chance[12], chance[13])
    return Orders(
        of_visit=of_visit,
        visit=visit,
        line=of_visit[record.visit],
        person=record.person[visit],
        day=day,
        channel=channel,
        method=method,
        ordered_at=ordered_at,
        cancelled_at=cancelled_at,
        shipped_at=shipped_at,
        delivered_day=delivered_day,
        delivered_at=delivered_at,
        paid_at=paid_at,
        refunded_at=np.where(np.isnat(paid_at), NEVER, cancelled_at + _seconds(3600 + 86_400 * chance[14])),
        delay_days=delay,
        carrier=carrier,
    )


def _paid_at(
    method: np.ndarray, ordered_at: np.ndarray, shipped_at: np.ndarray, delivered_at: np.ndarray, wait: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Card, PayPal and cash: within the order's minutes. Direct debit: one to three days after it was sent. Invoice: two to 21 days after it came.

    What is cancelled is never sent, so it is never debited and no invoice is due.
    """
    at_once = ordered_at + _seconds(2 + 88 * second)
    debited = shipped_at + _seconds(_DAY * (1 + 2 * wait))
    transferred = delivered_at + _seconds(_DAY * (2 + 19 * wait))
    return np.where(method == DIRECT_DEBIT, debited, np.where(method == INVOICE, transferred, at_once))


@dataclass(frozen=True)
class Returns:
    """Lines that come back, in the order of time: position of the line, moment (UTC, even after the end), units, position in REASONS."""

    line: np.ndarray
    returned_at: np.ndarray
    quantity: np.ndarray
    reason: np.ndarray


def returns(seed: int, products: Products, record: Record, orders: Orders) -> Returns:
    """More of poor quality, of what came late, and in categories that must fit."""
    line, product, quantity = orders.line, record.product, record.quantity
    chance = chances(seed, "returns", orders.day[line], 8)
    was_late = orders.delay_days[line] > 4
    share = _RETURNED * products.returns[product] * np.exp(-2.2 * (products.quality[product] - 0.56)) * (1 + 0.6 * was_late)
    back_day = orders.delivered_day[line] + between(2, 19, chance[0])
    back_at = days.utc(back_day, between(8 * 3600, 18 * 3600, chance[1]))
    units = np.where(chance[2] < 0.8, quantity, np.minimum(quantity, between(1, 3, chance[3])))
    misfits = (products.returns[product] > 2) & (chance[5] < 0.6)
    reason = np.where(was_late & (chance[4] < 0.5), 4, np.where(misfits, 0, 1 + choose([0.35, 0.3, 0.35], chance[6])))
    rows = np.flatnonzero((chance[7] < np.minimum(share, 0.5)) & ~np.isnat(orders.delivered_at[line]))
    rows = rows[np.argsort(back_at[rows], kind="stable")]
    return Returns(rows, back_at[rows], units[rows], reason[rows])


def _seconds(seconds: np.ndarray) -> np.ndarray:
    return (np.asarray(seconds) * 1e6).astype("timedelta64[us]")
