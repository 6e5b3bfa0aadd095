"""A shop of sixty customers with more errors than a real one, told by its CRM and its database: what their tests share."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import yaml

from forecart.settings import ROOT
from forecart.shop import load_shop
from ingest import landing
from ingest.ledger import Ledger
from ingest.systems import load_system
from sample_shop import accounts, simulation
from sample_shop.dirt import Dirt
from sample_shop.telling import SOURCES, show_world

SEED = 5
FOLDER = tempfile.TemporaryDirectory(prefix="forecart-small-shop-")  # gone when Python ends


@cache
def world() -> Path:
    folder = Path(FOLDER.name)
    simulation.make(folder, simulation.Size(60, 100), SEED)
    return folder / "world"


@dataclass(frozen=True)
class Told:
    """The shop's truth in `connection`, and its sources in `folder`."""

    connection: duckdb.DuckDBPyConnection
    dirt: Dirt
    folder: Path

    def rows(self, query: str) -> list[tuple]:
        return self.connection.sql(query).fetchall()

    def planted(self, error: str) -> set[str]:
        return {key for (key,) in self.rows(f"select source_key from planted where error = '{error}'")}


def tell(
    folder: Path, url: str | None = None, least: float = 0.02, most: float = 1.0, systems: tuple[str, ...] = ("crm", "shop_db")
) -> Told:
    """Let these systems tell of the small world. Each error befalls at least, and at most, so many of its rows."""
    connection = duckdb.connect()
    show_world(connection, world())
    dirt = Dirt(connection, SEED)
    for error in dirt.errors.values():
        error["rate"] = min(max(error["rate"], least), most)
    accounts.make(connection, dirt)
    for system in systems:
        SOURCES[system].write(connection, dirt, folder / system, **({"url": url} if system == "shop_db" else {}))
    return Told(connection, dirt, folder)


class House:
    """A shop that has these two systems alone; `locations` say where they are."""

    def __init__(self, folder: Path, monkeypatch, **locations: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        shops = {"sample": {"description": "Small", "timezone": "Europe/Berlin", "currency": "EUR", "systems": ["crm", "shop_db"]}}
        (folder / "shops.yml").write_text(yaml.safe_dump(shops))
        (folder / "systems").mkdir()
        for name in ("crm", "shop_db"):
            declared = yaml.safe_load((ROOT / "ingest" / "systems" / f"{name}.yml").read_text())
            for entity in declared["entities"].values():
                entity["max_quarantined_share"] = 0.5  # there is more dirt here than a source may have
            (folder / "systems" / f"{name}.yml").write_text(yaml.safe_dump(declared, sort_keys=False))
        monkeypatch.setenv("FORECART_DATA", str(folder / "data"))
        monkeypatch.setenv("FORECART_SHOPS", str(folder / "shops.yml"))
        monkeypatch.setenv("FORECART_SYSTEMS", str(folder / "systems"))
        for name, location in locations.items():
            monkeypatch.setenv(f"FORECART_LOCATION_{name.upper()}", location)
        self.folder = folder

    def land(self, system: str, entity: str) -> dict:
        landed = landing.land(load_shop("sample"), system, entity)
        assert landed["stale"] is None, landed["stale"]
        return landed

    def ledger(self, system: str, entity: str) -> Ledger:
        return Ledger.of(load_shop("sample"), load_system(system).entities[entity])

    def landed(self, system: str, entity: str) -> str:
        """SQL for the open part of all that has landed."""
        ledger = self.ledger(system, entity)
        files = [str(ledger.data(load)) for load in ledger.serving()]
        return f"read_parquet({files}, union_by_name = true)"

    def landed_rows(self, system: str, entity: str) -> list[tuple[str, ...]]:
        """All that has landed, as text, in order; with the source's ids of customers in place of ours, which are drawn by chance."""
        theirs = {subject: source for source, subject in self.subjects().items()}
        landed = duckdb.sql(f"from {self.landed(system, entity)}").fetchall()
        return sorted(tuple(theirs.get(value, str(value)) for value in row) for row in landed)

    def refused(self, system: str, entity: str, key: str) -> set[tuple[str, str]]:
        """(key, reason) of the rows that landing put into quarantine."""
        files = [str(path) for path in self.ledger(system, entity).personal.glob("*/quarantine.parquet")]
        return (
            set(duckdb.sql(f"select json_extract_string(raw, '$.{key}'), reason from read_parquet({files})").fetchall()) if files else set()
        )

    def subjects(self) -> dict[str, str]:
        """Ours by the source's id of a customer."""
        with duckdb.connect(str(self.folder / "data" / "sample" / "vault" / "subjects.duckdb"), read_only=True) as vault:
            return dict(vault.sql("select source_id, subject_id from subjects where space = 'sample'").fetchall())
