"""The published file: marts, predictions and quality of one run, built aside, complete, and swapped in whole."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from forecart import about, dbt, freshness, kept_out, warehouse
from forecart.descriptions import Descriptions
from forecart.durable import sha256_of, write_durably
from forecart.errors import ForecartError
from forecart.run import Run
from forecart.shop import Shop
from forecart.versions import DATA, MANIFEST, Versions
from forecart.words import counted

SCHEMAS = ("marts", "predictions", "quality")
GATES = ("landing", "marts", "features", "predictions")


def publish(run: Run, run_id: str, generation: str) -> dict[str, Any]:
    """Make the run's marts and predictions the version that serves; a historical run's, in its own folder.

    `run_id` must be that of every prediction, `generation` that of the marts they were made from. Returns rows, version,
    seconds, path and is_new: where the same was published before, nothing is made. Raises ForecartError, with what served
    before still serving, when a gate is red or missing, predictions or descriptions are missing, or the marts were rebuilt.
    """
    started = time.perf_counter()
    versions = Versions.of(run)
    with versions.locked(), warehouse.connect(run) as connection:
        versions.clean()
        freshness.check(connection, run, generation)
        key = freshness.key_of_predictions(connection, run)
        newest = versions.newest_made()
        made = versions.manifest(newest)
        is_new = made is None or made["key"] != key or versions.manifest(versions.serving()) is None
        if is_new:
            _check_gates(connection, run)
            _check_predictions(connection, run, run_id)
            newest, made = _next_version(connection, run, run_id, key, versions)
        if run.is_historical:
            _link_beside(versions)
        versions.prune()
    return {
        "rows": sum(made["rows"].values()),
        "version": newest,
        "seconds": round(time.perf_counter() - started, 1),
        "path": str(published_file(run)),
        "is_new": is_new,
    }


def rollback(shop: Shop) -> dict[str, Any]:
    """Let the version serve that the serving one replaced. Returns version, withdrawn, as_of_date and path.

    Raises ForecartError when there is none. The version left is marked, so that a run with nothing new does not bring it back.
    """
    versions = Versions(shop.folder)
    if versions.serving() is None:
        raise ForecartError(f"{shop.name}: nothing has been published yet, so there is nothing to roll back")
    with versions.locked():
        serving = versions.serving()
        earlier = [version for version in versions.history() if version != serving]
        if not earlier:
            raise ForecartError(f"{shop.name}: version {serving} serves, and no earlier version is kept to roll back to")
        versions.withdraw(serving)
        versions.serve(earlier[0])
    return {
        "version": earlier[0],
        "withdrawn": serving,
        "as_of_date": versions.manifest(earlier[0])["as_of_date"],
        "path": str(versions.link / DATA),
    }


def published_file(run: Run) -> Path:
    """Where an analyst finds the run's file."""
    return (run.folder if run.is_historical else run.folder / "published") / DATA


def _next_version(connection: duckdb.DuckDBPyConnection, run: Run, run_id: str, key: str, versions: Versions) -> tuple[int, dict[str, Any]]:
    """Build, number, serve. A crash before the last step leaves what served before."""
    from ingest import landing

    aside = versions.start()
    number = versions.next_number()
    manifest = {
        "version": number,
        "previous": next(iter(versions.history()), None),
        "shop": run.shop.name,
        "as_of_date": run.as_of_date.isoformat(),
        "is_historical": run.is_historical,
        "run_id": run_id,
        "key": key,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data_until": {source: day.isoformat() for source, day in landing.data_until_by_source(run).items()},
    }
    manifest["rows"] = _build(connection, run, aside / DATA, manifest)
    manifest["bytes"] = (aside / DATA).stat().st_size
    manifest["sha256"] = sha256_of(aside / DATA)
    with (aside / DATA).open("rb") as file:
        os.fsync(file.fileno())
    (aside / DATA).chmod(0o444)  # who opens it to write is told so, instead of changing what others read
    write_durably(aside / MANIFEST, json.dumps(manifest, indent=2))
    versions.put(aside, number)
    versions.serve(number)
    return number, manifest


def _build(connection: duckdb.DuckDBPyConnection, run: Run, file: Path, manifest: dict[str, Any]) -> dict[str, int]:
    """Write the whole file and close it; returns the rows of every table."""
    descriptions = Descriptions(dbt.manifest(run))
    kept_out.write(connection)
    tables = _tables(connection)
    rows = {}
    path = str(file).replace("'", "''")
    connection.execute(f"attach '{path}' as published")
    try:
        for schema in SCHEMAS:
            connection.execute(f"create schema published.{schema}")
        for schema, table in tables:
            # Rows in the order of their columns, keys first: a fifth smaller, less to read for a filter, the same order each time.
            connection.execute(f"create table published.{schema}.{table} as from {schema}.{table} order by all")
            rows[f"{schema}.{table}"] = connection.execute(f"select count(*) from published.{schema}.{table}").fetchone()[0]
        with warehouse.transaction(connection):  # a hundred comments, one write to disk
            about.write(connection, run, manifest, GATES)
            descriptions.write(connection, tables)
        connection.execute("checkpoint published")
    finally:
        connection.execute("detach published")
    left = [wal.name for wal in file.parent.glob("*.wal")]
    if left:
        raise ForecartError(f"expected {file.name} to be complete in itself, found {', '.join(left)} beside it")
    return rows


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        """
        select schema_name, table_name from duckdb_tables()
        where database_name = current_database() and list_contains(?, schema_name) order by all
        """,
        [list(SCHEMAS)],
    ).fetchall()


def _check_gates(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """The last check of every gate must be there and green: what is not gated is not published."""
    checked = dict(
        connection.execute(
            """
            select gate, count(*) filter (not is_success and severity <> 'warning')
            from (from quality.gate_results where run_key = ? qualify checked_at = max(checked_at) over (partition by gate))
            group by gate
            """,
            [run.key],
        ).fetchall()
    )
    for gate in GATES:
        if gate not in checked:
            raise ForecartError(f"{run.key}: expected that gate {gate} was passed, found no check of it")
        if checked[gate]:
            raise ForecartError(f"{run.key}: expected that gate {gate} was passed, found {counted(checked[gate], 'failed expectation')}")


def _check_predictions(connection: duckdb.DuckDBPyConnection, run: Run, run_id: str) -> None:
    """At least one question is answered, and every answer is of this run."""
    answered = freshness.questions(connection)
    if not answered:
        raise ForecartError(f"{run.key}: expected predictions, found no table of them")
    for question in answered:
        table = f"predictions.{freshness.TABLES[question]}"
        found = connection.execute(f"select distinct run_id, as_of_date from {table}").fetchall()
        if found != [(run_id, run.as_of_date)]:
            told = "; ".join(f"{of_run} of {as_of_date}" for of_run, as_of_date in sorted(found)[:3])
            raise ForecartError(f"{table}: expected rows of run {run_id} of {run.as_of_date}, found {told or 'none'}")


def _link_beside(versions: Versions) -> None:
    """`as_of/<date>/forecart.duckdb` and its manifest lie beside the historical run's other folders; they follow `published`."""
    for name in (DATA, MANIFEST):
        link = versions.home / name
        if not link.is_symlink():
            link.symlink_to(Path(versions.link.name) / name)
