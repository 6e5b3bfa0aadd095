"""What became of the rows that are not in the marts: landing's account and conformed's together, as tables of the schema `quality`.

Reasons, loads and numbers only: the rows themselves lie in landing, and what landing refused with the personal files.
"""

import duckdb

_TABLES = {
    "quarantine": """
        select 'landing' as stage, system, entity, load_id, reason, cast(count_rows as bigint) as count_rows from landing.quarantine
        union all
        select 'conformed', system, entity, load_id, reason, cast(count_rows as bigint) from conformed.quarantine
        """,
    "dropped": "select entity, reason, cast(count_rows as bigint) as count_rows from conformed.dropped",
    "repairs": "select system, entity, load_id, repair, cast(count_rows as bigint) as count_rows from landing.repairs",
    "reconciliation": """
        select 'landing' as stage, system, entity, cast(sum(rows) as bigint) as landed, cast(sum(accepted) as bigint) as accepted,
            cast(sum(quarantined) as bigint) as quarantined, cast(sum(dropped) as bigint) as dropped
        from landing.loads group by all
        union all
        select 'conformed', null, entity, landed, accepted, cast(quarantined as bigint), cast(dropped as bigint) from conformed.reconciliation
        where landed > 0
        """,
}


def write(connection: duckdb.DuckDBPyConnection) -> None:
    """Make quality.quarantine, .dropped, .repairs and .reconciliation of the warehouse anew."""
    connection.execute("create schema if not exists quality")
    for table, query in _TABLES.items():
        connection.execute(f"create or replace table quality.{table} as {query}")
