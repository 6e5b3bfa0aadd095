"""The records of a shop's customers, from the personal files of every system that has some."""

import duckdb

from forecart import sql
from forecart.run import Run
from ingest.ledger import Ledger
from ingest.loads import PERSONAL
from ingest.systems import Entity, declared_entities
from privacy.identity import columns


def sources(run: Run) -> list[Entity]:
    """The source tables whose rows tell who a customer is: those with a subject and with personal columns that identity knows by name."""
    return [
        entity
        for entity in declared_entities(run.shop)
        if len(entity.subjects) == 1 and set(entity.personal_columns) & set(columns.PERSONAL)
    ]


def gather(connection: duckdb.DuckDBPyConnection, run: Run, into: str) -> int:
    """Make the table `into`: columns.KEY, PERSONAL and OTHER as text, one row a subject, and return how many.

    Of a subject's rows the newest that the run may know counts; its system is the first of the shop's that has the subject.
    """
    told = [*columns.PERSONAL, *columns.OTHER]
    connection.sql(
        f"create or replace temp table told (system varchar, rank integer, subject_id varchar, {', '.join(f'{name} varchar' for name in told)})"
    )
    for entity in sources(run):
        ledger = Ledger.of(run.shop, entity)
        files = [file for load in ledger.serving() if (file := ledger.personal / load / PERSONAL).exists()]
        if not files:
            continue
        rows = sql.parquet(files)
        there = set(connection.sql(f"from {rows} limit 0").columns)
        subject = next(iter(entity.subjects))
        time = next((name for name in ("updated_at", entity.cursor and entity.cursor.column) if name in there), None)
        known = f"where {sql.name(time)} is null or {sql.name(time)} < {run.moment}" if time else ""
        chosen = ", ".join(f"{sql.name(name)}::varchar as {name}" for name in told if name in there and name != "updated_at")
        connection.sql(
            f"""
            insert into told by name
            select {sql.text(entity.system)} as system, {run.shop.systems.index(entity.system)} as rank, {sql.name(subject)} as subject_id, {chosen}
                {f", {sql.name(time)}::varchar as updated_at" if time else ""}
            from {rows} {known}
            """
        )
    connection.sql(
        f"""
        create or replace temp table {into} as
        select * exclude (rank) replace (first_value(system) over (partition by subject_id order by rank, system) as system)
        from told where subject_id is not null
        qualify row_number() over (partition by subject_id order by updated_at desc nulls last, rank, {", ".join(told)}) = 1;
        drop table told
        """
    )
    return connection.sql(f"select count(*) from {into}").fetchone()[0]
