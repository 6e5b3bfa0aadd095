"""Which pairs are looked at. Two records are compared where they share two facts, or one that is almost a name.

A key that too many records share is not a key: its pairs grow with the square of the shop, and are found under a finer one or not at all.
So pairs grow near-linearly.
"""

import duckdb

# SQL over the columns that normalise makes, and how many records may share the key.
KEYS = {
    ("email",): 40,
    ("phone",): 40,
    ("national_id",): 40,
    ("birth_date", "first_name"): 40,
    ("birth_date", "last_name"): 40,
    ("birth_date", "place"): 40,
    ("birth_date", "house_number"): 20,
    ("birth_date",): 8,
    ("name_key", "place"): 40,
    ("name_key", "year(birth_date)"): 20,
    ("name_key",): 6,
    ("address", "left(first_name, 1)"): 40,
    ("address",): 12,
    ("last_name", "city", "month(birth_date)", "day(birth_date)"): 20,
    ("left(first_name, 3)", "left(last_name, 3)", "place"): 20,
    ("first_name", "street"): 20,
    ("last_name", "postcode"): 20,
    ("first_name", "postcode"): 12,
    ("postcode", "house_number"): 8,
    ("city", "house_number"): 8,
    ("left(first_name, 3)", "left(last_name, 3)"): 6,
    ("year(birth_date)", "month(birth_date)", "place"): 8,
    ("month(birth_date)", "day(birth_date)", "place"): 8,
}
# Of these a value that many records share (what many people share has lost it before) is still a person's: each record meets the first one.
NAMING = ("email", "phone", "national_id")


def pairs(connection: duckdb.DuckDBPyConnection, table: str, into: str) -> int:
    """Make the table `into` (left_id < right_id, bigint) of the candidates of `table`, and return how many there are."""
    connection.sql("create or replace temp table found_pairs (left_id bigint, right_id bigint)")
    for number, (told, largest) in enumerate(KEYS.items()):
        parts = ["coalesce(postcode, city)" if part == "place" else part for part in told]
        key = f"hash({', '.join(parts)}, {number})"
        present = " and ".join(f"{part} is not null" for part in parts)
        connection.sql(
            f"""
            insert into found_pairs
            with blocks as (
                select list(record_id) as members from (select {key} as key, record_id from {table} where {present})
                group by key having count(*) between 2 and {largest}
            )
            select left_id, right_id
            from (select left_id, unnest(members) as right_id from (select unnest(members) as left_id, members from blocks))
            where left_id < right_id
            """
        )
    for key in NAMING:
        connection.sql(
            f"""
            insert into found_pairs
            select first, record_id
            from (select min(record_id) over same as first, record_id, count(*) over same as records from {table} where {key} is not null
                window same as (partition by {key}))
            where records > {KEYS[(key,)]} and first < record_id
            """
        )
    connection.sql(f"create or replace temp table {into} as select distinct left_id, right_id from found_pairs")
    connection.sql("drop table found_pairs")
    return connection.sql(f"select count(*) from {into}").fetchone()[0]
