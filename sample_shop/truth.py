"""What only the simulation knows of sales: the demand before stock-outs, and the window after the end."""

import numpy as np

from sample_shop import days
from sample_shop.fulfilment import Orders
from sample_shop.record import Record
from sample_shop.tables import Columns


def demand(record: Record) -> Columns:
    """The table `true_demand`: days on which somebody wanted or bought a product.

    `units_demanded` by first choice, before the shelf is looked at; `units_sold` of these, so never more; `units_sold_instead` to customers
    whose first choice was another product. What order lines tell is the sum of the two sold.
    """
    names = ["demanded", "sold", "sold_instead"]
    day, product = np.nonzero(sum(getattr(record, name)[: days.DAYS] for name in names))
    return {
        "product_id": product + 1,
        "day": days.date(day),
        **{f"units_{name}": getattr(record, name)[day, product].astype(np.int64) for name in names},
    }


def future(record: Record, orders: Orders) -> Columns:
    """The table `future_purchases`: what is bought, and not cancelled, in the window after the end."""
    first = int(np.searchsorted(orders.day[orders.line], days.DAYS))
    line = orders.line[first:]
    stays = np.isnat(orders.cancelled_at[line])
    return {
        "person_id": orders.person[line][stays].astype(np.int64) + 1,
        "product_id": record.product[first:][stays].astype(np.int64) + 1,
        "day": days.date(orders.day[line][stays]),
        "quantity": record.quantity[first:][stays].astype(np.int64),
    }
