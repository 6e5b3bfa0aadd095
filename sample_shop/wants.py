"""What a customer wants on a day: the rate of each product, from taste, budget, price, season, own stock, habit and interest."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from sample_shop import days
from sample_shop.market import Market
from sample_shop.people import TASTES, People
from sample_shop.products import Products, assortment
from sample_shop.streams import stream

BASKET = 1.6  # lines of a visit of a usual customer whose own stock is neither full nor empty, before habits and interests
LOOKS = 4  # products that a visit leaves a customer interested in
INTEREST, INTEREST_DAYS = 4.6, 60.0  # the log by which an interest lifts a rate at first, and how fast it fades
_CATEGORY_TASTE, _BRAND_TASTE, _TIER, _COSTLY, _RARE = 0.42, 0.24, 0.5, -0.25, -0.7
_DURABLE_DAYS = 120.0  # for so long a durable keeps its owner from the category
_FULL, _FULL_DURABLE, _OUT = -2.6, -1.2, 1.1  # logs: own stock full; out for a whole cycle
_CHUNK = 2048


@dataclass
class Memory:
    """What shopping leaves behind in each customer. Days are the world's, boosts are logs of factors on a product's rate.

    `until`: customer x category, the day on which the own stock runs out. `item`, `boost`: customer x slot, products bought before (-1: none)
    and what they do to the next purchase; `next_slot`: the slot that is overwritten next. `look`, `look_day`: customer x LOOKS, interests.
    """

    until: np.ndarray
    item: np.ndarray
    boost: np.ndarray
    next_slot: np.ndarray
    look: np.ndarray
    look_day: np.ndarray

    def copy(self) -> "Memory":
        return Memory(**{name: values.copy() for name, values in vars(self).items()})


_SLOTS = 40


class Wants:
    """Rates of customers x products. A product's number in a basket is Poisson of its rate, each apart from the others."""

    def __init__(self, seed: int, people: People, products: Products, market: Market, drift: date | None = None) -> None:
        """From the day of `drift` on, everybody has other tastes."""
        rng = stream(seed, "wants")
        self.people, self.products, self.market = people, products, market
        self.categories = len(assortment())
        is_lasting = np.array([one["days"] is None for one in assortment().values()])
        self.cycle = np.array([one["days"] or _DURABLE_DAYS for one in assortment().values()], dtype=np.float32)
        self._full = np.where(is_lasting, _FULL_DURABLE, _FULL).astype(np.float32)
        self._out = np.where(is_lasting, 0, _OUT).astype(np.float32)
        self.lasts = np.where(products.replenish_days > 0, products.replenish_days, _DURABLE_DAYS).astype(np.float32)
        self.pace = np.exp(0.25 * rng.normal(size=len(people))).astype(np.float32)  # how long a pack lasts with each customer

        of_product = _CATEGORY_TASTE * products.category_taste[products.category] + _BRAND_TASTE * products.brand_taste[products.brand]
        usual = np.log(products.appeal) + _COSTLY * np.log(products.price_cents / 1500) - _TIER / 2 * products.tier**2
        self._usual = (usual + np.where(products.replenish_days > 0, 0, _RARE)).astype(np.float32)
        is_of = np.eye(self.categories, dtype=np.float32)[:, products.category]
        # customer features @ product features = the log rate; the rows of the price and of what is usual change by day
        self._products = np.concatenate([of_product.T, _TIER * products.tier[None], np.zeros((2, len(products))), is_of]).astype(np.float32)
        # satisfaction: who was pleased comes back, a durable is not bought again soon
        pleased = 2.7 + 3.5 * (products.quality - 0.56)
        self._boost = np.where(products.replenish_days > 0, pleased, -2.0).astype(np.float32)

        self._customers = [self._features(people.taste)]
        self._drift_day = days.number(drift) if drift else days.ALL_DAYS
        if drift:
            other = (0.45 * people.taste + 0.893 * stream(seed, "drift").normal(size=people.taste.shape)).astype(np.float32)
            self._customers.append(self._features(other))

    def _features(self, taste: np.ndarray) -> np.ndarray:
        """Each customer's side of the product of features; the last column makes the usual basket as large as the customer's."""
        people = self.people
        features = np.column_stack([taste, people.budget, -people.sensitivity, np.zeros(len(people))]).astype(np.float32)
        for first in range(0, len(people), _CHUNK):
            part = slice(first, first + _CHUNK)
            rates = np.exp(features[part, : TASTES + 1] @ self._products[: TASTES + 1] + self._usual)
            features[part, -1] = np.log(BASKET * people.basket[part] / rates.sum(axis=1))
        return features

    def fresh(self, seed: int) -> Memory:
        """Everyone before the first visit, with some of everything at home."""
        rng = stream(seed, "memory")
        count = len(self.people)
        start = np.maximum(self.people.joined_day, 0).astype(np.float32)
        return Memory(
            until=start[:, None] + self.cycle * rng.uniform(-0.7, 1.0, (count, self.categories)).astype(np.float32),
            item=np.full((count, _SLOTS), -1, dtype=np.int32),
            boost=np.zeros((count, _SLOTS), dtype=np.float32),
            next_slot=np.zeros(count, dtype=np.int16),
            look=np.full((count, LOOKS), -1, dtype=np.int32),
            look_day=np.full((count, LOOKS), -999, dtype=np.int16),
        )

    def need(self, until: np.ndarray, day: float) -> np.ndarray:
        """The log of what the own stock does to a category's rates."""
        left = (until - day) / self.cycle
        return self._full * np.clip(left, 0, 1) + self._out * np.clip(-left, 0, 1)

    def rates(self, who: np.ndarray, day: int, need: np.ndarray) -> np.ndarray:
        """Customers x products, without habit and interest."""
        products = self._products.copy()
        products[TASTES + 1] = self.market.log_price[day]
        products[TASTES + 2] = 1
        customers = np.concatenate([self._customers[1 if day >= self._drift_day else 0][who], need], axis=1)
        logs = customers @ products
        logs += self._usual + self.market.push[day]
        return np.exp(logs, out=logs)

    def lift_habits(self, rates: np.ndarray, who: np.ndarray, memory: Memory) -> None:
        """Multiply what each customer has bought before, in place."""
        items = memory.item[who]
        row, slot = np.nonzero(items >= 0)
        rates[row, items[row, slot]] *= np.exp(memory.boost[who[row], slot])

    def looks(self, who: np.ndarray, memory: Memory) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The interests of customers: position in `who`, product, and the day since which; each pair once."""
        looks, since = memory.look[who], memory.look_day[who]
        row, slot = np.nonzero(looks >= 0)
        pair = row * len(self.products) + looks[row, slot]
        _, first = np.unique(pair, return_index=True)
        return row[first], looks[row[first], slot[first]], since[row[first], slot[first]]

    def bought(self, memory: Memory, who: np.ndarray, product: np.ndarray, quantity: np.ndarray, day: int) -> None:
        """Remember purchases of one day (each customer and product once): fuller shelves at home, and habits."""
        category = self.products.category[product]
        np.maximum.at(memory.until, (who, category), np.float32(day))
        np.add.at(memory.until, (who, category), self.lasts[product] * self.pace[who] * quantity)
        memory.until[who, category] = np.minimum(memory.until[who, category], day + 2.5 * self.cycle[category])
        is_new = ~(memory.item[who] == product[:, None]).any(axis=1)
        who, product = who[is_new], product[is_new]
        order = np.argsort(who, kind="stable")
        who, product = who[order], product[order]
        starts = np.flatnonzero(np.r_[True, who[1:] != who[:-1]]) if len(who) else np.zeros(0, dtype=int)
        rank = np.arange(len(who)) - np.repeat(starts, np.diff(np.r_[starts, len(who)]))
        slot = (memory.next_slot[who] + rank) % _SLOTS
        memory.item[who, slot] = product
        memory.boost[who, slot] = self._boost[product]
        memory.next_slot[who[starts]] = (memory.next_slot[who[starts]] + np.diff(np.r_[starts, len(who)])) % _SLOTS


def interest(age: np.ndarray | float) -> np.ndarray:
    """The factor of an interest so many days old."""
    return np.exp(INTEREST * np.exp(-np.asarray(age, dtype=np.float32) / INTEREST_DAYS))
