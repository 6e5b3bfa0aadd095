"""A shop in miniature in which every expectation of every gate holds: each test takes a copy and plants its own error."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations import beyond_sales, marts
from expectations.suite import Suite
from forecart import dbt
from forecart.run import Run
from forecart.shop import Shop

AS_OF_DATE = date(2018, 1, 1)
WORLD = "".join((Path(__file__).parent / name).read_text() for name in ("world.sql", "beyond_sales.sql"))


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Path:
    """Six customers, eighty orders in the 80 days before as_of_date, 40 products, fuel, and the predictions made of them."""
    folder = tmp_path_factory.mktemp("world")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(WORLD.replace("{folder}", str(folder)).replace("{as_of_date}", AS_OF_DATE.isoformat()))
    return folder / "warehouse.duckdb"


def copy_of(world: Path) -> Run:
    """A run on a copy of the shop, in the folder that FORECART_DATA names."""
    run = Run(Shop("corner", "a corner shop", "America/New_York", "USD", ("complete_journey",)), AS_OF_DATE)
    run.warehouse.parent.mkdir(parents=True)
    shutil.copyfile(world, run.warehouse)
    return run


@pytest.fixture
def run(world, tmp_path, monkeypatch) -> Run:
    monkeypatch.setenv("FORECART_DATA", str(tmp_path))
    monkeypatch.setattr(
        dbt, "staged", lambda shop: {entity: list(shop.systems) for entity in (*beyond_sales.SUITES, "order_lines", "customers")}
    )
    return copy_of(world)


@pytest.fixture
def plant(run):
    """Change the warehouse: `plant("delete from marts.orders")`."""

    def execute(sql: str) -> None:
        with duckdb.connect(str(run.warehouse)) as connection:
            connection.execute(sql)

    return execute


@pytest.fixture
def ask(monkeypatch):
    """The gate `marts` asks this and nothing else: `ask(Suite(…), …)`."""

    def suites(*asked: Suite) -> None:
        monkeypatch.setattr(marts, "suites", lambda run, tables: list(asked))

    return suites
