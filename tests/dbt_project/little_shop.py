"""A shop of a few tables, made of loads, straight in a warehouse; built by the real models, by keys or from nothing."""

import hashlib
import random
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from forecart import dbt
from forecart.run import Run
from forecart.shop import Shop
from tests.dbt_project.parsed import run_models

SHOP = Shop("little", "A shop for tests", "Europe/Berlin", "EUR", ("little",))
TABLES = {
    "orders": "order_source_id varchar, customer_source_id varchar, ordered_at timestamp, status varchar, currency varchar, updated_at timestamp",
    "order_lines": "order_source_id varchar, order_line_source_id varchar, product_source_id varchar, quantity bigint, sales_cents bigint, "
    "updated_at timestamp",
    "returns": "return_source_id varchar, order_source_id varchar, product_source_id varchar, customer_source_id varchar, "
    "returned_at timestamp, quantity bigint, refund_cents bigint, updated_at timestamp",
    "products": "product_source_id varchar, product_name varchar, is_merchandise boolean, is_sold_by_volume boolean, updated_at timestamp",
    "exchange_rates": "currency varchar, rate_date date, rate double",
}
FIRST_DAY = date(2024, 3, 1)
PRICES = (0, 150, 150, 999)  # few, so that a return finds sales of its price


class LittleShop:
    """`loads` are the landed rows: (table, load) -> rows. A build reads them all; which are new to it, it finds out itself."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.loads: dict[tuple[str, str], list[tuple]] = {}
        self.people: dict[str, str] = {}  # a source's id of a person: the customer, as identity resolved it
        self.as_of_date = FIRST_DAY
        self.folder = folder

    @property
    def run(self) -> Run:
        return Run(SHOP, self.as_of_date)

    def land(self, table: str, rows: list[tuple]) -> str:
        load = f"{table}-{len(self.loads):03}-{self.random.getrandbits(32):08x}"
        self.loads[table, load] = rows
        return load

    def land_day(self, day: date, orders: int = 25) -> list[str]:
        """Orders, lines and returns of a day: also lines before their order, the same row twice, older versions, what cannot be true."""
        pick = self.random
        at = lambda days=0: datetime.combine(day, datetime.min.time()) + timedelta(days=days, minutes=pick.randrange(24 * 60))  # noqa: E731
        ids = [f"{day:%j}-{number}" for number in range(orders)]
        earlier = [row[0] for (table, _), rows in self.loads.items() if table == "orders" for row in rows if row[0]]
        ordered = [
            (one, f"c{pick.randrange(9)}", at(), pick.choice(["paid", "paid", "cancelled"]), pick.choice(["EUR", "CHF", "XXX"]), at())
            for one in ids
            if pick.random() > 0.1
        ]
        # A newer word, or an older one, of an order of another day; and an order that nobody has heard of comes to its lines later.
        again = pick.sample(earlier, min(4, len(earlier)))
        ordered += [(one, f"c{pick.randrange(9)}", at(-1), "paid", "EUR", at(pick.choice([-9, 1]))) for one in again]
        ordered += [(f"{day - timedelta(days=1):%j}-{number}", "c1", at(-1), "paid", "EUR", at()) for number in range(0, orders, 9)]
        ordered += [(None, "c1", at(), "paid", "EUR", at()), (f"future {day}", "c2", at(2), "paid", "EUR", at())]
        lines = [
            (one, f"{one}/{number}", f"p{pick.randrange(12)}", pick.choice([1, 1, 2, 6, 0, -1]), pick.choice(PRICES), at())
            for one in [*ids, *again, f"future {day}"]
            for number in range(pick.randrange(1, 4))
        ]
        lines += [lines[0], (None, "nobody's", "p1", 1, 100, at()), (ids[0], None, "p3", 1, 100, at())]
        returned = []
        for number in range(orders):
            # Half of them name no order: what they reverse hangs on all that their customer bought and brought back of the product.
            of_order, product, customer = (
                pick.choice([None, pick.choice([*ids, *again])]),
                f"p{pick.randrange(12)}",
                f"c{pick.randrange(9)}",
            )
            units, cents = pick.choice([1, 2, 6]), pick.choice(PRICES)
            returned.append((f"r{day:%j}-{number}", of_order, product, customer, at(1), units, cents, at(1)))
        returned += [returned[0], (None, None, "p1", "c1", at(), 1, 1, at())]
        return [self.land("orders", ordered), self.land("order_lines", lines), self.land("returns", returned)]

    def build(self, *models: str) -> None:
        """The tables made by keys and what they read, or only some of them. Raises ForecartError where a model fails."""
        self._show(self.run.warehouse)
        run_models(self.run, *(models or ("+conformed__order_lines", "+conformed__returns")))

    def differences(self) -> dict[str, tuple[int, int]]:
        """table: (rows only in the warehouse, rows only in one built from nothing), of every conformed table that differs."""
        warehouse, aside, whole = self.run.warehouse, self.folder / "by_keys.duckdb", self.folder / "whole.duckdb"
        warehouse.replace(aside)
        try:
            self.build()
            warehouse.replace(whole)
        finally:
            aside.replace(warehouse)
        with duckdb.connect() as connection:
            connection.sql(f"attach '{warehouse}' as by_keys (read_only); attach '{whole}' as whole (read_only)")
            tables = connection.sql("select table_name from duckdb_tables() where schema_name = 'conformed' and database_name = 'whole'")
            found = {}
            for (table,) in tables.fetchall():
                more, fewer = (
                    connection.sql(f"select count(*) from (from {one}.conformed.{table} except all from {other}.conformed.{table})")
                    for one, other in (("by_keys", "whole"), ("whole", "by_keys"))
                )
                found[table] = (more.fetchone()[0], fewer.fetchone()[0])
        return {table: counts for table, counts in found.items() if any(counts)}

    def builds(self) -> dict[str, tuple[int, int]]:
        """model: (number of builds, the last of them that made the table whole)."""
        return {model: counts for model, *counts in self.ask("select model, build, whole_build from changed.builds")}

    def ask(self, query: str) -> list[tuple]:
        with duckdb.connect(str(self.run.warehouse), read_only=True) as connection:
            return connection.sql(query).fetchall()

    def _show(self, warehouse: Path) -> None:
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(warehouse)) as connection:
            connection.sql("create schema if not exists landing")
            connection.sql("create or replace table landing.loads (system varchar, entity varchar, load_id varchar, data_sha256 varchar)")
            connection.sql(
                "create schema if not exists identity; create or replace table identity.crosswalk (subject_id varchar, customer_id varchar)"
            )
            if self.people:
                connection.executemany("insert into identity.crosswalk values (?, ?)", list(self.people.items()))
            for table, columns in TABLES.items():
                connection.sql(f"create or replace table landing.little__{table} ({columns}, load_id varchar)")
            for (table, load), rows in self.loads.items():
                sha256 = hashlib.sha256(repr(rows).encode()).hexdigest()
                connection.execute("insert into landing.loads values ('little', ?, ?, ?)", [table, load, sha256])
                if rows:
                    places = ", ".join(["(" + ", ".join("?" * (len(rows[0]) + 1)) + ")"] * len(rows))
                    connection.execute(
                        f"insert into landing.little__{table} values {places}", [cell for row in rows for cell in (*row, load)]
                    )


def write_project(project: Path) -> Path:
    """The dbt project's conformed layer, over a staging folder of its own."""
    left_out = shutil.ignore_patterns("target", "logs", "marts", "features", "staging", "_published.yml", "*_unit_tests.yml")
    shutil.copytree(dbt.PROJECT, project, ignore=left_out)
    folder = project / "models" / "staging" / "little"
    folder.mkdir(parents=True)
    tables = "".join(f"      - name: little__{table}\n" for table in TABLES)
    (folder / "_little__sources.yml").write_text(f"sources:\n  - name: little\n    schema: landing\n    tables:\n{tables}")
    for table in TABLES:
        (folder / f"stg_little__{table}.sql").write_text(f"select * from {{{{ source('little', 'little__{table}') }}}}\n")
    return project
