"""Sessions: visits that end in an order, and visits that only look. What is looked at is what the customer is interested in."""

from dataclasses import dataclass

import numpy as np

from sample_shop import days
from sample_shop.fulfilment import STORE, Orders
from sample_shop.market import Market
from sample_shop.people import People
from sample_shop.products import Products
from sample_shop.record import Record
from sample_shop.streams import pick, stream
from sample_shop.wants import LOOKS

DEVICES = ["mobile", "desktop", "tablet"]
_DEVICE_SHARES = [0.56, 0.36, 0.08]
SOURCES = ["direct", "organic", "cpc", "email", "social", "referral"]
_SOURCE_SHARES = [0.3, 0.32, 0.14, 0.12, 0.08, 0.04]
_BROWSES = 1.25  # sessions without a purchase for each visit
_STRANGERS = 0.18  # sessions of people who never register, for each session of a customer
_SHOWN = 0.8  # of the interests of a visit are looked at in its session
_CARTED, _CARTED_BY_CHANCE = 0.2, 0.03  # of what is looked at, interested or not, and not bought then
_BY_INTEREST, _BY_HABIT = 0.7, 0.12  # of what is looked at without buying anything; the rest by chance
_BY_CHANCE = 0.2  # of sessions with an order hold something else, too
_LOGS_IN = 0.45  # of sessions without an order
_SHARED_DESKTOPS = 0.3  # of households
_DAY_BITS = 12


@dataclass(frozen=True)
class Sessions:
    """A month's sessions, unordered. person -1: a stranger. visit -1: not a shopping visit; last_visit: the customer's visit before (or -1).

    Items, sorted by session: what is looked at; `is_carted` and `is_bought` say what became of it.
    """

    day: np.ndarray
    second: np.ndarray
    person: np.ndarray
    visit: np.ndarray
    last_visit: np.ndarray
    order: np.ndarray
    device_id: np.ndarray
    device: np.ndarray
    source: np.ndarray
    logs_in: np.ndarray
    item_session: np.ndarray
    item_product: np.ndarray
    is_carted: np.ndarray

    def __len__(self) -> int:
        return len(self.day)


class Browsing:
    """Draws sessions, month by month: what a customer looks at follows from the visits before, never from those to come."""

    def __init__(self, seed: int, people: People, products: Products, market: Market, record: Record, orders: Orders) -> None:
        self.seed, self.people, self.products, self.market, self.record, self.orders = seed, people, products, market, record, orders
        rng = stream(seed, "browsing")
        self._by_person = np.argsort((record.person.astype(np.int64) << _DAY_BITS) + record.day, kind="stable")
        self._key = ((record.person.astype(np.int64) << _DAY_BITS) + record.day)[self._by_person]
        self._popular = np.cumsum(products.appeal) / products.appeal.sum()
        self._first_line = np.searchsorted(record.visit, np.arange(len(record.person) + 1))
        _, first_of, of = np.unique(people.household, return_index=True, return_inverse=True)
        shares = rng.random(len(first_of)) < _SHARED_DESKTOPS
        self._desktop_of = np.where(shares[of], first_of[of], np.arange(len(people)))
        self._favourite = pick(rng, _DEVICE_SHARES, len(people))
        self._strangers = max(len(people) * 2, 50)

    def last_visit(self, person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Each person's last visit before a day, -1 without one."""
        at = np.searchsorted(self._key, (person.astype(np.int64) << _DAY_BITS) + day) - 1
        found = self._by_person[np.maximum(at, 0)]
        return np.where((at >= 0) & (self.record.person[found] == person), found, -1)

    def month(self, month: int) -> Sessions:
        """The sessions that begin in a month of the world."""
        rng = stream(self.seed, "sessions", month)
        record, orders = self.record, self.orders
        span = np.flatnonzero(days.MONTHS[: days.DAYS] == month)
        first, end = int(span[0]), int(span[-1]) + 1
        visit = np.arange(np.searchsorted(record.day, first), np.searchsorted(record.day, end))
        order = orders.of_visit[visit]
        visit = visit[(order < 0) | (orders.channel[order] != STORE)]

        browse_day, browser = self._browses(rng, first, end)
        strangers = rng.poisson(_STRANGERS * (len(visit) + len(browser)))
        stranger_day = rng.integers(first, end, strangers)
        day = np.concatenate([record.day[visit], browse_day, stranger_day]).astype(np.int64)
        person = np.concatenate([record.person[visit], browser, np.full(strangers, -1)]).astype(np.int64)
        count, shopping = len(day), len(visit)
        second = np.concatenate([record.second[visit], 7.5 * 3600 + 15 * 3600 * rng.beta(2.0, 1.6, count - shopping)])
        visit = np.concatenate([visit, np.full(count - shopping, -1)])
        order = np.where(visit >= 0, orders.of_visit[visit], -1)
        last = np.where(person >= 0, self.last_visit(np.maximum(person, 0), day), -1)
        favourite = np.where(person >= 0, self._favourite[person], 0)
        device = np.where((rng.random(count) < 0.7) & (person >= 0), favourite, pick(rng, _DEVICE_SHARES, count))
        item_session, item_product, is_carted = self._items(rng, visit, last)
        return Sessions(
            day=day,
            second=second,
            person=person,
            visit=visit,
            last_visit=last,
            order=order,
            device_id=self._device_ids(rng, person, device),
            device=device,
            source=pick(rng, _SOURCE_SHARES, count),
            logs_in=(person >= 0) & ((order >= 0) | (rng.random(count) < _LOGS_IN)),
            item_session=item_session,
            item_product=item_product,
            is_carted=is_carted,
        )

    def _browses(self, rng: np.random.Generator, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Who only looks, by day: as often as the customer's nature says, whether or not a visit is to come."""
        people = self.people
        found = []
        for day in range(first, end):
            chance = rng.random(len(people), dtype=np.float32)
            looks = chance < np.minimum(_BROWSES * people.visits_a_day * self.market.visits[day], 0.95)
            person = np.flatnonzero(looks & (people.joined_day < day) & (people.death_day > day))
            found.append((np.full(len(person), day), person))
        return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))

    def _items(self, rng: np.random.Generator, visit: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What each session looks at: the basket's products, new interests, those of the visit before, things bought before, and chance."""
        record = self.record
        shopping = np.flatnonzero(visit >= 0)
        lines = self._first_line[visit[shopping] + 1] - self._first_line[visit[shopping]]
        bought_session = np.repeat(shopping, lines)
        bought = record.product[_ranges(self._first_line[visit[shopping]], lines)]
        shown = rng.random((len(shopping), LOOKS)) < _SHOWN
        looked_session = np.repeat(shopping, LOOKS)[shown.ravel()]
        looked = record.looks[visit[shopping]][shown]

        other = np.flatnonzero(visit < 0)
        items = 1 + rng.poisson(1.1, len(other))
        browsed_session = np.repeat(other, items)
        before = last[browsed_session]
        kind = rng.random(len(before))
        browsed = self._by_chance(rng, len(before))
        is_interest = (before >= 0) & (kind < _BY_INTEREST)
        browsed = np.where(is_interest, record.looks[np.maximum(before, 0), rng.integers(0, LOOKS, len(before))], browsed)
        first, size = self._first_line[before], self._first_line[before + 1] - self._first_line[before]
        again = record.product[np.minimum(first + (size * rng.random(len(before))).astype(int), len(record.product) - 1)]
        browsed = np.where((before >= 0) & (size > 0) & (kind > 1 - _BY_HABIT), again, browsed)
        by_chance = shopping[rng.random(len(shopping)) < _BY_CHANCE]

        session = np.concatenate([bought_session, looked_session, browsed_session, by_chance])
        product = np.concatenate([bought, looked, browsed, self._by_chance(rng, len(by_chance))]).astype(np.int64)
        carted = np.full(len(session), _CARTED_BY_CHANCE)
        carted[: len(bought) + len(looked)] = np.repeat([1, _CARTED], [len(bought), len(looked)])
        carted[len(bought) + len(looked) :][: len(browsed)][is_interest] = _CARTED
        # each product once a session, as what it is carted most likely as; otherwise in any order
        order = np.lexsort((-carted, product, session))
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = (np.diff(session[order]) != 0) | (np.diff(product[order]) != 0)
        order = order[is_first]
        order = order[np.lexsort((rng.random(len(order)), session[order]))]
        return session[order], product[order], rng.random(len(order)) < carted[order]

    def _by_chance(self, rng: np.random.Generator, count: int) -> np.ndarray:
        return np.minimum(np.searchsorted(self._popular, rng.random(count)), len(self.products) - 1)

    def _device_ids(self, rng: np.random.Generator, person: np.ndarray, device: np.ndarray) -> np.ndarray:
        """A device of each kind a person, some desktops shared under one roof; strangers have devices of their own."""
        owner = np.where(device == 1, self._desktop_of[person], person)
        strange = len(self.people) + (self._strangers * rng.random(len(person)) ** 2).astype(int)
        return np.where(person >= 0, owner, strange) * 3 + device + 1


def _ranges(first: np.ndarray, size: np.ndarray) -> np.ndarray:
    """first, first + 1, ... for each."""
    return np.arange(size.sum()) + np.repeat(first - (np.cumsum(size) - size), size)
