"""The landing zone's front door: take the deliveries of a source table in, say what serves, show it to a run's warehouse."""

import hashlib
import logging
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from forecart import timing, warehouse
from forecart.durable import sha256_of
from forecart.errors import ForecartError
from forecart.run import Run, parse_date
from forecart.shop import Shop, load_shop
from ingest import connectors, shown
from ingest.accounts import Accounts
from ingest.connectors import Offer
from ingest.ledger import Delivery, Ledger
from ingest.loads import make_load, workbench
from ingest.systems import Entity, declared_entities, load_system


def entities(shop: Shop) -> list[dict[str, str]]:
    """Every source table of a shop, as the arguments that `land` takes."""
    return [{"system": entity.system, "entity": entity.name} for entity in declared_entities(shop)]


def land(shop: Shop, system: str, entity: str) -> dict[str, Any]:
    """Take in whatever is new of one source table.

    Returns rows (of all that serves), loads (their number), is_new, and stale: why an optional source could not be read, in which case
    its last good loads serve. Raises ForecartError, with what served before still serving, where a required one cannot be.
    """
    declared_system = load_system(system)
    declared = declared_system.entities[entity]
    ledger = Ledger.of(shop, declared)
    before = ledger.serving()
    failure = None
    try:
        with workbench() as connection:
            known = {(delivery.name, delivery.stamp): delivery for delivery in ledger.deliveries}
            for offer in connectors.offers(declared_system, ledger):
                _take(connection, shop, ledger, offer, known.get((offer.name, offer.stamp)) if offer.stamp else None)
    except (ForecartError, OSError) as error:  # a right that is missing, a lost mount: no less of a source that cannot be read
        if declared.is_required:
            raise
        reason = str(error) if isinstance(error, ForecartError) else f"{declared.full_name}: {error}"
        logging.getLogger(__name__).warning(f"{reason}; the last good loads serve")
        failure = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "error": reason}
    if failure or ledger.failure or ledger.lost_from:
        ledger.failure = failure
        ledger.lost_from = ledger.lost_from if failure else None
        ledger.keep()
    serving = ledger.serving()
    return {
        "rows": sum(ledger.manifest(load)["accepted"] for load in serving),
        "loads": len(serving),
        "is_new": serving != before,
        "stale": failure and failure["error"],
    }


def _take(connection: duckdb.DuckDBPyConnection, shop: Shop, ledger: Ledger, offer: Offer, same: Delivery | None) -> None:
    """One offer into one load, unless it has landed already: as `same`, which has its name and stamp."""
    entity = ledger.entity
    if same and same.load_id == _load_id(entity, same.sha256) and ledger.is_landed(same.load_id):
        if ledger.deliveries[-1] != same and not entity.is_append:  # an older state of the source has come back
            ledger.add(same)
            ledger.keep()
        return
    about = connectors.about(entity, offer)
    with tempfile.TemporaryDirectory(prefix="forecart-") as scratch:
        path = offer.fetch(Path(scratch))
        with timing.spent(timing.OTHER):
            before, sha256 = path.stat(), sha256_of(path)
        load_id = _load_id(entity, sha256)
        batch = offer.batch or (load_id if entity.cursor and offer.look_back_from is not None else "")
        delivery = Delivery(offer.name, batch, offer.version, offer.stamp, sha256, load_id)
        ledger.refuse_contradiction(delivery)
        if not ledger.is_landed(load_id):
            words = {"file": Path(offer.name).name, "batch": batch, "version": offer.version, "sha256": sha256, "bytes": before.st_size}
            words |= {"look_back_from": offer.look_back_from} if offer.look_back_from else {}
            reading = replace(ledger, entity=replace(entity, format=offer.format))
            manifest = make_load(connection, shop, reading, path, about, load_id, words)
            after = path.stat()
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                ledger.remove(load_id)
                raise ForecartError(f"{about} changed while it was read; it is landed on the next run")
            # Without a look back an API that is asked for what is newer has nothing to say.
            if offer.look_back_from and entity.cursor.look_back_days and not manifest["rows"]:
                ledger.remove(load_id)
                raise ForecartError(
                    f"{about}: expected at least the newest rows that landed before, found none; has an older state been restored, or the table "
                    f"been emptied? It lands again when rows are newer than that; to read it anew, take {ledger.folder} away"
                )
            if offer.look_back_from and not manifest["accepted"] and not manifest["quarantined"]:
                ledger.remove(load_id)  # nothing but what was there
                return
        ledger.add(delivery)  # not before it is a load: what served until now serves on where it becomes none
        ledger.keep()


def _load_id(entity: Entity, sha256: str) -> str:
    """The same bytes under the same declaration are the same load."""
    return hashlib.sha256(f"{sha256}{entity.shape}".encode()).hexdigest()[:16]


def current_loads(shop: Shop) -> dict[str, list[str]]:
    """The loads that serve, by `system.entity`. Raises ForecartError where a required one has never landed."""
    return {entity.full_name: Ledger.of(shop, entity).serving_or_raise() for entity in declared_entities(shop)}


def newest_as_of_date(shop: Shop) -> date:
    """The day after the newest day that the shop's clock (its sales) tells of. Raises ForecartError where it tells of none."""
    clocks = [_data_until(Ledger.of(shop, entity)) for entity in declared_entities(shop) if entity.is_clock]
    newest = max((day for day in clocks if day), default=None)
    if newest is None:
        raise ForecartError(
            f"{shop.name}: expected a source table with `is_clock: true` that tells of a day, found none; see make check-shop"
        )
    return newest + timedelta(days=1)


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
    return min([run.as_of_date - timedelta(days=1), *data_until_by_source(run).values()])


def data_until_by_source(run: Run) -> dict[str, date]:
    """The last day each dated source tells of, as far as the run may know it, by `system.entity`."""
    last_known = run.as_of_date - timedelta(days=1)
    days = {entity.full_name: _data_until(Ledger.of(run.shop, entity)) for entity in declared_entities(run.shop)}
    return {name: min(day, last_known) for name, day in days.items() if day}


def register(run: Run) -> None:
    """Show the loads that serve to the run's warehouse: `landing.<system>__<entity>` each, and what the manifests say of them.

    A bit flip in Parquet reads as wrong data with no error, so a load's sha256 is compared before the warehouse first reads it.
    """
    with warehouse.connect(run) as connection:
        connection.sql("create schema if not exists landing")
        known = _known(connection)
        accounts = Accounts(connection)
        for entity in declared_entities(run.shop):
            ledger = Ledger.of(run.shop, entity)
            serving = ledger.serving_or_raise()
            same = {load for load in serving if _is_same(ledger, load, known)}
            for load in serving:
                if load not in same:
                    _verify(ledger, load)
            shown.show(connection, ledger, serving, same)
            accounts.add(ledger, serving, _data_until(ledger))
        accounts.keep()


def _known(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[int, str]]:
    """(entity, load): size and sha256 of the file that this warehouse has read before."""
    try:
        rows = connection.sql("select system || '.' || entity, load_id, bytes_landed, data_sha256 from landing.loads").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):  # a new warehouse, or one of an earlier version of Forecart
        return {}
    return {(entity, load): (size, sha256) for entity, load, size, sha256 in rows}


def _is_same(ledger: Ledger, load: str, known: dict[tuple[str, str], tuple[int, str]]) -> bool:
    data = ledger.data(load)
    return data.exists() and known.get((ledger.entity.full_name, load)) == (data.stat().st_size, ledger.manifest(load)["data_sha256"])


def _verify(ledger: Ledger, load: str) -> None:
    data = ledger.data(load)
    if not data.exists() or sha256_of(data) != ledger.manifest(load)["data_sha256"]:
        ledger.lose(load)
        raise ForecartError(f"{ledger.entity.full_name}: the landed file {data} is not what its manifest says; land it again")


def _data_until(ledger: Ledger) -> date | None:
    """Of all loads that serve; a required source must have landed."""
    days = [ledger.manifest(load)["data_until"] for load in ledger.serving_or_raise()]
    return max((date.fromisoformat(day) for day in days if day), default=None)
