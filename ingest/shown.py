"""What a warehouse shows of an entity's loads: `landing.<system>__<entity>`, a view over a few files, or a table where there are many.

Opening thousands of small Parquet files takes longer than reading what is in them, and every query would. So an entity of many loads is
copied, each load once; what serves no more is deleted, all in one transaction. Which loads are in the table, its own rows say.
"""

import duckdb

from forecart import sql, warehouse
from ingest.ledger import Ledger
from ingest.systems import Entity

MANY = 20  # loads


def show(connection: duckdb.DuckDBPyConnection, ledger: Ledger, serving: list[str], same: set[str] = frozenset()) -> None:
    """Make `landing.<system>__<entity>` of the warehouse the loads `serving`: the entity's open columns and load_id.

    `same` are the loads that have not changed since they were shown last: a damaged one that landed again may be another under its name.
    """
    entity = ledger.entity
    kind = _kind(connection, entity)
    if len(serving) > MANY:
        with warehouse.transaction(connection):
            if kind == "view":
                connection.sql(f"drop view {entity.view}")
            _bring_up_to_date(connection, ledger, serving, same, is_there=kind == "table")
        return
    if kind == "table":
        connection.sql(f"drop table {entity.view}")
    connection.sql(f"create or replace view {entity.view} as {_rows(ledger, serving)}")


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection, ledger: Ledger, serving: list[str], same: set[str], is_there: bool) -> None:
    entity = ledger.entity
    if is_there and _columns(connection, entity.view) != _columns(connection, f"({_rows(ledger, serving[:1])})"):
        connection.sql(f"drop table {entity.view}")  # declared anew
        is_there = False
    if not is_there:
        connection.sql(f"create table {entity.view} as {_rows(ledger, serving)}")
        return
    shown = {load for (load,) in connection.sql(f"select distinct load_id from {entity.view}").fetchall()}
    if gone := shown - (set(serving) & same):
        connection.sql(f"delete from {entity.view} where load_id in ({sql.texts(sorted(gone))[1:-1]})")
    if new := [load for load in serving if load not in shown - gone]:
        connection.sql(f"insert into {entity.view} by name {_rows(ledger, new)}")


def _kind(connection: duckdb.DuckDBPyConnection, entity: Entity) -> str | None:
    schema, _, name = entity.view.partition(".")
    found = connection.execute(
        "select lower(table_type) from information_schema.tables where table_schema = ? and table_name = ? and table_catalog = current_database()",
        [schema, name],
    ).fetchone()
    return found and ("view" if found[0] == "view" else "table")


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in connection.sql(f"describe from {relation}").fetchall()]


def _rows(ledger: Ledger, loads: list[str]) -> str:
    """SQL for the rows of some loads."""
    entity = ledger.entity
    # A load that is older than a column's declaration, and whose source is gone, has nothing in it.
    manifests = {load: ledger.manifest(load) for load in loads}
    landed = {name for manifest in manifests.values() for name in manifest["columns"]}
    columns = ", ".join(
        sql.name(name) if name in landed else f"cast(null as {column.landed_type}) as {sql.name(name)}"
        for name, column in entity.open_columns.items()
    )
    if not loads:  # an optional source that has never delivered
        return f"select {columns}, cast(null as varchar) as load_id, cast(null as varchar) as load_batch where false"
    batches = {load: sql.text(manifest["batch"]) for load, manifest in manifests.items()}
    if len(loads) == 1:
        (load,) = loads
        return f"select {columns}, {sql.text(load)} as load_id, {batches[load]} as load_batch from {sql.parquet(ledger.data(load))}"
    of_load = ", ".join(f"{sql.text(load)}: {batch}" for load, batch in batches.items())
    return f"""
        select {columns}, split_part(filename, '/', -2) as load_id, map {{{of_load}}}[split_part(filename, '/', -2)] as load_batch
        from {sql.parquet(map(ledger.data, loads), with_filename=True)}"""
