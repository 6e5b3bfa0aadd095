"""The CRM: a log of registrations and changes, and log-ins; a CSV file a quarter each."""

from pathlib import Path

import duckdb

from sample_shop import accounts
from sample_shop.dirt import Dirt
from sample_shop.planting import customer, hits, numbered, plant, utc
from sample_shop.sources.spellings import CONSENTS, COUNTRIES, GENDERS, NICKNAMES, TIERS, form_of, maybe, spelling, written_time

SYSTEM = "crm"
CHANGES = [
    "change_id", "customer_number", "first_name", "last_name", "gender", "birth_date", "email", "phone", "street", "house_number", "postcode",
    "city", "country", "loyalty_tier", "consent", "registered_at", "updated_at",
]  # fmt: skip
LOGINS = ["login_id", "customer_number", "logged_in_at"]
PLACEHOLDERS = ["kein@email.de", "noemail@example.com", "unbekannt@unbekannt.de", "test@test.de"]
IMPOSSIBLE_BIRTHS = ["1880-01-01", "31.02.1985", "0000-00-00", "2031-07-01", "1900-13-45"]
_WITHIN = [
    "customer_email_missing", "customer_email_placeholder", "customer_name_mojibake", "customer_name_sloppy", "customer_gender_spelling",
    "customer_birth_date_impossible", "customer_date_form", "customer_country_name", "customer_tier_spelling", "customer_consent_spelling",
]  # fmt: skip
_FIRST_FILE = "2022-Q4"  # the CRM's first export holds all that was before


def write(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    """Write `customers_<quarter>.csv` and `logins_<quarter>.csv.gz`; needs the tables of accounts.make."""
    folder.mkdir(parents=True, exist_ok=True)
    true_changes(connection, dirt)
    _changes(connection, dirt)
    _logins(connection, dirt)
    for table, names, file in [("crm_changes", CHANGES, "customers_{}.csv"), ("crm_logins", LOGINS, "logins_{}.csv.gz")]:
        for (quarter,) in connection.sql(f"select distinct quarter from {table} order by quarter").fetchall():
            rows = f"select {', '.join(names)} from {table} where quarter = '{quarter}' order by happened_at, {', '.join(names)}"
            connection.sql(f"copy ({rows}) to '{folder / file.format(quarter)}' (format csv, header true)")


def true_changes(connection: duckdb.DuckDBPyConnection, dirt: Dirt) -> None:
    """Table crm_true_changes: what each account's rows say before any slip but the account's own."""
    first_names = ", ".join(f"'{name}': '{short}'" for name, short in NICKNAMES.items())
    connection.sql(
        f"""
        create or replace temp table crm_true_changes as
        with accounts as (
            select customer_number, kind, accounts.registered_at, people.* exclude (registered_at, died_at)
            from customer_numbers as accounts join world.people as people using (person_id)
        ),
        -- Where somebody moves to: the home of somebody else of the same country.
        homes as (
            select person_id, country, street, house_number, postcode, city,
                row_number() over (partition by country order by hash({dirt.seed}, person_id)) as place,
                count(*) over (partition by country) as homes
            from world.people
        ),
        moves as (
            select left_.person_id, there.street, there.house_number, there.postcode, there.city
            from homes as left_ join homes as there
                on left_.country = there.country and there.place = (left_.place * 7 + 3) % left_.homes + 1
        ),
        told as (
            select
                customer_number, kind, person_id, registered_at, registered_at as updated_at,
                case kind
                    when 'nickname' then coalesce(
                        map {{{first_names}}}[first_name], case when length(first_name) > 5 then left(first_name, 4) else first_name end
                    )
                    when 'typo' then case when customer_number % 2 = 0 then {_slip("first_name")} else first_name end
                    else first_name
                end as first_name,
                case when kind = 'typo' and customer_number % 2 = 1 then {_slip("last_name")} else last_name end as last_name,
                gender,
                case when kind = 'guest' then null else birth_date end as birth_date,
                case
                    when kind = 'nickname' or (kind in ('typo', 'moved') and customer_number % 3 = 0)
                        then lower(left(md5(cast(person_id as varchar) || kind), 2)) || '.' || email
                    else email
                end as email,
                case when kind = 'guest' then null else phone end as phone,
                case when kind = 'moved' then moves.street when kind = 'typo' and customer_number % 5 = 0 then {_slip("accounts.street")}
                    else accounts.street end as street,
                case when kind = 'moved' then moves.house_number else accounts.house_number end as house_number,
                case when kind = 'moved' then moves.postcode else accounts.postcode end as postcode,
                case when kind = 'moved' then moves.city else accounts.city end as city,
                country,
                case when kind = 'main' then loyalty_tier else 'none' end as loyalty_tier,
                has_marketing_consent
            from accounts join moves using (person_id)
            union all by name
            select
                customer_number, kind, person_id, registered_at, changes.changed_at as updated_at, first_name, last_name, gender, birth_date,
                email, phone, changes.street, changes.house_number, changes.postcode, changes.city, country, changes.loyalty_tier,
                changes.has_marketing_consent
            from accounts join world.profile_changes as changes using (person_id)
            where kind = 'main' and changes.changed_at > registered_at
        )
        select
            row_number() over (order by updated_at, customer_number) as change_number,
            *
        from told
        """
    )


def _slip(column: str) -> str:
    """Two letters in the wrong order, as fingers do it."""
    middle = f"greatest(2, length({column}) // 2)"
    return (
        f"case when length({column}) < 4 then {column} || left({column}, 1) else left({column}, {middle} - 1)"
        f" || substr({column}, {middle} + 1, 1) || substr({column}, {middle}, 1) || substr({column}, {middle} + 2) end"
    )


def _changes(connection: duckdb.DuckDBPyConnection, dirt: Dirt) -> None:
    """Table crm_changes: the rows as text, errors planted, with `quarter` and `happened_at` to file them by."""
    key = "change_number"
    first_name = maybe(dirt, "customer_name_sloppy", key, "' ' || upper(first_name)", "first_name")
    last_name = maybe(dirt, "customer_name_sloppy", key, "lower(last_name) || '  '", "last_name")
    birth_date = maybe(dirt, "customer_date_form", key, "strftime(birth_date, '%d.%m.%Y')", "strftime(birth_date, '%Y-%m-%d')")
    impossible = form_of(dirt, "customer_birth_date_impossible", key, IMPOSSIBLE_BIRTHS)
    connection.sql(
        f"""
        create or replace temp table crm_written as
        with households as (
            -- In a family that shares one address, it is the first one's.
            select person_id, first_value(email) over (partition by household_id order by person_id) as family_email,
                count(*) over (partition by household_id) as people
            from world.people
        )
        select
            change_number, customer_number, kind, person_id, updated_at as happened_at,
            {dirt.hits("customer_email_shared", "person_id")} and kind = 'main' and people > 1 and family_email <> email
                and not {dirt.hits("customer_email_missing", key)} and not {dirt.hits("customer_email_placeholder", key)} as is_shared,
            {numbered("X", "change_number")} as change_id,
            {customer("customer_number")} as customer_number_text,
            {maybe(dirt, "customer_name_mojibake", key, _mojibake("first_name"), first_name)} as first_name,
            {maybe(dirt, "customer_name_mojibake", key, _mojibake("last_name"), last_name)} as last_name,
            {spelling(dirt, "customer_gender_spelling", key, "gender", GENDERS)} as gender,
            {maybe(dirt, "customer_birth_date_impossible", key, impossible, birth_date)} as birth_date,
            case
                when {dirt.hits("customer_email_missing", key)} then null
                when {dirt.hits("customer_email_placeholder", key)} then {form_of(dirt, "customer_email_placeholder", key, PLACEHOLDERS)}
                when is_shared then family_email
                else email
            end as email,
            phone, street, house_number, postcode, city,
            {spelling(dirt, "customer_country_name", key, "country", COUNTRIES)} as country,
            {spelling(dirt, "customer_tier_spelling", key, "loyalty_tier", TIERS)} as loyalty_tier,
            {spelling(dirt, "customer_consent_spelling", key, "cast(has_marketing_consent as varchar)", CONSENTS)} as consent,
            {written_time(dirt, "customer_date_form", key, "registered_at")} as registered_at,
            {utc("updated_at")} as updated_at
        from crm_true_changes join households using (person_id)
        """
    )
    told = {name: "customer_number_text" if name == "customer_number" else name for name in CHANGES}
    beside = {
        "customer_row_twice": {"hit": key},
        "customer_number_missing": {"hit": key, "change_id": numbered("XN", key), "customer_number": "null"},
        "customer_registered_in_future": {
            "hit": key,
            "change_id": numbered("XF", key),
            "customer_number": numbered("C8", key, 6),
            "registered_at": "'2035-' || substr(updated_at, 6)",
        },
    }
    within = hits(dirt, key, *_WITHIN) | {"customer_email_shared": "is_shared"}
    _file(dirt, "crm_changes", _FIRST_FILE, plant(dirt, SYSTEM, "customers", "crm_written", "happened_at", told, within, beside))
    for kind in accounts.KINDS:
        again = f"select distinct customer_number_text from crm_written where kind = '{kind}'"
        dirt.record(f"second_account_{kind}", SYSTEM, "customers", again)


def _file(dirt: Dirt, table: str, first_file: str, rows: str) -> None:
    """Make a table of what is told, with the quarter whose file each row is in; what is older is in the first one."""
    dirt.connection.sql(f"""create or replace temp table {table} as
        select greatest(strftime(happened_at, '%Y-Q') || quarter(happened_at), '{first_file}') as quarter, * from ({rows})""")


def _logins(connection: duckdb.DuckDBPyConnection, dirt: Dirt) -> None:
    """Table crm_logins: as text, errors planted."""
    key = "login_number"
    connection.sql(
        """
        create or replace temp table crm_true_logins as
        select row_number() over (order by logged_in_at, customer_number) as login_number, customer_number, accounts.registered_at, logged_in_at
        from login_customers join customer_numbers as accounts using (customer_number)
        """
    )

    told = {
        "login_id": numbered("G", key),
        "customer_number": customer("customer_number"),
        "logged_in_at": written_time(dirt, "login_date_form", key, "logged_in_at"),
    }
    early = "(registered_at - to_days(cast(2 + hash(login_number) % 400 as integer)))"
    beside = {
        "login_row_twice": {"hit": key},
        "login_of_nobody": {"hit": key, "login_id": numbered("GO", key), "customer_number": numbered("C9", "login_number % 1000000", 6)},
        "login_before_registration": {
            "hit": key,
            "happened_at": early,
            "login_id": numbered("GE", key),
            "logged_in_at": written_time(dirt, "login_date_form", key, early),
        },
        "login_in_future": {"hit": key, "login_id": numbered("GF", key), "logged_in_at": "strftime(logged_in_at, '2035-%m-%dT%H:%M:%SZ')"},
    }
    within = hits(dirt, key, "login_date_form")
    _file(dirt, "crm_logins", "2023-Q1", plant(dirt, SYSTEM, "logins", "crm_true_logins", "logged_in_at", told, within, beside))


def _mojibake(column: str) -> str:
    """Text in UTF-8 that somebody read as latin-1."""
    pairs = {"ä": "Ã¤", "ö": "Ã¶", "ü": "Ã¼", "ß": "ÃŸ", "é": "Ã©", "è": "Ã¨"}
    for right, wrong in pairs.items():
        column = f"replace({column}, '{right}', '{wrong}')"
    return column
