"""Shopping, day by day: who visits, what they want, what the shelves give, and what stays in their minds."""

from collections.abc import Iterator

import numpy as np

from sample_shop.record import Record
from sample_shop.stock import Stock
from sample_shop.streams import stream
from sample_shop.wants import LOOKS, Memory, Wants, interest

SUBSTITUTES = 0.35  # of those who find an empty shelf want another product instead
FULL_BASKET = 14.0  # lines that an expected basket comes near to and never reaches: wants crowd each other out
_SECOND_PACK = 0.15
_FIRST_ORDER = 0.6  # of those who register order at once
_BUSIEST = 0.9  # the highest chance of a visit on a day


class Shopping:
    """The simulation's state, moved on by `days`. `instead` holds what each product's disappointed customers may take in its place."""

    def __init__(
        self, seed: int, wants: Wants, memory: Memory, stock: Stock, life: tuple[str | int, ...] = (), death_day: np.ndarray | None = None
    ) -> None:
        self.seed, self.wants, self.memory, self.stock, self.life = seed, wants, memory, stock, life
        self.death_day = wants.people.death_day if death_day is None else death_day
        self.instead = _substitutes(wants)

    def copy(self, *life: str | int, death_day: np.ndarray) -> "Shopping":
        """The same state, to be moved on by another chance (named `life`), with deaths of its own."""
        return Shopping(self.seed, self.wants, self.memory.copy(), self.stock.copy(), life, death_day)

    def settle(self, usual_days: int = 200) -> None:
        """Let those who were customers before the first day form their habits: live the first days once, and go back to day 0."""
        is_new = self.wants.people.joined_day >= 0
        fresh = self.memory.copy()
        for _ in self.days(0, usual_days):
            pass
        self.memory.until -= usual_days
        for name, values in vars(self.memory).items():
            values[is_new] = getattr(fresh, name)[is_new]
        self.memory.look_day -= usual_days
        self.stock.back_to_start(usual_days)

    def days(self, first: int, end: int) -> Iterator[Record]:
        for day in range(first, end):
            yield self._day(day)

    def rates(self, who: np.ndarray, day: int) -> np.ndarray:
        """Customers x products: the expected number of each product in the basket of a visit on that day, apart from each other Poisson."""
        return self._in_basket(self._wanted(who, day), who, day)

    def _wanted(self, who: np.ndarray, day: int) -> np.ndarray:
        """Rates without habit and interest."""
        return self.wants.rates(who, day, self.wants.need(self.memory.until[who], day))

    def _in_basket(self, rates: np.ndarray, who: np.ndarray, day: int) -> np.ndarray:
        """Rates with habit and interest, in a basket that has an end (in place)."""
        self.wants.lift_habits(rates, who, self.memory)
        row, product, since = self.wants.looks(who, self.memory)
        rates[row, product] *= interest(day - since)
        rates /= 1 + rates.sum(axis=1, keepdims=True) / FULL_BASKET
        return rates

    def _day(self, day: int) -> Record:
        rng = stream(self.seed, *self.life, "shopping", day)
        self.stock.open(day)
        person, second = self._visits(rng, day)
        visit, product, quantity, looks = self._wishes(rng, person, day)
        served = self.stock.serve(product, quantity)
        lost = np.flatnonzero(served == 0)
        looks[visit[lost], 0] = product[lost]  # who did not get it still wants it
        second_visit, second_choice = self._second_choices(rng, day, visit, product, lost)
        served_instead = self.stock.serve(second_choice, np.ones_like(second_choice))

        demanded, sold, sold_instead = (
            np.bincount(of, units, len(self.wants.products)).astype(np.int32)
            for of, units in [(product, quantity), (product, served), (second_choice, served_instead)]
        )
        self.stock.close(rng, day, sold + sold_instead)
        visit, product, quantity = np.r_[visit, second_visit], np.r_[product, second_choice], np.r_[served, served_instead]
        kept = np.flatnonzero(quantity)
        kept = kept[np.argsort(visit[kept], kind="stable")]
        visit, product, quantity = visit[kept], product[kept], quantity[kept]
        self.wants.bought(self.memory, person[visit], product, quantity, day)
        self.memory.look[person] = looks
        self.memory.look_day[person] = day
        by_product = [units[None] for units in (demanded, sold, sold_instead)]
        return Record(np.full(len(person), day), person, second, looks, visit, product, quantity, *by_product)

    def _visits(self, rng: np.random.Generator, day: int) -> tuple[np.ndarray, np.ndarray]:
        """Who comes, by the time of day."""
        people = self.wants.people
        chance, first = rng.random((2, len(people)), dtype=np.float32)
        joins = people.joined_day == day
        comes = (chance < visit_chance(self.wants, day)) | (joins & (first < _FIRST_ORDER))
        person = np.flatnonzero(comes & (people.joined_day <= day) & (self.death_day > day))
        second = (8 * 3600 + 15 * 3600 * rng.beta(2.2, 1.8, len(person))).astype(np.int32)
        soon = people.joined_second[person] + rng.integers(900, 5400, len(person))
        second = np.where(joins[person], np.maximum(second, soon), second)
        order = np.argsort(second, kind="stable")
        return person[order], second[order]

    def _wishes(self, rng: np.random.Generator, person: np.ndarray, day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The lines that visitors wish for (visit, product, quantity), each product once a visit, and the looks of each visit.

        What a visit leaves an interest in follows taste, need and market, not habit: mostly something new.
        """
        rates = self._wanted(person, day)
        looks = _draw(rng, rates.cumsum(axis=1), np.full(len(person), LOOKS)).reshape(-1, LOOKS)
        upto = np.cumsum(self._in_basket(rates, person, day), axis=1, out=rates)
        lines = rng.poisson(upto[:, -1])
        pair = np.repeat(np.arange(len(person)), lines) * upto.shape[1] + _draw(rng, upto, lines)
        pair, quantity = np.unique(pair, return_counts=True)
        visit, product = pair // upto.shape[1], pair % upto.shape[1]
        more = (rng.random(len(pair)) < _SECOND_PACK) & (self.wants.products.replenish_days[product] > 0)
        return visit, product, quantity + more, looks

    def _second_choices(
        self, rng: np.random.Generator, day: int, visit: np.ndarray, product: np.ndarray, lost: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(visit, product): for some of the lost wishes (positions), another product of the type that is not wished for yet."""
        lost = lost[rng.random(len(lost)) < SUBSTITUTES]
        other = self.instead[product[lost]]
        is_sold = self.wants.products.launched_day[other] <= day
        lost, other = lost[is_sold], other[is_sold]
        count = len(self.wants.products)
        pair, first = np.unique(visit[lost] * count + other, return_index=True)
        first = first[~np.isin(pair, visit * count + product)]
        return visit[lost[first]], other[first]


def visit_chance(wants: Wants, day: int) -> np.ndarray:
    """The chance that each customer, if living, visits on a day."""
    return np.minimum(wants.people.visits_a_day * wants.market.visits[day], _BUSIEST)


def _draw(rng: np.random.Generator, upto: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """So many positions for each row, as likely as its running sums rise: the first whose sum is above a draw, found by bisection."""
    row = np.repeat(np.arange(len(upto)), counts)
    target = rng.random(len(row), dtype=np.float32) * upto[row, -1]
    low = np.zeros(len(row), dtype=np.int64)
    high = np.full(len(row), upto.shape[1] - 1)
    for _ in range(int(upto.shape[1]).bit_length()):
        middle = (low + high) >> 1
        is_right = upto[row, middle] <= target
        low = np.minimum(np.where(is_right, middle + 1, low), high)
        high = np.where(is_right, high, middle)
    return low


def _substitutes(wants: Wants) -> np.ndarray:
    """For each product, the next of its type by appeal, in a circle."""
    products = wants.products
    order = np.lexsort((-products.appeal, products.type))
    type_ = products.type[order]
    instead = np.empty(len(order), dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, type_[1:] != type_[:-1]])
    for first, end in zip(starts, np.r_[starts[1:], len(order)], strict=True):
        instead[order[first:end]] = np.roll(order[first:end], -1)
    return instead
