"""What identity resolution is held against: one exact key, and a union of the rules one writes first."""

import duckdb
import numpy

from privacy.identity import clusters

RULES = {
    "exact e-mail": ("email",),
    "union of simple rules": (
        "email",
        "first_name || '|' || phone",
        "first_name || '|' || last_name || '|' || birth_date::varchar",
        "first_name || '|' || last_name || '|' || coalesce(postcode, city)",
        "national_id",
    ),
}


def cluster(connection: duckdb.DuckDBPyConnection, people: str, rules: tuple[str, ...]) -> numpy.ndarray:
    """For each record of `people` (as normalise made it) its cluster: records that share a key, or share one with a record that does."""
    count = connection.sql(f"select count(*) from {people}").fetchone()[0]
    edges = " union all ".join(
        f"select record_id - 1 as l, min(record_id - 1) over (partition by {key}) as r from {people} where {key} is not null"
        for key in rules
    )
    found = connection.sql(edges).fetchnumpy()
    return clusters.components(found["l"], found["r"], count)
