"""Values that many people share say nothing of one of them: a placeholder e-mail address, the shop's own telephone, 1 January 1970."""

from dataclasses import dataclass

import duckdb

MOST_NAMES = 10  # so many different names under one e-mail address or telephone number are no family
# A date of birth that is so many times as frequent as the average one, and stands in so many records, is a form's default.
MOST_DATES, LEAST_DATES = 10.0, 200
RARE_SHARE, RARE_RECORDS = 2e-4, 6  # a last name of so few people is rare


@dataclass(frozen=True)
class SharedValue:
    """A value taken out of the matching, and how many records held it."""

    column: str
    value: str
    count_records: int


def drop(connection: duckdb.DuckDBPyConnection, table: str) -> list[SharedValue]:
    """Null the values in `table` (as normalise made it) that too many people share, and return them."""
    found: list[SharedValue] = []
    for column in ("email", "phone", "national_id"):
        rows = connection.sql(
            f"""
            with frequent as (
                select {column} from {table} where {column} is not null group by 1 having count(*) > {MOST_NAMES}
            )
            select {column}, count(*) from {table} semi join frequent using ({column})
            group by 1 having count(distinct coalesce(name_key, first_name, last_name, subject_id)) > {MOST_NAMES} order by 1
            """
        ).fetchall()
        found += _null(connection, table, column, rows)
    rows = connection.sql(
        f"""
        with dates as (select birth_date, count(*) as records from {table} where birth_date is not null group by 1)
        select birth_date, records from dates
        where records > {LEAST_DATES} and records > {MOST_DATES} * (select median(records) from dates) order by 1
        """
    ).fetchall()
    return found + _null(connection, table, "birth_date", rows)


def mark_rare_names(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Add to `table` the column has_rare_name: whether the last name is one that few people of this shop have."""
    connection.sql(f"alter table {table} add column if not exists has_rare_name boolean")
    connection.sql(
        f"""
        update {table} set has_rare_name = last_name in (
            select last_name from {table} where last_name is not null group by 1
            having count(*) <= greatest({RARE_RECORDS}, {RARE_SHARE} * (select count(last_name) from {table}))
        )
        """
    )


def _null(connection: duckdb.DuckDBPyConnection, table: str, column: str, rows: list[tuple]) -> list[SharedValue]:
    if rows:
        kind = "date" if column == "birth_date" else "varchar"
        connection.execute("create or replace temp table shared_values as select unnest($1) as value", [[str(value) for value, _ in rows]])
        connection.sql(f"update {table} set {column} = null where {column} in (select cast(value as {kind}) from shared_values)")
        connection.sql("drop table shared_values")
    return [SharedValue(column, str(value), count) for value, count in rows]
