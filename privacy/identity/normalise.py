"""Spellings settled: what people write in many ways for the same thing becomes one way. Nothing here decides who is who."""

from functools import cache
from pathlib import Path

import duckdb
import yaml

from forecart import sql
from privacy.identity import columns, phones

VOCABULARY = Path(__file__).with_name("vocabulary.yml")
OLDEST = "1900-01-01"


@cache
def vocabulary() -> dict:
    return yaml.safe_load(VOCABULARY.read_text())


def normalise(connection: duckdb.DuckDBPyConnection, records: str, into: str) -> None:
    """Make the table `into` of the table or view `records`: one row a record.

    Keeps system and subject_id, adds record_id (bigint from 1 in their order) and, for each column of columns.PERSONAL, its settled form;
    beside them `first_root` (one word for a first name and its short forms), `name_key` (the two names in the order of the alphabet),
    `address` (street, number and postcode, where all are known). A column that `records` lacks is null. The latest row of a subject counts.
    """
    macros(connection)
    present = {name.lower() for name in connection.sql(f"select * from {records} limit 0").columns}
    given = [f"nullif(trim({name}::varchar), '') as {name}" if name in present else f"null::varchar as {name}" for name in columns.PERSONAL]
    latest = "updated_at desc nulls last," if "updated_at" in present else ""
    one_a_subject = f"qualify row_number() over (partition by system, subject_id order by {latest} {records}::varchar) = 1"
    connection.sql(
        f"""
        create or replace temp table given_records as
        select row_number() over (order by system, subject_id) as record_id, * from (
            select system::varchar as system, subject_id::varchar as subject_id, {", ".join(given)}
            from {records}
            {"" if _is_unique(connection, records) else one_a_subject}
        )
        """
    )
    _repair_encoding(connection)
    roots = {form: line[0] for line in vocabulary()["short_names"] for form in reversed(line)}
    connection.sql(f"create or replace temp table name_roots as select * from (values {_pairs(roots)}) as roots(form, root)")
    connection.sql(
        f"""
        create or replace table {into} as
        -- Each step is kept: a macro's argument is worked out as often as the macro names it.
        with folded as materialized (
            select
                record_id, system, subject_id, phone,
                identity_fold(first_name) as first_name,
                identity_fold(last_name) as last_name,
                identity_date(birth_date) as birth_date,
                identity_fold(gender) as gender,
                lower(email) as email,
                identity_fold(street) as street_given,
                nullif(lower(regexp_replace(house_number, '[^0-9A-Za-z]', '', 'g')), '') as house_given,
                nullif(upper(regexp_replace(postcode, '[^0-9A-Za-z]', '', 'g')), '') as postcode,
                identity_fold(city) as city,
                identity_fold(country) as country,
                nullif(upper(regexp_replace(national_id, '[^0-9A-Za-z]', '', 'g')), '') as national_id
            from given_records
        ),
        chosen as materialized (
            select * replace (
                identity_no_name(first_name) as first_name,
                identity_no_name(last_name) as last_name,
                identity_lifetime(birth_date) as birth_date,
                identity_gender(gender) as gender,
                identity_email(email) as email,
                identity_street(street_given) as street_given,
                identity_country(country) as country
            )
            from folded
        ),
        placed as (
            select * exclude (street_given, house_given),
                -- "hauptstr 12" in one field
                case when house_given is null then nullif(trim(regexp_replace(street_given, ' [0-9]+ ?[a-z]?$', '')), '')
                    else street_given end as street,
                coalesce(house_given, nullif(replace(regexp_extract(street_given, ' ([0-9]+ ?[a-z]?)$', 1), ' ', ''), '')) as house_number
            from chosen
        )
        select
            placed.* exclude (phone),
            coalesce(roots.root, first_name) as first_root,
            case when first_name is not null and last_name is not null
                then least(first_name, last_name) || '|' || greatest(first_name, last_name) end as name_key,
            case when street is not null and house_number is not null and coalesce(postcode, city) is not null
                then street || '|' || house_number || '|' || coalesce(postcode, city) end as address,
            phone
        from placed left join name_roots as roots on roots.form = placed.first_name
        """
    )
    connection.sql("drop table given_records; drop table name_roots")
    phones.normalise(connection, into)


def _is_unique(connection: duckdb.DuckDBPyConnection, records: str) -> bool:
    return connection.sql(f"select count(*) = count(distinct (system, subject_id)) from {records}").fetchone()[0]


def macros(connection: duckdb.DuckDBPyConnection) -> None:
    words = vocabulary()
    dotless = ", ".join(sql.text(one) for one in words["dotless_providers"])
    provider = "".join(f" when {sql.text(wrong)} then {sql.text(right)}" for wrong, right in words["provider_names"].items())
    no_names = ", ".join(sql.text(one) for one in words["no_names"])

    def choice(words_of: dict[str, list[str]], given: str) -> str:
        return "".join(
            f" when {given} in ({', '.join(sql.text(one) for one in forms)}) then {sql.text(code)}" for code, forms in words_of.items()
        )

    for macro in [
        # Lower case without accents, umlauts as their bare letter however they were written, and nothing but letters, digits and spaces.
        r"""identity_fold(given) as nullif(trim(regexp_replace(replace(replace(replace(replace(replace(replace(
            strip_accents(lower(nfc_normalize(given))), 'ß', 'ss'), 'ø', 'o'), 'ł', 'l'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u'),
            '[^\p{L}\p{N}]+', ' ', 'g')), '')""",
        f"identity_no_name(folded) as case when folded not in ({no_names}) then folded end",
        "identity_name(given) as identity_no_name(identity_fold(given))",
        r"identity_street(folded) as regexp_replace(folded, '(strasse|strase|straat|street|str)\b', 'str', 'g')",
        "identity_date(given) as coalesce(try_cast(given as date), try_strptime(given, ['%d.%m.%Y', '%Y%m%d', '%d/%m/%Y'])::date)",
        f"identity_lifetime(date) as case when date > date '{OLDEST}' and date <= current_date then date end",
        f"identity_provider(given) as case given{provider} else given end",
        # No tag behind a plus; no dots where the provider ignores them. What has no form of an address is none.
        rf"""identity_mailbox(mailbox, provider) as
            case when provider in ({dotless}) then replace(mailbox, '.', '') else mailbox end || '@' || provider""",
        r"""identity_email(given) as case when regexp_full_match(given, '[^@\s]+@[^@\s]+\.[^@\s.]+') then
            identity_mailbox(regexp_replace(split_part(given, '@', 1), '\+.*$', ''), identity_provider(split_part(given, '@', 2))) end""",
        f"identity_gender(folded) as case{choice(words['genders'], 'folded')} end",
        f"identity_consent(folded) as case{choice(words['consents'], 'folded')} end",
        f"identity_country(folded) as case{choice(words['countries'], 'folded')} else upper(folded) end",
    ]:
        connection.sql(f"create or replace temp macro {macro}")


def _pairs(words: dict[str, str]) -> str:
    return ", ".join(f"({sql.text(form)}, {sql.text(root)})" for form, root in words.items())


def _repair_encoding(connection: duckdb.DuckDBPyConnection) -> None:
    """UTF-8 that somebody read as latin-1 ("MÃ¼ller"), put right where the bytes say so."""
    for column in ("first_name", "last_name", "street", "city"):
        broken = connection.sql(f"select distinct {column} from given_records where regexp_matches({column}, '[ÃÂ][^a-zA-Z ]')").fetchall()
        repaired = {text: right for (text,) in broken if (right := repair(text)) != text}
        if repaired:
            connection.sql(f"create or replace temp table repaired as select * from (values {_pairs(repaired)}) as pairs(wrong, mended)")
            connection.sql(f"update given_records set {column} = mended from repaired where {column} = wrong")
            connection.sql("drop table repaired")


def repair(text: str) -> str:
    """The text that was meant, or the text itself."""
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text
