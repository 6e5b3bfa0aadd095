"""The landing zone: `landing/<system>/<entity>/<load_id>/` holds one load, immutable, its manifest written last.

A load without a manifest does not exist. `current.json` beside the loads names the one that serves.
"""

import hashlib
import json
import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from forecart import timing, warehouse
from forecart.durable import fsync_folder, write_durably
from forecart.errors import ForecartError
from forecart.run import Run, parse_date
from forecart.shop import Shop, load_shop
from ingest import parquet
from ingest.systems import Entity, load_system

DATA = "data.parquet"
MANIFEST = "manifest.json"


def entities(shop: Shop) -> list[dict[str, str]]:
    """Every source table of a shop, as the arguments that `land` takes."""
    return [{"system": entity.system, "entity": entity.name} for entity in _declared(shop)]


def land(shop: Shop, system: str, entity: str) -> dict[str, Any]:
    """Take one source table in, unless its very bytes are landed already.

    Returns rows, load_id and is_new. Raises ForecartError, with nothing changed, when the file is missing, damaged,
    empty, or not of the declared columns.
    """
    declared_system = load_system(system)
    declared = declared_system.entities[entity]
    source = declared_system.location / declared.file
    if not source.is_file():
        raise ForecartError(f"{declared.full_name}: file {source}: expected a {declared.format} file, found none")
    folder = shop.landing / system / entity
    sha256 = sha256_of(source)
    load_id = sha256[:16]
    is_new = not (folder / load_id / MANIFEST).exists()
    if is_new:
        _write_load(declared, source, folder / load_id, sha256, shop)
    write_durably(folder / "current.json", json.dumps({"load_id": load_id}))
    return {"rows": _manifest(folder / load_id)["rows"], "load_id": load_id, "is_new": is_new}


def _write_load(entity: Entity, source: Path, folder: Path, sha256: str, shop: Shop) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # what a killed landing left behind
    folder.mkdir(parents=True)
    copy = folder / DATA
    shutil.copyfile(source, copy)
    if sha256_of(copy) != sha256:
        raise ForecartError(f"{entity.full_name}: file {source} changed while it was read; it is landed on the next run")
    with timing.spent(timing.DUCKDB):
        content = parquet.check(entity, copy, named=source)
    with copy.open("rb") as landed:
        os.fsync(landed.fileno())
    manifest = {
        "system": entity.system,
        "entity": entity.name,
        "shop": shop.name,
        "file": source.name,
        "sha256": sha256,
        "bytes": copy.stat().st_size,
        "rows": content.rows,
        "accepted": content.rows,
        "quarantined": 0,
        "data_until": content.data_until and content.data_until.isoformat(),
        "schema": content.schema,
        "landed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_durably(folder / MANIFEST, json.dumps(manifest, indent=2))
    fsync_folder(folder.parent)


def current_loads(shop: Shop) -> dict[str, str]:
    """The load that serves, by `system.entity`. Raises ForecartError where one has never landed."""
    return {entity.full_name: _current(shop, entity) for entity in _declared(shop)}


def newest_as_of_date(shop: Shop) -> date:
    """The day after the newest day that the shop's clock (its sales) tells of."""
    newest = [_data_until(shop, entity) for entity in _declared(shop) if entity.is_clock]
    return max(day for day in newest if day) + timedelta(days=1)


def plan_run(shop_name: str, as_of_date: str | None = None) -> Run:
    """The run for a date: live for the day after the newest data (the default), historical for an earlier one."""
    shop = load_shop(shop_name)
    newest = newest_as_of_date(shop)
    asked = parse_date(as_of_date) if as_of_date else newest
    if asked > newest:
        raise ForecartError(f"{shop.name}: nothing is known of the days up to {asked}; the newest date to predict from is {newest}")
    return Run(shop, asked, is_historical=asked < newest)


def data_until(shop: Shop, run: Run) -> date:
    """The last day that the oldest dated source tells of, as far as the run may know it."""
    days = [_data_until(shop, entity) for entity in _declared(shop)]
    return min([run.as_of_date - timedelta(days=1), *(day for day in days if day)])


def data_until_by_source(run: Run) -> dict[str, date]:
    """The last day each dated source tells of, as far as the run may know it, by `system.entity`."""
    last_known = run.as_of_date - timedelta(days=1)
    days = {entity.full_name: _data_until(run.shop, entity) for entity in _declared(run.shop)}
    return {name: min(day, last_known) for name, day in days.items() if day}


def register(run: Run) -> None:
    """Show the current loads to the run's warehouse as views `landing.<system>__<entity>`.

    A bit flip in Parquet reads as wrong data with no error, so the manifest's sha256 is compared first.
    """
    with warehouse.connect(run) as connection:
        connection.sql("create schema if not exists landing")
        for entity in _declared(run.shop):
            folder = run.shop.landing / entity.system / entity.name / _current(run.shop, entity)
            data = folder / DATA
            if not data.exists() or sha256_of(data) != _manifest(folder)["sha256"]:
                shutil.rmtree(folder)  # the next landing takes it from the source again
                raise ForecartError(f"{entity.full_name}: the landed file {data} is not what its manifest says; land it again")
            path = str(data).replace("'", "''")
            connection.sql(f"create or replace view landing.{entity.system}__{entity.name} as from read_parquet('{path}')")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _declared(shop: Shop) -> list[Entity]:
    return [entity for system in shop.systems for entity in load_system(system).entities.values()]


def _current(shop: Shop, entity: Entity) -> str:
    pointer = shop.landing / entity.system / entity.name / "current.json"
    if not pointer.exists():
        raise ForecartError(f"{entity.full_name}: nothing has landed yet; run land_sources first")
    return json.loads(pointer.read_text())["load_id"]


def _data_until(shop: Shop, entity: Entity) -> date | None:
    until = _manifest(shop.landing / entity.system / entity.name / _current(shop, entity))["data_until"]
    return date.fromisoformat(until) if until else None


def _manifest(load: Path) -> dict[str, Any]:
    return json.loads((load / MANIFEST).read_text())
