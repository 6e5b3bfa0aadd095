"""Customers: who they are on paper, and what drives them. Families live under one roof."""

import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sample_shop import days
from sample_shop.streams import pick, stream
from sample_shop.tables import Columns, optional, words
from sample_shop.words import Country, countries

TASTES = 8  # dimensions of a taste
SEGMENTS = ["devoted", "regular", "bargain_hunter", "passer_by"]
_SHARES = [0.22, 0.42, 0.21, 0.15]
_VISITS_A_YEAR = np.array([17.0, 11.0, 10.5, 5.0])
_DEATHS_A_YEAR = np.array([0.14, 0.34, 0.55, 1.3])
_PRICE_SENSITIVITY = np.array([1.2, 1.7, 3.2, 1.8])
_TIERS = ["none", "bronze", "silver", "gold"]
_TIER_SHARES = np.array([[0.1, 0.2, 0.35, 0.35], [0.3, 0.4, 0.2, 0.1], [0.5, 0.35, 0.12, 0.03], [0.8, 0.17, 0.02, 0.01]])
_PROVIDERS = ["gmail.com", "gmx.de", "web.de", "outlook.com", "t-online.de", "icloud.com", "posteo.de"]
_PROVIDER_SHARES = [0.35, 0.2, 0.18, 0.1, 0.08, 0.06, 0.03]
_JOINED_BEFORE = 0.42  # of all customers
_POSTCODES_A_CITY = 8
_MAX_HOUSE_NUMBER = 140


@dataclass(frozen=True)
class People:
    """What drives each customer (one position per person; the person's id is the position + 1), and the columns of `people`.

    A customer shops on days from `joined_day` on and before `death_day`, each day with the chance `visits_a_day` times the calendar;
    dies on each day with the chance `hazard`; answers prices with `sensitivity` (an elasticity) and buys at the price level `budget`.
    """

    segment: np.ndarray
    joined_day: np.ndarray
    joined_second: np.ndarray
    death_day: np.ndarray
    visits_a_day: np.ndarray
    hazard: np.ndarray
    sensitivity: np.ndarray
    budget: np.ndarray
    basket: np.ndarray
    taste: np.ndarray
    household: np.ndarray
    currency: np.ndarray
    columns: Columns

    def __len__(self) -> int:
        return len(self.segment)


CURRENCIES = ["EUR", "CHF", "GBP", "USD"]


def make(seed: int, count: int) -> People:
    """So many customers, numbered in the order in which they registered."""
    rng = stream(seed, "people")
    household = _households(rng, count)
    homes = int(household.max()) + 1
    joined_day = np.where(rng.random(count) < _JOINED_BEFORE, -rng.integers(1, 1096, count), rng.integers(0, days.DAYS, count))
    joined_second = rng.integers(7 * 3600, 20 * 3600, count)
    order = np.lexsort((joined_second, joined_day))
    joined_day, joined_second, household = joined_day[order], joined_second[order], household[order]

    segment = pick(rng, _SHARES, count)
    hazard = _DEATHS_A_YEAR[segment] * rng.gamma(4, 0.25, count) / 365
    death_day = np.maximum(joined_day, -1) + rng.geometric(np.clip(hazard, 1e-6, 0.5))
    taste = (0.6 * rng.normal(size=(homes, TASTES))[household] + 0.8 * rng.normal(size=(count, TASTES))).astype(np.float32)
    country = _home_columns(rng, homes)
    columns = _columns(rng, household, country, segment)
    columns["registered_at"] = days.utc(joined_day, joined_second)
    columns["died_at"] = optional(
        days.utc(np.minimum(death_day, days.DAYS), rng.integers(8 * 3600, 22 * 3600, count)), death_day < days.DAYS
    )
    money = np.array([CURRENCIES.index(one.currency) for one in countries()])
    return People(
        segment=segment,
        joined_day=joined_day,
        joined_second=joined_second,
        death_day=death_day,
        visits_a_day=(_VISITS_A_YEAR[segment] * rng.gamma(3, 1 / 3, count) / 365).astype(np.float32),
        hazard=hazard.astype(np.float32),
        sensitivity=(_PRICE_SENSITIVITY[segment] * rng.gamma(9, 1 / 9, count)).astype(np.float32),
        budget=(0.7 * rng.normal(size=homes)[household] + 0.7 * rng.normal(size=count) - 0.5 * (segment == 2)).astype(np.float32),
        basket=rng.gamma(5, 1 / 5, count).astype(np.float32),
        taste=taste,
        household=household,
        currency=money[country["country"]][household],
        columns=columns,
    )


def _households(rng: np.random.Generator, count: int) -> np.ndarray:
    """The household of each of so many people, mixed."""
    sizes = pick(rng, [0.62, 0.24, 0.09, 0.05], count).astype(int) + 1
    return rng.permutation(np.repeat(np.arange(count), sizes)[:count])


def _home_columns(rng: np.random.Generator, homes: int) -> dict[str, np.ndarray]:
    """Each household's place and name, as positions in the word lists of its country."""
    lands = countries()
    country = pick(rng, [land.share for land in lands], homes).astype(int)

    def one_of(sizes: list[int], skew: float = 1.0) -> np.ndarray:
        return (np.array(sizes)[country] * rng.random(homes) ** skew).astype(int)

    return {
        "country": country,
        "city": one_of([len(land.cities) for land in lands], 1.5),
        "district": rng.integers(0, _POSTCODES_A_CITY, homes),
        "street": one_of([len(land.streets) for land in lands]),
        "last": one_of([len(land.last) for land in lands], 1.4),
        "number": rng.integers(1, _MAX_HOUSE_NUMBER, homes),
        "number_letter": np.maximum(rng.integers(-12, 2, homes), -1) + 1,
        "has_one_phone": rng.random(homes) < 0.3,
        "phone": rng.integers(10_000_000, 99_999_999, homes),
    }


def _columns(rng: np.random.Generator, household: np.ndarray, homes: dict[str, np.ndarray], segment: np.ndarray) -> Columns:
    """What the shop knows of each person."""
    count = len(household)
    lands = countries()
    home = {name: values[household] for name, values in homes.items()}
    country = home["country"]
    gender = pick(rng, [0.53, 0.455, 0.015], count)
    named_as_woman = np.where(gender == 2, rng.random(count) < 0.5, gender == 0)

    first = _Vocabulary([land.female for land in lands] + [land.male for land in lands])
    sizes = np.array([len(land.female) for land in lands] + [len(land.male) for land in lands])
    block = country + len(lands) * ~named_as_woman
    first_code = first.code(block, (sizes[block] * rng.random(count) ** 1.4).astype(int))
    last = _Vocabulary([land.last for land in lands])
    last_code = last.code(country, home["last"])
    streets, cities = _Vocabulary([land.streets for land in lands]), _Vocabulary([land.cities for land in lands])
    postcodes = _Vocabulary([_postcodes(land) for land in lands])
    numbers = [f"{number}{letter}" for letter in ["", "a", "b"] for number in range(_MAX_HOUSE_NUMBER)]

    born = (np.datetime64("1934-01-01") + (365.25 * (72 * rng.beta(2.6, 2.2, count))).astype(int)).astype("datetime64[D]")
    subscriber = np.where(home["has_one_phone"], home["phone"], rng.integers(10_000_000, 99_999_999, count))
    dialling = [land.dialling_code for land in lands]
    return {
        "person_id": np.arange(1, count + 1),
        "first_name": words(first_code, first.words),
        "last_name": words(last_code, last.words),
        "gender": words(gender, ["f", "m", "x"]),
        "birth_date": born,
        "email": pa.array(_emails(rng, first.words, first_code, last.words, last_code, born)),
        "phone": pa.array([f"{dialling[land]} 15{number}" for land, number in zip(country.tolist(), subscriber.tolist(), strict=True)]),
        "street": words(streets.code(country, home["street"]), streets.words),
        "house_number": words(home["number"] + _MAX_HOUSE_NUMBER * home["number_letter"], numbers),
        "postcode": words(postcodes.code(country, home["city"] * _POSTCODES_A_CITY + home["district"]), postcodes.words),
        "city": words(cities.code(country, home["city"]), cities.words),
        "country": words(country, [land.code for land in lands]),
        "household_id": household + 1,
        "loyalty_tier": words((rng.random(count)[:, None] > np.cumsum(_TIER_SHARES[segment], axis=1)[:, :-1]).sum(axis=1), _TIERS),
        "has_marketing_consent": rng.random(count) < 0.62,
    }


class _Vocabulary:
    """The word lists of several countries behind one another."""

    def __init__(self, lists: list[list[str]]):
        self.words = [word for one in lists for word in one]
        self._first = np.cumsum([0, *[len(one) for one in lists]])

    def code(self, block: np.ndarray, position: np.ndarray) -> np.ndarray:
        return self._first[block] + position


def _postcodes(land: Country) -> list[str]:
    """A few postcodes for each of a country's cities."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    found = []
    for number in range(len(land.cities) * _POSTCODES_A_CITY):
        digits = iter(f"{(number * 90_000 // (len(land.cities) * _POSTCODES_A_CITY)) + 10_000:05}")
        picks = iter((number // 23**power) % 23 for power in range(9))
        found.append("".join(next(digits) if mark == "#" else letters[next(picks)] if mark == "?" else mark for mark in land.postcode))
    return found


def _emails(
    rng: np.random.Generator, first: list[str], first_code: np.ndarray, last: list[str], last_code: np.ndarray, born: np.ndarray
) -> list[str]:
    """An address of one's own for each person, made of the name and often the year of birth."""
    first, last = [_plain(word) for word in first], [_plain(word) for word in last]
    count = len(first_code)
    form = pick(rng, [0.5, 0.2, 0.3], count).tolist()
    provider = pick(rng, _PROVIDER_SHARES, count).tolist()
    year = (born.astype("datetime64[Y]").astype(int) + 1970).tolist()
    local = [
        (f"{first[a]}.{last[b]}", f"{first[a][0]}.{last[b]}{y}", f"{first[a]}{last[b]}{y % 100:02}")[form_]
        for a, b, y, form_ in zip(first_code.tolist(), last_code.tolist(), year, form, strict=True)
    ]
    seen: set[tuple[str, int]] = set()
    emails = []
    for number, key in enumerate(zip(local, provider, strict=True), start=1):
        emails.append(f"{key[0]}{f'.{number}' if key in seen else ''}@{_PROVIDERS[key[1]]}")
        seen.add(key)
    return emails


def _plain(word: str) -> str:
    """A name as it stands in an e-mail address."""
    for umlaut, letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "", "'": "", "-": "-"}.items():
        word = word.lower().replace(umlaut, letters)
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() or "x"
