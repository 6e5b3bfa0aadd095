"""Lands a case in a shop of its own and says what became of it."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from forecart.errors import ForecartError
from forecart.run import Run, parse_date
from forecart.shop import load_shop
from forecart.warehouse import connect
from ingest import landing
from ingest.ledger import Ledger
from ingest.systems import load_system
from tests.faults.writing import ACCEPT, QUARANTINE, REPAIR, STOP, Case

DECLARED = Path(__file__).with_name("systems.yml")


@dataclass(frozen=True)
class Seen:
    behaviour: str
    accepted: int
    words: str
    holds: bool


def environment(folder: Path, entity: str) -> dict[str, str]:
    """A shop with one system, which has the one entity; in `folder`."""
    (folder / "systems").mkdir(parents=True)
    (folder / "delivered").mkdir()
    declared = yaml.safe_load(DECLARED.read_text())
    declared["entities"] = {entity: declared["entities"][entity]}
    (folder / "systems" / "faults.yml").write_text(yaml.safe_dump(declared))
    shops = {"faults": {"description": "Bad input", "timezone": "Europe/Berlin", "currency": "EUR", "systems": ["faults"]}}
    (folder / "shops.yml").write_text(yaml.safe_dump(shops))
    return {
        "FORECART_DATA": str(folder / "data"),
        "FORECART_SHOPS": str(folder / "shops.yml"),
        "FORECART_SYSTEMS": str(folder / "systems"),
        "FORECART_LOCATION_FAULTS": str(folder / "delivered"),
    }


def judge(case: Case, folder: Path) -> Seen:
    """`folder` is set up by `environment`, which is in force."""
    shop = load_shop("faults")
    message = ""
    for name, content in case.files:
        path = folder / "delivered" / name
        path.unlink(missing_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content)
        try:
            landing.land(shop, "faults", case.entity)
        except ForecartError as error:
            message = str(error)
    entity = load_system("faults").entities[case.entity]
    ledger = Ledger.of(shop, entity)
    manifests = [ledger.manifest(load) for load in ledger.serving()]
    accepted = sum(manifest["accepted"] for manifest in manifests)
    quarantined = {reason: count for manifest in manifests for reason, count in manifest.get("quarantine", {}).items()}
    repaired = [repair for manifest in manifests for repair in manifest.get("repaired", {})]
    if message:
        return Seen(STOP, accepted, message, True)
    if any(manifest["rows"] != manifest["accepted"] + manifest["quarantined"] + manifest["dropped"] for manifest in manifests):
        return Seen("lost rows", accepted, "", False)
    behaviour = QUARANTINE if quarantined else REPAIR if repaired else ACCEPT
    return Seen(behaviour, accepted, "; ".join([*quarantined, *repaired]), _holds(case, shop, entity.view))


def _holds(case: Case, shop, view: str) -> bool:
    if case.holds is None:
        return True
    run = Run(shop, parse_date("2025-02-01"))
    landing.register(run)
    with connect(run) as connection:
        return connection.sql(f"select {case.holds} from {view}").fetchone()[0]
