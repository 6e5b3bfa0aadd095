"""Three days in which a customer is found to be another, then not, and corrected: the marts end as a run from nothing leaves them."""

import csv
import sqlite3

import duckdb
import pytest

from forecart.run import Run
from forecart.shop import load_shop
from ingest import landing
from ingest.systems import declared_entities
from privacy.identity import resolve, step
from sample_shop import duplicates
from sample_shop.sources import crm
from tests.dbt_project.parsed import run_models
from tests.pipeline.published_rows import assert_same
from tests.sample_shop import small_shop

MARTS = ("orders", "order_lines", "returns", "payments", "shipments", "customers", "customer_sources")
HOME = {
    "street": "Lindenweg",
    "house_number": "7",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "gender": "f",
    "consent": "true",
}
ANNA = HOME | {
    "first_name": "Anna",
    "last_name": "Weber",
    "birth_date": "1980-03-01",
    "email": "anna.weber@web.de",
    "phone": "+49 30 1234567",
}
OLGA = HOME | {
    "first_name": "Olga",
    "last_name": "Brandt",
    "birth_date": "1955-08-30",
    "email": "olga@gmx.de",
    "street": "Am Markt",
    "phone": "",
}
FIRST, SECOND = "C9100001", "C9100002"


class Shop:
    """The small shop's register and database, in which two accounts that nobody else wrote of have bought, too."""

    def __init__(self, folder, monkeypatch) -> None:
        self.folder = small_shop.tell(folder / "told").folder
        file = self.folder / "shop_db" / "shop.db"
        self.house = small_shop.House(folder / "house", monkeypatch, crm=str(self.folder / "crm"), shop_db=f"sqlite:///{file}")
        with sqlite3.connect(file) as database:
            for account, remainder in ((FIRST, 0), (SECOND, 1)):
                database.execute(f"update orders set customer_number = '{account}' where rowid % 9 = {remainder}")
        self.day = 0
        self._save_model()

    def change(self, account: str, person: dict[str, str], updated_at: str) -> None:
        """A file of the register with one change."""
        self.day += 1
        row = person | {"change_id": f"X9{self.day:05}", "customer_number": account, "loyalty_tier": "gold", "updated_at": updated_at}
        with (self.folder / "crm" / f"customers_2025-X{self.day}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, crm.CHANGES)
            writer.writeheader()
            writer.writerow(row | {"registered_at": "2021-05-01 10:00:00"})

    def run(self) -> Run:
        """A day, as its tasks do it."""
        shop = load_shop("sample")
        for entity in declared_entities(shop):
            landing.land(shop, entity.system, entity.name)
        run = landing.plan_run("sample")
        landing.register(run)
        run_models(run, *(f"path:models/staging/{system}" for system in shop.systems))
        step.resolve_customers(run)
        run_models(run, *(f"+path:models/marts/{mart}.sql" for mart in MARTS), exclude=("path:models/staging",))
        return run

    def forget(self, run: Run) -> None:
        """All but what landed, whose source's id is whose, and the model."""
        for folder in (run.warehouse.parent, run.shop.folder / "identity"):
            for file in folder.glob("*.duckdb*"):
                file.unlink()

    def customer(self, run: Run, account: str) -> str:
        (found,) = self.ask(
            run, f"select distinct customer_id from marts.customer_sources where source_customer_id = '{self.house.subjects()[account]}'"
        )
        return found[0]

    def marts(self, run: Run) -> dict[str, list[tuple]]:
        """All rows; a customer is called by the first of their sources' ids, for an id tells its history."""
        called = "(select customer_id, min(source_customer_id) as called from marts.customer_sources group by 1)"
        found = {}
        for mart in MARTS:
            columns = [name for name, *_ in self.ask(run, f"describe marts.{mart}")]
            whose = f"select called, rows.* exclude (customer_id) from marts.{mart} as rows left join {called} using (customer_id)"
            found[mart] = self.ask(run, whose if "customer_id" in columns else f"from marts.{mart}")
        return found

    def ask(self, run: Run, query: str) -> list[tuple]:
        with duckdb.connect(str(run.warehouse), read_only=True) as connection:
            return connection.sql(query).fetchall()

    def _save_model(self) -> None:
        """A shop of sixty people has too few duplicates to learn from."""
        with duckdb.connect() as connection:
            duplicates.write(connection, seed=3, count=3_000)
            resolve.resolve(connection, "records").model.save(load_shop("sample").folder / "identity" / "model-0001.json")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    return Shop(tmp_path, monkeypatch)


def test_the_marts_follow_a_merge_a_split_and_a_correction_as_if_made_from_nothing(shop):
    shop.change(FIRST, ANNA, "2024-01-01 00:00:00")
    shop.change(SECOND, OLGA, "2024-01-02 00:00:00")
    run = shop.run()
    anna, olga = shop.customer(run, FIRST), shop.customer(run, SECOND)
    orders = dict(shop.ask(run, "select customer_id, count(*) from marts.orders group by 1"))
    assert anna != olga and orders[anna] > 5 and orders[olga] > 5

    shop.change(SECOND, ANNA, "2024-02-01 00:00:00")  # another account of Anna's, it says now
    run = shop.run()
    one = shop.customer(run, FIRST)
    assert shop.customer(run, SECOND) == one in (anna, olga)
    assert shop.ask(run, f"select count(*) from marts.orders where customer_id = '{one}'") == [(orders[anna] + orders[olga],)]

    shop.change(SECOND, OLGA, "2024-03-01 00:00:00")  # … which was a mistake; and Anna has moved
    shop.change(FIRST, ANNA | {"street": "Ringstr", "postcode": "50667", "city": "Köln"}, "2024-03-02 00:00:00")
    run = shop.run()
    assert shop.customer(run, FIRST) != shop.customer(run, SECOND)
    assert dict(shop.ask(run, "select customer_id, region from marts.customers"))[shop.customer(run, FIRST)] == "50"
    told = shop.ask(run, "select event, customer_id, other_customer_id from identity.log where event <> 'new' order by happened_at")
    assert told == [("merge", one, ({anna, olga} - {one}).pop()), ("split", one, told[-1][2])]

    day_by_day = shop.marts(run)
    shop.forget(run)
    assert_same(shop.marts(shop.run()), day_by_day)
