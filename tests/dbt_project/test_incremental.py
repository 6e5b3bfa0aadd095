"""A table made anew by keys holds what one built from nothing holds, whatever came, went or was corrected in between."""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from forecart import dbt
from forecart.errors import ForecartError
from tests.dbt_project.little_shop import FIRST_DAY, LittleShop, write_project

BY_KEY = ("orders_judged", "orders", "order_lines_judged", "sold_lines", "returns_judged", "return_matches", "returns", "order_lines")
KILLED_AFTER = ("conformed__orders_judged", "+conformed__orders", "+conformed__order_lines_judged", "+conformed__sold_lines")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Iterator[LittleShop]:
    """Six days, landed and built."""
    folder = tmp_path_factory.mktemp("little_shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORECART_DATA", str(folder / "data"))
        patch.setattr(dbt, "PROJECT", write_project(folder / "project"))
        made = LittleShop(folder, seed=1)
        made.land("products", [(f"p{number}", f"Product {number}", number != 3, number == 4, None) for number in range(11)])
        made.land("exchange_rates", [("CHF", FIRST_DAY - timedelta(days=30), 0.9)])
        for day in range(6):
            made.land_day(FIRST_DAY + timedelta(days=day))
        made.as_of_date = FIRST_DAY + timedelta(days=6)
        made.build()
        yield made


@pytest.fixture
def shop(built, tmp_path, monkeypatch) -> LittleShop:
    """A copy of it to play with."""
    shutil.copytree(built.folder / "data", tmp_path / "data")
    monkeypatch.setenv("FORECART_DATA", str(tmp_path / "data"))
    made = LittleShop(tmp_path, seed=1)
    made.loads, made.as_of_date = {key: list(rows) for key, rows in built.loads.items()}, built.as_of_date
    return made


class Life:
    """What may happen to a shop between two builds."""

    def __init__(self, shop: LittleShop) -> None:
        self.shop, self.pick = shop, shop.random
        self.newest = shop.as_of_date

    def a_day_comes(self) -> None:
        self.shop.land_day(self.newest, orders=12)
        self.newest += timedelta(days=1)
        self.shop.as_of_date = self.newest

    def a_late_day_comes(self) -> None:
        """With returns of what was sold before it and after it, and lines of orders that are long there."""
        self.shop.land_day(self.newest - timedelta(days=self.pick.randrange(2, 6)), orders=6)

    def a_file_is_corrected(self) -> None:
        """A newer load takes the place of an older one: other values, some rows fewer, another order's name."""
        table, load = self._a_load()
        rows = self.shop.loads.pop((table, load))
        kept = [row for row in rows if self.pick.random() > 0.2]
        self.shop.land(table, [(*row[:2], *self.pick.choice(kept)[2:]) for row in kept])

    def a_file_is_withdrawn(self) -> None:
        del self.shop.loads[self._a_load()]

    def a_damaged_load_lands_again(self) -> None:
        """Under its name, judged by a newer Forecart."""
        self.shop.loads[self._a_load()].pop()

    def the_catalogue_changes(self) -> None:
        products = [(f"p{self.pick.randrange(14)}", "Another name", self.pick.random() < 0.5, self.pick.random() < 0.5, None)]
        self.shop.land("products", products)

    def a_rate_comes(self) -> None:
        day = self.newest - timedelta(days=self.pick.randrange(5))
        self.shop.land("exchange_rates", [(self.pick.choice(["CHF", "XXX"]), day, self.pick.choice([0.5, 2.0]))])

    def accounts_become_one_customers(self) -> None:
        accounts = {f"c{number}": f"c{number}" for number in range(6)} | self.shop.people
        one, other = self.pick.sample(sorted(set(accounts.values())), 2)
        self.shop.people = {account: other if customer == one else customer for account, customer in accounts.items()}

    def accounts_become_several_customers_again(self) -> None:
        self.shop.people = {account: account for account in self.shop.people}

    def the_run_is_of_another_date(self) -> None:
        self.shop.as_of_date = self.newest - timedelta(days=self.pick.randrange(-2, 4))

    def a_build_is_killed(self) -> None:
        self.shop.build(self.pick.choice(KILLED_AFTER))

    def nothing(self) -> None:
        pass

    def _a_load(self) -> tuple[str, str]:
        return self.pick.choice([key for key in self.shop.loads if key[0] in ("orders", "order_lines", "returns")])


HAPPENINGS = [name for name in vars(Life) if not name.startswith("_")]


@pytest.mark.parametrize("seed", range(int(os.environ.get("LIVES", "2"))))
def test_building_by_keys_gives_what_building_from_nothing_gives(shop, seed):
    """For random sequences of deliveries, corrections, withdrawals, dates and killed runs, each of which happens in every life."""
    shop.random = random.Random(seed)
    life = Life(shop)
    to_come = shop.random.sample(HAPPENINGS, len(HAPPENINGS))
    while to_come:
        told = [to_come.pop() for _ in range(min(2, len(to_come)))]
        for what in told:
            getattr(life, what)()
        shop.build()
        if len(to_come) in (0, 4):
            assert shop.differences() == {}, told
    assert made_whole(shop) == set()


def test_a_day_makes_anew_what_it_names_and_no_more(shop):
    shop.land("order_lines", [("061-1", "one more", "p1", 1, 100, None)])
    shop.build()
    assert shop.ask("select distinct order_source_id from changed.conformed__order_lines_judged") == [("061-1",)]
    assert shop.ask("select count_keys from changed.builds where model = 'conformed__order_lines_judged'") == [(1,)]
    # The order itself, and those whose returns without an order move along with it; 150 orders are there.
    assert shop.ask("select count_keys between 1 and 15 from changed.builds where model = 'conformed__order_lines'") == [(True,)]


def test_rows_and_what_is_known_of_them_are_written_together(shop):
    """Broken off when the new rows are in and it is not yet told: nothing of the build is there."""

    def seen():
        kept = ("conformed.orders_judged", "changed.conformed__orders_judged", "changed.builds", "changed.loads", "changed.read")
        return [shop.ask(f"from {table} order by all") for table in kept]

    before = seen()
    shop.land_day(shop.as_of_date, orders=5)
    with (
        edited("macros/changes.sql", "delete from changed.read where", "delete from nowhere where"),
        pytest.raises(ForecartError, match=r"name nowhere"),
    ):
        shop.build("conformed__orders_judged")
    assert seen() == before


def test_other_sql_makes_a_table_and_its_readers_whole(shop):
    with edited("models/conformed/conformed__sold_lines.sql", "min(store_id) as store_id", "'elsewhere' as store_id"):
        shop.build()
    assert shop.ask("select distinct store_id from conformed.order_lines") == [("elsewhere",)]
    assert made_whole(shop) == {"sold_lines", "return_matches", "returns", "order_lines"}


@pytest.mark.parametrize(
    "sql",
    [
        "select distinct * from {{ source('little', 'little__orders') }}",
        "select * replace (least(updated_at, {{ as_of_timestamp() }}) as updated_at) from {{ source('little', 'little__orders') }}",
        "select * exclude (load_id), 'another' as load_id from {{ source('little', 'little__orders') }}",
    ],
    ids=["of several rows", "of another date", "of no load"],
)
def test_a_staging_row_that_is_not_of_one_landed_row_makes_the_table_whole(shop, sql):
    with edited("models/staging/little/stg_little__orders.sql", "select * from {{ source('little', 'little__orders') }}", sql):
        for _ in range(2):
            shop.land("orders", [("late one", "c1", FIRST_DAY, "paid", "EUR", None)])
            shop.build("stg_little__orders", "conformed__orders_judged")
    assert shop.builds()["conformed__orders_judged"] == [3, 3]


def test_every_table_follows_a_merge_and_a_split_history_included(shop):
    customers = "select distinct customer_id from conformed.order_lines union select customer_id from conformed.returns"
    for people, gone in (
        ({"c1": "c2", "c2": "c2"}, "c1"),
        ({"c1": "c2", "c2": "c2", "c3": "c2"}, "c3"),
        ({"c1": "c1", "c2": "c2", "c3": "c2"}, "c3"),
    ):
        shop.people = people
        shop.build()
        assert (gone,) not in shop.ask(customers)
        assert shop.differences() == {}
    assert ("c1",) in shop.ask(customers)
    assert made_whole(shop) == set()


def made_whole(shop: LittleShop) -> set[str]:
    """The tables by keys that were not made by keys since the shop was built, or not in the newest build."""
    counts = shop.builds()
    return {name for name in BY_KEY if counts[f"conformed__{name}"][1] > 1}


@contextmanager
def edited(file: str, old: str, new: str) -> Iterator[None]:
    """For a while; afterwards the file is as it was, to the moment of its last change."""
    path: Path = dbt.PROJECT / file
    before, state = path.read_text(), path.stat()
    assert old in before
    path.write_text(before.replace(old, new))
    try:
        yield
    finally:
        path.write_text(before)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
