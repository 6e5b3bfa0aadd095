"""The golden record: what is held true of a customer, chosen column by column among the records, and from which record each value came.

A value is better than none, a verified one better than another, then the newest, then that of the system named first.
"""

from collections.abc import Sequence

import duckdb

from forecart import sql
from privacy.identity import columns, normalise

CHOSEN = (*columns.PERSONAL, "loyalty_tier", "consent")
BIRTH_YEARS = 10  # in a band


def choose(connection: duckdb.DuckDBPyConnection, records: str, owners: str, systems: Sequence[str], into: str) -> None:
    """Make the table `into`: customer_id, column_name, value (text), and the system and subject_id it came from; a row a value that is known.

    `records` as resolve takes them, `owners` (system, subject_id, customer_id), `systems` best first.
    """
    present = {name.lower() for name in connection.sql(f"select * from {records} limit 0").columns}
    told = [name for name in CHOSEN if name in present]
    verified = "coalesce(try_cast(is_verified as boolean), false)" if "is_verified" in present else "false"
    newest = "try_cast(updated_at as timestamp)" if "updated_at" in present else "null::timestamp"
    rank = f"coalesce(list_position({sql.texts(systems)}, system), {len(systems) + 1})"
    order = "verified desc, newest desc nulls last, rank, subject_id, columns_hash"
    best = ", ".join(
        f"arg_min({{'value': {name}::varchar, 'system': system, 'subject_id': subject_id}}, preference)"
        f" filter (nullif(trim({name}::varchar), '') is not null) as {name}"
        for name in told
    )
    connection.sql(
        f"""
        create or replace temp table {into} as
        with owned as (
            select records.*, owners.customer_id, {verified} as verified, {newest} as newest, {rank} as rank, hash({", ".join(told)}) as columns_hash
            from {records} as records join {owners} as owners using (system, subject_id)
        ),
        preferred as (select *, row_number() over (partition by customer_id order by {order}) as preference from owned),
        chosen as (select customer_id, {best} from preferred group by customer_id)
        select customer_id, column_name, trim(chosen.value) as value, chosen.system as system, chosen.subject_id as subject_id
        from (unpivot chosen on {", ".join(told)} into name column_name value chosen)
        """
    )


def attributes(connection: duckdb.DuckDBPyConnection, golden: str, into: str) -> None:
    """Make the table `into` of what an analyst may see of `golden`, a row a customer: customer_id, birth_year_band (`1980-1989`), region (the
    first two characters of the postcode), gender (f, m, x), loyalty_tier, has_marketing_consent."""
    normalise.macros(connection)
    seen = ("birth_date", "postcode", "gender", "loyalty_tier", "consent")
    wide = ", ".join(f"any_value(value) filter (column_name = '{name}') as {name}" for name in seen)
    connection.sql(
        f"""
        create or replace temp table {into} as
        with wide as (select customer_id, {wide} from {golden} group by customer_id),
        settled as (select *, year(identity_lifetime(identity_date(birth_date))) // {BIRTH_YEARS} * {BIRTH_YEARS} as born_from from wide)
        select
            customer_id,
            born_from::varchar || '-' || (born_from + {BIRTH_YEARS - 1})::varchar as birth_year_band,
            left(upper(postcode), 2) as region,
            identity_gender(identity_fold(gender)) as gender,
            lower(loyalty_tier) as loyalty_tier,
            identity_consent(identity_fold(consent)) = 'yes' as has_marketing_consent
        from settled
        """
    )
