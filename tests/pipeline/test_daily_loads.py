"""Days of online_retail give the same marts, whether they land at once, one by one, or in any order. `make daily-loads` takes thirty."""

import os
import random
import shutil
from pathlib import Path

import duckdb
import pytest

from forecart.settings import ROOT
from forecart.shop import load_shop
from ingest import landing
from ingest.connectors.files import folder_of
from ingest.systems import load_system
from tests.dbt_project.parsed import run_models

# Where the shop itself reads them, which is where docs/add-a-source.md puts them; or beside the clone.
PLACES = (Path(folder_of(load_system("online_retail").location)), ROOT.parent / "shared" / "data" / "online_retail")
SOURCE = next((place for place in PLACES if place.exists()), PLACES[0])
COUNT = int(os.environ.get("DAYS", "6"))
DAYS = sorted(SOURCE.glob("2011-0[12]-*.csv.gz"))[:COUNT]
MARTS = ("orders", "order_lines", "returns", "products", "customers", "daily_product_sales")

pytestmark = pytest.mark.skipif(len(DAYS) < COUNT, reason=f"the days of online_retail are not in {SOURCE}; docs/add-a-source.md has them")


class House:
    """The shop in a folder of its own, without Airflow: `land` and `build` are what its tasks do."""

    def __init__(self, folder: Path, environment: pytest.MonkeyPatch) -> None:
        self.folder, self.environment = folder, environment
        self.source = folder / "source"
        self.source.mkdir(parents=True)

    def land(self, *days: Path) -> None:
        self._enter()
        for day in days:
            shutil.copy2(day, self.source)
        landing.land(load_shop("online_retail"), "online_retail", "transactions")

    def build(self, with_marts: bool = True) -> None:
        """Marts are made whole each time, of the conformed tables alone: only the last ones are looked at."""
        self._enter()
        run = landing.plan_run("online_retail")
        landing.register(run)
        chosen = ("path:models/staging/online_retail", *(f"+path:models/marts/{mart}.sql" for mart in MARTS))
        run_models(run, *chosen, exclude=() if with_marts else ("path:models/marts",))

    def marts(self) -> dict[str, list[tuple]]:
        """All rows, sorted. Ids of customers are drawn at random in every house: a customer is called by their first order, else return."""
        self._enter()
        with duckdb.connect(str(landing.plan_run("online_retail").warehouse), read_only=True) as connection:
            connection.sql(
                """
                create temp table called as
                select customer_id, min(name) as name
                from (
                    select customer_id, order_id as name from marts.orders
                    union all
                    select customer_id, 'return ' || return_id from marts.returns
                ) group by 1
                """
            )
            return {mart: self._rows(connection, mart) for mart in MARTS}

    def builds(self) -> dict[str, tuple[int, int]]:
        self._enter()
        with duckdb.connect(str(landing.plan_run("online_retail").warehouse), read_only=True) as connection:
            return {model: counts for model, *counts in connection.sql("select model, build, whole_build from changed.builds").fetchall()}

    @staticmethod
    def _rows(connection: duckdb.DuckDBPyConnection, mart: str) -> list[tuple]:
        columns = [name for name, *_ in connection.sql(f"describe marts.{mart}").fetchall()]
        if "customer_id" not in columns:
            return connection.sql(f"from marts.{mart} order by all").fetchall()
        others = ", ".join(column for column in columns if column != "customer_id")
        return connection.sql(f"select name, {others} from marts.{mart} left join called using (customer_id) order by all").fetchall()

    def _enter(self) -> None:
        self.environment.setenv("FORECART_DATA", str(self.folder / "data"))
        self.environment.setenv("FORECART_LOCATION_ONLINE_RETAIL", str(self.source))


@pytest.fixture(scope="module")
def environment():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def at_once(environment, tmp_path_factory) -> dict[str, list[tuple]]:
    house = House(tmp_path_factory.mktemp("daily") / "at_once", environment)
    house.land(*DAYS)
    house.build()
    marts = house.marts()
    assert marts["returns"], "returns are what makes a day change another one"
    return marts


def test_one_day_after_another_gives_what_all_at_once_gives(at_once, environment, tmp_path):
    house = House(tmp_path / "in_order", environment)
    for day in DAYS:
        house.land(day)
        house.build(with_marts=day == DAYS[-1])
    builds, last_whole = house.builds()["conformed__order_lines"]
    assert builds == len(DAYS) and last_whole < builds  # the first days are as large as all before them
    for mart, rows in house.marts().items():
        assert rows == at_once[mart], mart


def test_any_order_of_days_gives_what_all_at_once_gives(at_once, environment, tmp_path):
    """The loads come one by one; after some of them the conformed tables are built."""
    house = House(tmp_path / "shuffled", environment)
    days = random.Random(7).sample(DAYS, len(DAYS))
    for number, day in enumerate(days, start=1):
        house.land(day)
        if number % (len(days) // 3) == 0:
            house.build(with_marts=number == len(days))
    for mart, rows in house.marts().items():
        assert rows == at_once[mart], mart
