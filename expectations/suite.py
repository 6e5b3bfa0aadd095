"""The words that gates are written in. Each makes an expectation and says it in plain English.

A gate module has one function, `suites(run, tables)`; `tables` tells the columns that each table of the warehouse has.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from textwrap import dedent
from typing import Any

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.no_rows import NoRows
from expectations.results import WARNING

Tables = dict[str, dict[str, str]]
"""`{"marts.orders": {"order_id": "VARCHAR", …}, …}`"""

Words = list[Expectation]


@dataclass(frozen=True)
class Suite:
    """What is expected of one table. That it is there, holds rows, and has a key without gaps or repeats goes without saying.

    `may_be_empty` is for tables that not every shop has rows for.
    `source` tells a person where the table came from. `{key}` in an SQL expectation stands for the key's columns.
    """

    table: str
    key: tuple[str, ...]
    expects: Iterable[Words] = field(default_factory=list)
    is_key_unique: bool = True
    source: str | None = None
    may_be_empty: bool = False

    @property
    def expectations(self) -> Words:
        written = [expectation for words in self.expects for expectation in words]
        if not written:
            return []
        implied = [*rows(minimum=0 if self.may_be_empty else 1), *not_null(*self.key), *(unique(*self.key) if self.is_key_unique else [])]
        return [self._of_this_table(expectation) for expectation in implied + written]

    def _of_this_table(self, expectation: Expectation) -> Expectation:
        if not isinstance(expectation, NoRows):
            return expectation
        query = expectation.unexpected_rows_query.replace("{key}", ", ".join(self.key))
        return expectation.copy(update={"unexpected_rows_query": dedent(query).strip()})


def of_shop_without_customers(suite: Suite) -> Suite:
    """Till receipts name nobody: what is made of customers may be empty where no order names one, and nowhere else."""
    is_of_customers = any(name.endswith("customer_id") for name in suite.key) and not suite.table.startswith("landing.")
    if not is_of_customers or suite.may_be_empty or not suite.expectations:
        return suite
    only_there = no_rows(
        "it is empty only where no order names a customer",
        "select order_id from marts.order_lines where customer_id is not null and not exists (from {batch}) limit 1",
    )
    return replace(suite, may_be_empty=True, expects=[*suite.expects, only_there])


def warn(*words: Words) -> Words:
    """The same expectations, recorded and shown when they fail, but the run goes on."""
    return [expectation.copy(update={"severity": WARNING}) for group in words for expectation in group]


def rows(minimum: int, maximum: int | None = None) -> Words:
    least = "a row" if minimum == 1 else f"{minimum:,} rows"
    how_many = f"{least} or more" if maximum is None else f"{minimum:,} to {maximum:,} rows"
    return [gxe.ExpectTableRowCountToBeBetween(min_value=minimum, max_value=maximum, description=f"the table has {how_many}")]


def columns(*names: str) -> Words:
    """More columns than these do no harm."""
    wanted = f"the table has the columns {', '.join(names)}"
    return [gxe.ExpectTableColumnsToMatchSet(column_set=list(names), exact_match=False, description=wanted)]


def not_null(*names: str) -> Words:
    return [gxe.ExpectColumnValuesToNotBeNull(column=name, description=f"{name} is always known") for name in names]


def one_of(name: str, values: Iterable[Any]) -> Words:
    values = list(values)
    listed = ", ".join(map(str, values))
    return [gxe.ExpectColumnValuesToBeInSet(column=name, value_set=values, description=f"{name}, where known, is one of {listed}")]


def between(name: str, minimum: float | None = None, maximum: float | None = None, mostly: float = 1) -> Words:
    """NaN and infinity may pass: say `finite` too."""
    least, most = f"at least {minimum}" if minimum is not None else "", f"at most {maximum}" if maximum is not None else ""
    bounds = " and ".join(filter(None, (least, most)))
    often = "" if mostly == 1 else f" in {mostly:.0%} of the rows or more"
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column=name, min_value=minimum, max_value=maximum, mostly=mostly, description=f"{name}, where known, is {bounds}{often}"
        )
    ]


def unique(*names: str) -> Words:
    key = ", ".join(names)
    return no_rows(
        f"{key} is never repeated",
        f"select {key}, count(*) as count_rows from {{batch}} group by {key} having count(*) > 1",
        about=key,
    )


def finite(*names: str) -> Words:
    """Neither NaN nor infinite; null is another matter."""
    return _never(names, "not isfinite({})", "finite numbers, where known", "not_finite")


def not_negative(*names: str) -> Words:
    return _never(names, "{} < 0", "never negative", "negative")


def _never(names: Iterable[str], test: str, words: str, found_as: str) -> Words:
    """One pass over the table for all the columns; the row that is shown tells which of them is wrong."""
    names = list(names)
    tests = {name: test.format(name) for name in names}
    wrong = ", ".join(f"case when {test} then '{name}' end" for name, test in tests.items())
    listed = ", ".join(names) if len(names) < 6 else f"{len(names)} of its columns"
    return no_rows(
        f"{listed}: {words}",
        f"select {{key}}, concat_ws(' ', {wrong}) as {found_as} from {{batch}} where {' or '.join(tests.values())}",
        about=listed if len(names) < 6 else "",
    )


def every_row(words: str, condition: str, about: str = "") -> Words:
    """The condition holds of every row; where it is unknown, it does not hold."""
    return no_rows(words, f"select {{key}} from {{batch}} where ({condition}) is not true", about)


def no_rows(words: str, query: str, about: str = "") -> Words:
    """The words say what is true when the query finds nothing; `about` names the column."""
    return [NoRows(unexpected_rows_query=query, description=words, meta={"about": about})]
