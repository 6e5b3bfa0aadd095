"""Who may not be written to: where a shop asks, whoever has not said yes; where it asks nobody, nobody."""

import duckdb

REFUSED = """
    select customer_id from marts.customers
    where not coalesce(has_marketing_consent, not exists (select 1 from marts.customers where has_marketing_consent is not null))
"""


def refused(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {customer for (customer,) in connection.execute(REFUSED).fetchall()}
