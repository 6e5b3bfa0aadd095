"""A shop with one system somewhere else: what the tests of the connectors share."""

from pathlib import Path

import duckdb
import yaml

from forecart.shop import load_shop
from ingest import landing
from ingest.ledger import Ledger
from ingest.systems import load_system

ORDERS = {
    "description": "Orders of a shop",
    "table": "orders",
    "path": "orders",
    "file": "orders_{batch}.csv",
    "rest": {"since": "updated_since"},
    "cursor": {"column": "updated_at", "look_back_days": 2},
    "key": ["order_id"],
    "is_clock": True,
    "data_until": "max(updated_at::date)",
    "columns": {
        "order_id": {"type": "varchar", "meaning": "The order", "required": True},
        "customer": {"type": "varchar", "meaning": "The customer", "subject": "elsewhere"},
        "email": {"type": "varchar", "meaning": "Where to write to", "personal": True},
        "amount": {"type": "decimal(10,2)", "meaning": "Euros"},
        "updated_at": {"type": "timestamp", "meaning": "The row's version", "required": True},
    },
}


class Elsewhere:
    """The shop, and what of its orders has landed."""

    def __init__(self, folder: Path, monkeypatch, location: str, **words) -> None:
        (folder / "systems").mkdir()
        system = {"description": "Elsewhere", "licence": "none", "location": location, "entities": {"orders": {**ORDERS, **words}}}
        (folder / "systems" / "elsewhere.yml").write_text(yaml.safe_dump(system))
        shops = {"far": {"description": "Far", "timezone": "UTC", "currency": "EUR", "systems": ["elsewhere"]}}
        (folder / "shops.yml").write_text(yaml.safe_dump(shops))
        monkeypatch.setenv("FORECART_DATA", str(folder / "data"))
        monkeypatch.setenv("FORECART_SHOPS", str(folder / "shops.yml"))
        monkeypatch.setenv("FORECART_SYSTEMS", str(folder / "systems"))

    def land(self) -> dict:
        return landing.land(load_shop("far"), "elsewhere", "orders")

    @property
    def ledger(self) -> Ledger:
        return Ledger.of(load_shop("far"), load_system("elsewhere").entities["orders"])

    def rows(self, columns: str = "order_id") -> list[tuple]:
        files = [str(self.ledger.data(load)) for load in self.ledger.serving()]
        return duckdb.sql(f"select {columns} from read_parquet({files}, union_by_name = true) order by all").fetchall()
