"""Identity as a step of a run, between staging and conformed: the only reader of the personal files.

`data/<shop>/identity/` keeps what lasts: the models, and in `identity.duckdb` the crosswalk and its log. `data/<shop>/personal/identity/` holds what
is personal: the golden record and a chart of why records were joined. The warehouse's schema `identity` is what anybody may read: the
crosswalk, the log, coarse attributes, and for each joined pair the match weight of every comparison.
"""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from forecart import settings, sql, warehouse
from forecart.run import Run
from forecart.shop import Shop
from privacy.identity import chart, crosswalk, golden, model, records, resolve

OPEN = ("crosswalk", "attributes", "log", "match_weights", "shared_values")


def models(shop: Shop) -> list[Path]:
    """The saved models, the newest last. The first one is trained by the first run, each other by `retrain`."""
    return sorted((shop.folder / "identity").glob("model-*.json"))


def resolve_customers(run: Run) -> dict[str, Any]:
    """Resolve the shop's customers, and hand the crosswalk and the attributes to the run's warehouse.

    Returns records, customers, pairs compared, the events of the crosswalk, and notes that a person should read. A historical run starts from
    the ids of today and keeps nothing.
    """
    with duckdb.connect(config={"threads": settings.threads(), "memory_limit": settings.memory_limit()}) as connection:
        count = records.gather(connection, run, "records")
        _open_crosswalk(connection, run)
        saved = models(run.shop)
        found = resolve.resolve(connection, "records", model.load(saved[-1]) if saved else None)
        if found.model and not saved and not run.is_historical:
            _save(run.shop, found.model)
        connection.sql("begin")
        events = crosswalk.update(connection, "kept", "resolved", datetime.now(UTC).replace(tzinfo=None))
        connection.sql("commit")
        connection.sql(
            """
            create or replace temp table owners as select system, subject_id, customer_id from kept.crosswalk where valid_to is null;
            create or replace temp table crosswalk as select subject_id, customer_id from owners;
            create or replace temp table log as from kept.log
            """
        )
        golden.choose(connection, "records", "owners", run.shop.systems, "golden")
        golden.attributes(connection, "golden", "attributes")
        _tell_shared(connection, found)
        model.explain(connection, "scored", found.model, "match_weights")
        if not run.is_historical and records.sources(run):
            _keep_personal(connection, run.shop, found)
        _hand_over(connection, run)
    notes = found.notes + [f"{one.column}: one value of {one.count_records:,} records carries no weight" for one in found.shared]
    for note in notes:
        logging.getLogger(__name__).warning(note)
    return {
        "records": count,
        "customers": found.clusters,
        "pairs": found.pairs,
        "events": events,
        "notes": notes,
    }


def retrain(run: Run) -> dict[str, Any]:
    """Train a model anew on the shop's records as they are now; the next build of the marts uses it."""
    with duckdb.connect(config={"threads": settings.threads(), "memory_limit": settings.memory_limit()}) as connection:
        records.gather(connection, run, "records")
        found = resolve.resolve(connection, "records")
    return {"records": found.records, "model": _save(run.shop, found.model).name if found.model else None}


def _save(shop: Shop, trained: model.Model) -> Path:
    path = shop.folder / "identity" / f"model-{len(models(shop)) + 1:04}.json"
    trained.save(path)
    return path


def _open_crosswalk(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    file = run.shop.folder / "identity" / "identity.duckdb"
    if not run.is_historical:
        file.parent.mkdir(parents=True, exist_ok=True)
        connection.sql(f"attach {sql.text(file)} as kept")
        crosswalk.create(connection, "kept")
        return
    connection.sql("attach ':memory:' as kept")
    crosswalk.create(connection, "kept")
    if file.exists():
        connection.sql(f"attach {sql.text(file)} as today (read_only)")
        for table in ("crosswalk", "log"):
            connection.sql(f"insert into kept.{table} from today.{table}")
        connection.sql("detach today")


def _tell_shared(connection: duckdb.DuckDBPyConnection, found: resolve.Resolution) -> None:
    """Columns and counts only: the values are personal, or a placeholder."""
    connection.sql("create or replace temp table shared_values (column_name varchar, count_records bigint)")
    if found.shared:
        connection.executemany("insert into shared_values values (?, ?)", [[one.column, one.count_records] for one in found.shared])


def _keep_personal(connection: duckdb.DuckDBPyConnection, shop: Shop, found: resolve.Resolution) -> None:
    folder = shop.personal / "identity"
    folder.mkdir(parents=True, exist_ok=True)
    connection.sql(f"copy (from golden order by customer_id, column_name) to {sql.text(folder / 'golden.parquet')} (format parquet)")
    held = [
        [connection.sql(f"select subject_id from people where record_id = {record}").fetchone()[0] for record in one] for one in found.held
    ]
    (folder / "held_for_review.json").write_text(json.dumps(held, indent=1))
    if found.model:
        (folder / "match_weights.html").write_text(chart.page(connection, found.model))


def _hand_over(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    with warehouse.locked(run):
        connection.sql(f"attach {sql.text(run.warehouse)} as warehouse; create schema if not exists warehouse.identity; begin")
        for table in OPEN:
            connection.sql(f"create or replace table warehouse.identity.{table} as from temp.{table} order by all")
        connection.sql("commit; detach warehouse")
