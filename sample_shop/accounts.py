"""Accounts: the customer numbers under which the shop knows its people. Most have one; some have made another, and do not know it."""

import duckdb

from sample_shop import days
from sample_shop.dirt import Dirt

# How a second account differs from the first one. sources/crm.py writes the differences.
KINDS = ("typo", "nickname", "moved", "guest")


def make(connection: duckdb.DuckDBPyConnection, dirt: Dirt) -> None:
    """Make, beside the views `world.<table>`, which account is whose and which one was used.

    Table customer_numbers: customer_number, person_id, is_main, kind (`main` or of KINDS), registered_at (UTC).
    Views session_customers (session_id), order_customers (order_id), review_customers (review_id) and
    login_customers (person_id, logged_in_at): each with customer_number, an account that existed at the time.
    Sessions of nobody, and orders and reviews of nobody, have no row.
    """
    connection.sql(f"create or replace table customer_numbers as {_accounts(dirt)}")
    connection.sql(
        "create or replace table only_accounts as select person_id, any_value(customer_number) as customer_number"
        " from customer_numbers group by person_id having count(*) = 1"
    )
    _used("session_customers", "select session_id, person_id, started_at as used_at from world.sessions", ["session_id"], dirt)
    _used(
        "sessionless_order_customers",
        "select order_id, person_id, ordered_at as used_at from world.orders"
        " where session_id is null or session_id not in (select session_id from world.sessions where person_id is not null)",
        ["order_id"],
        dirt,
    )
    connection.sql(
        "create or replace view order_customers as"
        " select order_id, customer_number from world.orders join session_customers using (session_id)"
        " union all select order_id, customer_number from sessionless_order_customers"
    )
    _used("review_customers", "select review_id, person_id, reviewed_at as used_at from world.reviews", ["review_id"], dirt)
    # A log-in that opened a session is of the session's account.
    _used(
        "login_customers",
        """
        select logins.person_id, logins.logged_in_at, session_id, coalesce(started_at, logins.logged_in_at) as used_at
        from world.logins as logins
        left join (
            select person_id, logged_in_at, min(session_id) as session_id, min(started_at) as started_at
            from world.sessions where logged_in_at is not null group by all
        ) as sessions using (person_id, logged_in_at)
        """,
        ["person_id", "logged_in_at"],
        dirt,
        chance="coalesce(session_id, epoch_us(logged_in_at))",
    )


def _accounts(dirt: Dirt) -> str:
    """A main account a person, and by chance one of each kind, made between the person's registration and end."""
    again = " union all ".join(
        f"""
        select person_id, {kind!r} as kind,
            least(
                cast(registered_at + (until - registered_at) * (hash({dirt.seed}, {kind!r}, person_id, 'when') % 1000) / 1000.0 as date),
                date '{days.END - 2}'
            ) + interval 8 hour + to_seconds(cast(hash({dirt.seed}, {kind!r}, person_id, 'hour') % 39600 as bigint)) as registered_at
        from people where {dirt.hits(f"second_account_{kind}", "person_id")}
        """
        for kind in KINDS
    )
    return f"""
        with people as (
            select person_id, registered_at, greatest(coalesce(died_at, timestamp '{days.END - 1}'), registered_at) as until
            from world.people
        ),
        again as (
            -- Whoever is in all of them has made too many: two more are enough. None is older than the first one.
            select person_id, kind, greatest(registered_at, first_registered_at + interval 1 hour) as registered_at
            from ({again}) as made join (select person_id, registered_at as first_registered_at from people) as first using (person_id)
            qualify row_number() over (partition by person_id order by kind) <= 2
        ),
        everyone as (select person_id, 'main' as kind, registered_at from people union all from again)
        select
            row_number() over (order by registered_at, person_id, kind) as customer_number,
            person_id,
            kind = 'main' as is_main,
            kind,
            registered_at
        from everyone
    """


def _used(view: str, uses: str, key: list[str], dirt: Dirt, chance: str | None = None) -> None:
    """A view that says of each use (person_id, used_at, ...) the account, by chance among those that the person had by then."""
    names = ", ".join(dict.fromkeys(key))
    dirt.connection.sql(
        f"""
        create or replace view {view} as
        select {names}, customer_number from ({uses}) as uses join only_accounts using (person_id)
        union all
        select {names}, customer_number
        from ({uses}) as uses join customer_numbers as accounts using (person_id)
        where person_id not in (select person_id from only_accounts) and (is_main or accounts.registered_at <= used_at)
        qualify row_number() over (partition by {names} order by hash({dirt.seed}, {chance or key[0]}, customer_number)) = 1
        """
    )
