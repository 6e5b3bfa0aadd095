"""Each customer's real purchase probabilities: the window after a date, lived again by the world's own laws with little chance left.

A customer who lives and has not bought a product yet buys it today with the chance of a visit times the chance that the product is in the basket.
The first is known; the second depends on what happens until that morning (own stock, interests, shelves). So the window is lived again some times
from the true state of the date, and on each day, in one of the lives, each customer's true rates are read. Those of products not bought before in
that life are the day's hazards: draws are replaced by their conditional expectation (Rao and Blackwell), and what is left of chance is only in the
state. From the hazards the probability follows as in any survival analysis. The tests compare it with many more lives, in which dice are thrown.
"""

from copy import copy
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sample_shop import days
from sample_shop.fulfilment import CANCELLED
from sample_shop.record import Record
from sample_shop.shopping import FULL_BASKET, SUBSTITUTES, Shopping, visit_chance
from sample_shop.streams import stream
from sample_shop.tables import Columns
from sample_shop.wants import LOOKS, interest

LEAST = 0.002  # smaller probabilities are told only in sum, except for
MOST_LIKELY = 20  # products a customer, however improbable
_LIVES = 10
_TOGETHER = 40_000  # customers whose windows are lived again together: more would need more memory
_CHUNK = 512  # customers at a time
_BLOCK = 1_000_000  # pairs at a time
_RISE = 2.5  # so much likelier than at first glance may a purchase become by an interest that arises in the window


def tell(shopping: Shopping, day: int) -> tuple[Columns, Columns]:
    """The parts of `purchase_probabilities` and `unlikely_purchases` for the window from `day` on; `shopping` stands on that morning."""
    people = shopping.wants.people
    living = np.flatnonzero((people.joined_day < day) & (shopping.death_day > day))
    parts = [foresee(shopping, part, day) for part in np.array_split(living, -(-len(living) // _TOGETHER) or 1)]
    person, product, probability, rest = (np.concatenate(of_parts) for of_parts in zip(*parts, strict=True))
    likely = {"person_id": person + 1, "product_id": product + 1, "probability": probability.astype(float).round(6)}
    unlikely = {"person_id": living + 1, "expected_products": rest.astype(float).round(6)}
    return tuple({"as_of_date": days.date(np.full(len(part["person_id"]), day)), **part} for part in (likely, unlikely))


def foresee(shopping: Shopping, who: np.ndarray, day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(person, product, probability) of the pairs that are told, and the expected number of the other products that each of `who` buys."""
    pairs = _candidates(shopping, who, day)
    # who lives to see a day enters by its probability: in these lives nobody of them dies
    death_day = shopping.death_day.copy()
    death_day[who] = day + days.WINDOW
    lives = [_Life(shopping.copy("life", day, life, death_day=death_day), who, day, pairs) for life in range(_LIVES)]
    hazard = shopping.wants.people.hazard[who]
    # chance of each pair in a visit: as long as none has come since the date; after it, the sum of what was read, and how often that was
    first, later, probability = np.zeros((3, len(pairs.row)), dtype=np.float32)
    count = np.zeros(len(pairs.row), dtype=np.uint8)
    left = np.ones(len(pairs.row))  # lives, and has not bought yet
    unseen, alive = np.ones(len(who)), np.ones(len(who))  # no visit so far; no death
    rest = np.zeros(len(who))
    for today in range(day, day + days.WINDOW):
        visits = visit_chance(shopping.wants, today)[who]
        for number, life in enumerate(lives):
            turn = (number - today) % _LIVES
            at = pairs.of_turn[turn]
            found, has_visited, is_open, others = life.live(today, turn)
            first[at] = np.where(has_visited, first[at], found)
            later[at] += np.where(has_visited & is_open, found, 0)
            count[at] += has_visited & is_open
            rest[turn::_LIVES] += others * (visits * alive)[turn::_LIVES]
        for at in pairs.blocks():
            row = pairs.row[at]
            share = np.minimum((unseen * alive)[row] / left[at], 1)
            of_later = np.where(count[at] > 0, later[at] / np.maximum(count[at], 1), first[at])
            now = left[at] * visits[row] * (share * first[at] + (1 - share) * of_later)
            probability[at] += now
            left[at] = (left[at] - now) * (1 - hazard[row])
        unseen *= 1 - visits
        alive *= 1 - hazard
    is_told = probability >= LEAST
    for at in pairs.blocks():
        is_told[at] |= pairs.are_first(at, probability[at])
    rest += np.bincount(pairs.row, np.where(is_told, 0, probability), len(who))
    return who[pairs.row[is_told]], pairs.product[is_told].astype(np.int64), probability[is_told], rest


@dataclass(frozen=True)
class _Pairs:
    """Pairs of a customer (position) and a product, sorted; `key` is both in one. `of_turn`: each turn's pairs (positions)."""

    row: np.ndarray
    product: np.ndarray
    key: np.ndarray
    products: int
    of_turn: list[np.ndarray]

    def find(self, row: np.ndarray, product: np.ndarray) -> np.ndarray:
        """Positions of those of some pairs that are among these."""
        key = row * self.products + product
        at = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        return at[self.key[at] == key]

    def blocks(self) -> list[slice]:
        """All pairs in parts, each of whole customers: what is reckoned of a part at a time needs little memory."""
        ends = np.searchsorted(self.row, self.row[_BLOCK - 1 :: _BLOCK], side="right") if len(self.row) else []
        bounds = np.unique([0, *ends, len(self.row)])
        return [slice(start, end) for start, end in pairwise(bounds)]

    def are_first(self, at: slice, probability: np.ndarray) -> np.ndarray:
        """Whether each pair of a block is among the customer's most likely."""
        row = self.row[at]
        order = np.lexsort((-probability, row))
        found = np.empty(len(order), dtype=bool)
        found[order] = np.arange(len(order)) - np.searchsorted(row, row) < MOST_LIKELY
        return found


def _candidates(shopping: Shopping, who: np.ndarray, day: int) -> _Pairs:
    """The pairs that may be told, by their rates as if nothing were bought in the window, on the last day of each week."""
    wants = shopping.wants
    ends = [one for one in range(day + 1, day + days.WINDOW) if days.WEEKDAYS[one] == 0] + [day + days.WINDOW]
    lengths = np.diff([day, *ends])
    rows, products = [], []
    for first in range(0, len(who), _CHUNK):
        part = who[first : first + _CHUNK]
        expected = sum(
            length * visit_chance(wants, end - 1)[part, None] * shopping.rates(part, end - 1)
            for end, length in zip(ends, lengths, strict=True)
        )
        last = expected.shape[1] - 2 * MOST_LIKELY
        is_one = expected >= np.minimum(LEAST / _RISE, np.partition(expected, last, axis=1)[:, last, None])
        row, product = np.nonzero(is_one)
        rows.append((row + first).astype(np.int32))
        products.append(product.astype(np.int32))
    row, product, count = np.concatenate(rows), np.concatenate(products), len(wants.products)
    turns = [np.flatnonzero(row % _LIVES == turn).astype(np.int32) for turn in range(_LIVES)]
    return _Pairs(row, product, row * np.int64(count) + product, count, turns)


class _Life:
    """The window lived once more."""

    def __init__(self, again: Shopping, who: np.ndarray, day: int, pairs: _Pairs) -> None:
        self.again, self.who, self.day, self.pairs = again, who, day, pairs
        self._rng = stream(again.seed, *again.life, "cancellations")
        self._position = np.full(len(again.wants.people), -1)
        self._position[who] = np.arange(len(who))
        self._is_open = np.ones(len(pairs.row), dtype=bool)  # not bought in this life
        self._until = again.memory.until.copy()  # own stock as it was before each customer's last visit

    def live(self, today: int, turn: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Live a day, and ask the customers whose turn it is for the chance that a visit of theirs ends with each product.

        Returns the chances of the turn's pairs; whether each one's customer has visited, and not bought it, in this life before; and for each
        customer the sum of all other products' chances.
        """
        at = self.pairs.of_turn[turn]
        asked = self.who[turn::_LIVES]
        row, product, is_open = self.pairs.row[at] // _LIVES, self.pairs.product[at], self._is_open[at]
        until = self._until.copy()
        morning = copy(self.again)
        morning.memory = self.again.memory.copy()
        (lived,) = self.again.days(today, today + 1)
        self._until[lived.person] = morning.memory.until[lived.person]
        stays = (self._rng.random(len(lived.day)) >= CANCELLED)[lived.visit]
        bought = self._position[lived.person[lived.visit[stays]]]
        self._is_open[self.pairs.find(bought[bought >= 0], lived.product[stays][bought >= 0])] = False

        has_visited = morning.memory.look_day[asked, 0] >= self.day
        chance, others = np.empty(len(at), dtype=np.float32), np.empty(len(asked), dtype=np.float32)
        for first in range(0, len(asked), _CHUNK):
            part = asked[first : first + _CHUNK]
            rates = morning.rates(part, today)
            interests = _Interests.of(morning, rates, part, np.flatnonzero(has_visited[first : first + _CHUNK]), until, today)
            buys = interests.buys(_served(rates, morning, lived, today)) * (1 - CANCELLED)
            told = slice(*np.searchsorted(row, [first, first + _CHUNK]))
            chance[told] = buys[row[told] - first, product[told]]
            buys[row[told] - first, product[told]] = 0
            others[first : first + _CHUNK] = buys.sum(axis=1)
        return chance, has_visited[row], is_open, others


@dataclass(frozen=True)
class _Interests:
    """The interests of customers who have visited since the date: any product's, by its chance, in place of the few that this life drew.

    `row`: their positions among those asked; row x product: `drawn`, the chance of an interest, and `lift`, what it does to the rate.
    """

    row: np.ndarray
    drawn: np.ndarray
    lift: np.ndarray

    @classmethod
    def of(cls, again: Shopping, rates: np.ndarray, asked: np.ndarray, row: np.ndarray, until: np.ndarray, today: int) -> "_Interests":
        """Takes the interests drawn out of the rates (in place). `until`: each customer's own stock when the interests arose."""
        who = asked[row]
        since = again.memory.look_day[who, 0][:, None]
        lift = interest(today - since)
        crowd = 1 / (1 - rates[row].sum(axis=1, keepdims=True) / FULL_BASKET)
        looking, product, _ = again.wants.looks(who, again.memory)
        of_looks = np.bincount(looking, rates[row[looking], product], len(row))[:, None] * crowd * (1 - 1 / lift)
        rates[row[looking], product] /= lift[looking, 0]
        # an interest takes the place of one of those drawn, and crowds out the rest of the basket, itself too
        more = rates[row] * crowd * (lift - 1) - of_looks / LOOKS
        wanted = again.wants.rates(who, today, again.wants.need(until[who], since))
        wanted /= wanted.sum(axis=1, keepdims=True)
        return cls(row, -np.expm1(LOOKS * np.log1p(-wanted)), lift * crowd / (crowd + more / FULL_BASKET))

    def buys(self, rates: np.ndarray) -> np.ndarray:
        """The chance that each product is in the basket of a visit."""
        found = -np.expm1(-rates)
        found[self.row] += self.drawn * (-np.expm1(-rates[self.row] * self.lift) - found[self.row])
        return found


def _served(rates: np.ndarray, again: Shopping, lived: Record, today: int) -> np.ndarray:
    """Rates of what a visitor of the day gets: wishes for which there is a unit left, and what is taken in place of the others (in place)."""
    wished, sold = lived.demanded[0], lived.sold[0] + lived.sold_instead[0]
    # the visitor comes at any place of the queue
    share = np.minimum((again.stock.on_hand + sold) / (wished + 1), 1).astype(np.float32)
    short = np.flatnonzero(share < 1)
    other = again.instead[short]
    is_sold = again.wants.products.launched_day[other] <= today
    short, other = short[is_sold], other[is_sold]
    more = rates[:, short] * (SUBSTITUTES * (1 - share[short]) * share[other])
    rates *= share
    rates[:, other] += more
    return rates
