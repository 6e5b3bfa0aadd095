"""What two records have in common, as levels: for each comparison, how well they agree, from 0 (best) on; null where one of them does not say.

Last name, address, telephone and e-mail address are one comparison, the household's: a family shares them all and is not one person. Taken apart
they would count three or four times. How much each combination speaks for one person is learned, families included.
Conditions are SQL over `<column>_l` and `<column>_r`, as Splink writes them; the first one that holds gives the level.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import duckdb

COLUMNS = (
    "first_name",
    "first_root",
    "last_name",
    "has_rare_name",
    "birth_date",
    "gender",
    "national_id",
    "email",
    "phone",
    "street",
    "house_number",
    "postcode",
    "city",
)
# A level by its label, where rules are written about it.
INCOMPATIBLE_NAMES, CONFLICTING_DATES, SAME = "another first name", "another date", "same"


@dataclass(frozen=True)
class Comparison:
    """A name, when nothing can be said, and label -> condition from the best level to the worst."""

    name: str
    unknown: str
    levels: dict[str, str]

    @property
    def labels(self) -> list[str]:
        return list(self.levels)

    def level(self, label: str) -> int:
        return self.labels.index(label)

    def expression(self) -> str:
        """SQL for the level's number."""
        branches = " ".join(f"when {condition} then {number}" for number, condition in enumerate(self.levels.values()))
        return f"(case when {self.unknown} then null {branches} end)::smallint"


def _unknown(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _nearly(left: str, right: str) -> str:
    return f"(jaro_winkler_similarity({left}, {right}) >= 0.9 or levenshtein({left}, {right}) <= 1)"


FIRST_NAME = Comparison(
    "first_name",
    _unknown("first_name"),
    {
        # Names in each other's field are as good as names in place: whichever the fields, two names agree.
        SAME: "first_name_l = first_name_r or (first_name_l = last_name_r and last_name_l = first_name_r)",
        "short form or initial": "first_root_l = first_root_r or starts_with(first_name_l, first_name_r) or starts_with(first_name_r, first_name_l)",
        "nearly": f"{_nearly('first_name_l', 'first_name_r')}"
        f" or ({_nearly('first_name_l', 'last_name_r')} and {_nearly('last_name_l', 'first_name_r')})",
        # … or the same letters in another order
        "alike": "jaro_winkler_similarity(first_name_l, first_name_r) >= 0.8"
        " or list_sort(string_split(first_name_l, '')) = list_sort(string_split(first_name_r, ''))",
        "in the last name's field": f"{_nearly('first_name_l', 'last_name_r')} or {_nearly('last_name_l', 'first_name_r')}",
        INCOMPATIBLE_NAMES: "true",
    },
)
_DATES = "strftime(birth_date_l, '%Y%m%d'), strftime(birth_date_r, '%Y%m%d')"
BIRTH_DATE = Comparison(
    "birth_date",
    _unknown("birth_date"),
    {
        SAME: "birth_date_l = birth_date_r",
        "one slip": f"hamming({_DATES}) <= 1 or damerau_levenshtein({_DATES}) <= 1 or (year(birth_date_l) = year(birth_date_r)"
        " and month(birth_date_l) = day(birth_date_r) and day(birth_date_l) = month(birth_date_r)) or abs(birth_date_l - birth_date_r) = 1",
        "two slips": f"hamming({_DATES}) <= 2",
        CONFLICTING_DATES: "true",
    },
)
GENDER = Comparison("gender", _unknown("gender"), {SAME: "gender_l = gender_r", "another gender": "true"})
NATIONAL_ID = Comparison(
    "national_id",
    _unknown("national_id"),
    {SAME: "national_id_l = national_id_r", "one slip": "damerau_levenshtein(national_id_l, national_id_r) <= 1", "another number": "true"},
)
_NO_ADDRESS = " or ".join(f"(street_{side} is null and postcode_{side} is null and city_{side} is null)" for side in "lr")
# What a household shares; each part has a level for "unknown", so that every pair is of one combination.
PARTS = {
    "last_name": {
        "last name unknown": _unknown("last_name"),
        "same rare last name": "last_name_l = last_name_r and has_rare_name_l",
        "same last name": "last_name_l = last_name_r or (last_name_l = first_name_r and first_name_l = last_name_r)",
        "nearly the last name": _nearly("last_name_l", "last_name_r"),
        "another last name": "true",
    },
    "address": {
        "address unknown": _NO_ADDRESS,
        "one address": "is_street and is_house and is_place",
        "nearly one address": "is_place and (is_street or is_house)",
        "one street and number, another place": "is_street and is_house",
        "one place or street": "is_place or is_street",
        "another address": "true",
    },
    "phone": {"telephone unknown": _unknown("phone"), "one telephone": "phone_l = phone_r", "another telephone": "true"},
    "email": {
        "e-mail unknown": _unknown("email"),
        "one e-mail address": "email_l = email_r",
        # A wrong letter is a slip; another number is another person.
        "nearly one e-mail address": "levenshtein(email_l, email_r) <= 2"
        " and regexp_replace(email_l, '[^0-9]', '', 'g') = regexp_replace(email_r, '[^0-9]', '', 'g')",
        "another e-mail address": "true",
    },
}
PART_SIZES = tuple(len(levels) for levels in PARTS.values())
_SIGHTS = {
    "is_place": "coalesce(postcode_l = postcode_r or city_l = city_r or (postcode_l is not null and postcode_r is not null and"
    " damerau_levenshtein(postcode_l, postcode_r) <= 1) or jaro_winkler_similarity(city_l, city_r) >= 0.93, false)",
    "is_street": "coalesce(street_l = street_r or jaro_winkler_similarity(street_l, street_r) >= 0.92"
    " or levenshtein(street_l, street_r) <= 2 and length(street_l) > 7, false)",
    "is_house": "coalesce(house_number_l = house_number_r, false)",
}


def _household() -> Comparison:
    def whole(condition: str) -> str:
        for sight, meaning in _SIGHTS.items():
            condition = condition.replace(sight, f"({meaning})")
        return condition

    # In the order of the parts' levels, so that the first combination that holds is made of each part's first level that holds.
    combinations = product(*(levels.items() for levels in PARTS.values()))
    return Comparison(
        "household",
        "false",
        {", ".join(label for label, _ in parts): " and ".join(f"({whole(condition)})" for _, condition in parts) for parts in combinations},
    )


HOUSEHOLD = _household()
ALL = (FIRST_NAME, BIRTH_DATE, GENDER, NATIONAL_ID, HOUSEHOLD)


def sides(table: str, pairs: str, columns: Iterable[str]) -> str:
    """SQL for the pairs (left_id, right_id) with `<column>_l` and `<column>_r` of their records."""
    both = ", ".join(f"{side}.{name} as {name}_{side}" for side in "lr" for name in columns)
    return f"""
        select left_id, right_id, {both}
        from {pairs} join {table} as l on l.record_id = left_id join {table} as r on r.record_id = right_id
    """


def compare(connection: duckdb.DuckDBPyConnection, table: str, pairs: str, into: str) -> None:
    """Make the table `into`: left_id, right_id and a column for each comparison's level, for each pair (left_id, right_id) of `pairs`."""
    sights = ", ".join(f"{meaning} as {sight}" for sight, meaning in _SIGHTS.items())
    parts = ", ".join(f"{Comparison(name, 'false', levels).expression()} as {name}_part" for name, levels in PARTS.items())
    household = "0"
    for name, size in zip(PARTS, PART_SIZES, strict=True):
        household = f"({household} * {size} + {name}_part)"
    levels = ", ".join(f"{one.expression()} as {one.name}_level" for one in ALL if one is not HOUSEHOLD)
    connection.sql(
        f"""
        create or replace temp table {into} as
        with sides as ({sides(table, pairs, COLUMNS)}),
        sights as (select *, {sights} from sides),
        parts as (select *, {parts} from sights)
        select left_id, right_id, {levels}, {household}::smallint as household_level from parts
        """
    )
