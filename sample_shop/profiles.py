"""What changes about a customer: the home (with the whole household), the loyalty tier (by what was spent), the consent."""

import numpy as np
import pyarrow as pa

from sample_shop import days
from sample_shop.fulfilment import Orders
from sample_shop.people import People
from sample_shop.streams import stream
from sample_shop.tables import Tables, words

_MOVES_A_YEAR, _CONSENTS_A_YEAR = 0.045, 0.06
_TIERS = ["none", "bronze", "silver", "gold"]
_TIER_CENTS = [15_000, 50_000, 120_000]  # spent in a year
_QUARTER, _YEAR = 91, 365
_AT_NIGHT = 3 * 3600 + 1800  # second of the day


def write(seed: int, people: People, orders: Orders, amount: np.ndarray, tables: Tables) -> None:
    """Write `profile_changes`: after each change, all that can change, as it then is. `amount` is each known order's cents."""
    rng = stream(seed, "profiles")
    found = [_moves(rng, people), _consents(rng, people), _tiers(rng, people, orders, amount)]
    person, day, value, second = (np.concatenate(parts) for parts in zip(*found, strict=True))
    kind = np.repeat([0, 1, 2], [len(one[0]) for one in found])
    order = np.lexsort((kind, second, day, person))
    person, day, kind, value, second = (one[order] for one in (person, day, kind, value, second))

    columns = people.columns
    tier = columns["loyalty_tier"].indices.to_numpy()
    consent = np.asarray(columns["has_marketing_consent"])
    home = _last_of(person, np.where(kind == 0, value, -1), np.full(len(people), -1))
    tables.write(
        "profile_changes",
        {
            "person_id": person + 1,
            "changed_at": days.utc(day, second),
            "loyalty_tier": words(_last_of(person, np.where(kind == 2, value, -1), tier), _TIERS),
            "has_marketing_consent": consent[person] ^ (_count_before(person, kind == 1) % 2 == 1),
            **{name: _at_home(columns[name], person, home) for name in ["street", "house_number", "postcode", "city"]},
        },
    )


def _moves(rng: np.random.Generator, people: People) -> tuple[np.ndarray, ...]:
    """(person, day, whose old address it becomes, second): into the kind of home that someone else of the country has."""
    homes = int(people.household.max()) + 1
    day = np.floor(rng.exponential(_YEAR / _MOVES_A_YEAR, homes)).astype(int)[people.household]
    country = people.columns["country"].indices.to_numpy()
    order = np.argsort(country, kind="stable")
    first, end = np.searchsorted(country[order], country), np.searchsorted(country[order], country, side="right")
    chance = rng.random(homes)[people.household]
    target = order[first + ((end - first) * chance).astype(int)]
    rows = np.flatnonzero((day < days.DAYS) & (day > people.joined_day) & (day < people.death_day) & (target != np.arange(len(people))))
    return rows, day[rows], target[rows], _second(rng, len(rows))


def _consents(rng: np.random.Generator, people: People) -> tuple[np.ndarray, ...]:
    """(person, day, 0, second) of a consent given or withdrawn."""
    count = rng.poisson(_CONSENTS_A_YEAR * days.DAYS / _YEAR, len(people))
    person = np.repeat(np.arange(len(people)), count)
    day = rng.integers(0, days.DAYS, len(person))
    is_so = (day > people.joined_day[person]) & (day < people.death_day[person])
    person, day = person[is_so], day[is_so]
    return person, day, np.zeros(len(person), dtype=int), _second(rng, len(person))


def _second(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.integers(8 * 3600, 22 * 3600, count)


def _tiers(rng: np.random.Generator, people: People, orders: Orders, amount: np.ndarray) -> tuple[np.ndarray, ...]:
    """(person, day, tier, second), judged every quarter, at night, by the year before."""
    count, known = len(people), len(amount)
    tier = people.columns["loyalty_tier"].indices.to_numpy().astype(int)
    person, day = orders.person[:known], orders.day[:known]
    cents = np.where(np.isnat(orders.cancelled_at[:known]), amount, 0)
    found = [(np.zeros(0, dtype=int),) * 4]
    for today in range(_YEAR + 1, days.DAYS, _QUARTER):
        span = slice(*np.searchsorted(day, [today - _YEAR, today]))
        new = np.searchsorted(_TIER_CENTS, np.bincount(person[span], cents[span], count), side="right")
        changed = (new != tier) & (people.joined_day < today - 30) & (people.death_day > today)
        # a tier is lost late: only every second loss is carried out
        changed &= (new > tier) | (rng.random(count) < 0.5)
        at = np.flatnonzero(changed)
        tier = np.where(changed, new, tier)
        found.append((at, np.full(len(at), today), tier[at], np.full(len(at), _AT_NIGHT)))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def _last_of(person: np.ndarray, value: np.ndarray, start: np.ndarray) -> np.ndarray:
    """For rows sorted by person and time: the last value >= 0 until each row, or the person's start."""
    position = np.maximum.accumulate(np.where(value >= 0, np.arange(len(value)), -1)) if len(value) else np.zeros(0, dtype=int)
    is_own = (position >= 0) & (person[np.maximum(position, 0)] == person)
    return np.where(is_own, value[np.maximum(position, 0)], start[person])


def _count_before(person: np.ndarray, is_one: np.ndarray) -> np.ndarray:
    """For rows sorted by person and time: how many of the person's rows until each one, itself too, are one."""
    upto = np.cumsum(is_one)
    first = np.searchsorted(person, person)
    return upto - (upto[first] - is_one[first])


def _at_home(words_of: pa.DictionaryArray, person: np.ndarray, home: np.ndarray) -> pa.DictionaryArray:
    """The address word of whoever's home it is."""
    return words_of.take(pa.array(np.where(home >= 0, home, person)))
