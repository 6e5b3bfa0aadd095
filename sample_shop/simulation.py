"""The clean world: people, products and market first, then every day of shopping, then all that follows from it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from sample_shop import browsing, days, events, foresight, fulfilment, ledger, market, people, products, profiles, reviews, surveys, truth
from sample_shop.record import Record, joined
from sample_shop.shopping import Shopping
from sample_shop.stock import Stock
from sample_shop.streams import stream
from sample_shop.tables import File, Tables, write_file
from sample_shop.wants import Wants

CUSTOMERS, PRODUCTS, FEWEST_PRODUCTS = 10_000, 2_000, 100


@dataclass(frozen=True)
class Size:
    """How many customers and products."""

    customers: int
    products: int

    @classmethod
    def of(cls, scale: float, customers: int | None = None) -> "Size":
        """Products grow as the square root of the scale. `customers` replaces that number alone."""
        return cls(customers or max(round(CUSTOMERS * scale), 20), max(round(PRODUCTS * scale**0.5), FEWEST_PRODUCTS))


def make(folder: Path, size: Size, seed: int, drift: date | None = None) -> None:
    """Write the world's tables to `<folder>/world` and what only the truth knows of it to `<folder>`."""
    # One thread: products of matrices are summed in the same order on every machine with this one's instructions.
    with threadpool_limits(1):
        _make(folder, size, seed, drift)


def _make(folder: Path, size: Size, seed: int, drift: date | None) -> None:
    tables = Tables(folder / "world")
    who, what = people.make(seed, size.customers), products.make(seed, size.products)
    tables.write("people", who.columns)
    tables.write("products", what.columns)
    moves = market.make(seed, what, tables)
    shopping = begin(seed, Wants(seed, who, what, moves, drift))

    record = _live(folder, shopping, tables)
    del shopping
    orders = fulfilment.plan(seed, record)
    session_id = np.zeros(len(record.person), dtype=np.int64)
    looking = browsing.Browsing(seed, who, what, moves, record, orders)
    writing = events.Events(seed, who, what, tables)
    for month in range(int(days.MONTHS[days.DAYS - 1]) + 1):
        sessions = looking.month(month)
        ids, ended_at = writing.write(month, sessions)
        session_id[sessions.visit[sessions.visit >= 0]] = ids[sessions.visit >= 0]
        surveys.write(seed, month, who, orders, sessions, ids, ended_at, tables)
    del looking, writing
    returns = fulfilment.returns(seed, what, record, orders)
    amount = ledger.write(who, moves, record, orders, returns, session_id, tables)
    profiles.write(seed, who, orders, amount, tables)
    reviews.write(seed, who, what, record, orders, tables)
    write_file(folder / "true_demand.parquet", truth.demand(record))
    write_file(folder / "future_purchases.parquet", truth.future(record, orders))


def _live(folder: Path, shopping: Shopping, tables: Tables) -> Record:
    """Every day until the end of the window after the end. Writes the stock, and what the truth tells of the future on some mornings."""
    found: list[Record] = []
    shape = (days.DAYS, len(shopping.wants.products))
    on_hand, on_order = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    with File(folder / "purchase_probabilities.parquet") as likely, File(folder / "unlikely_purchases.parquet") as unlikely:
        for day in range(days.ALL_DAYS):
            if day in days.AS_OF:
                for file, part in zip((likely, unlikely), foresight.tell(shopping, day), strict=True):
                    file.write(part)
            found.extend(shopping.days(day, day + 1))
            if day < days.DAYS:
                on_hand[day], on_order[day] = shopping.stock.on_hand, shopping.stock.on_order
    _write_stock(shopping.wants.products, on_hand, on_order, tables)
    return joined(found)


def begin(seed: int, wants: Wants) -> Shopping:
    """Shopping as it stands on the morning of the first day, habits formed and shelves filled."""
    usual = np.full(len(wants.products), 0.011 * len(wants.people) / len(wants.products))
    stock = Stock.fresh(stream(seed, "stock"), wants.products, usual)
    shopping = Shopping(seed, wants, wants.fresh(seed), stock)
    shopping.settle()
    return shopping


def _write_stock(what: products.Products, on_hand: np.ndarray, on_order: np.ndarray, tables: Tables) -> None:
    """Stock at the end of each day, from the launch on, a part a month."""
    for month in range(int(days.MONTHS[days.DAYS - 1]) + 1):
        span = np.flatnonzero(days.MONTHS[: days.DAYS] == month)
        day, product = np.nonzero(span[:, None] >= what.launched_day)
        day = span[day]
        tables.write(
            "stock_levels",
            {
                "product_id": product + 1,
                "stock_date": days.date(day),
                "units_on_hand": on_hand[day, product].astype(np.int64),
                "units_on_order": on_order[day, product].astype(np.int64),
            },
            part=f"{month:02}",
        )
