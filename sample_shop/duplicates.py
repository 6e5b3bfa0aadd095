"""Customers as several systems hold them: one person in several records, several persons in one house, and nobody to say which is which.

For judging who-is-who at any size: the world's people, some of them twins or of one name within a family, each told by one to four records
of three systems. What a record says differs as it does in life; the truth stays beside it.
"""

import duckdb
import pyarrow as pa

from sample_shop import people
from sample_shop.sources.crm import PLACEHOLDERS
from sample_shop.sources.spellings import NICKNAMES

# The chance that a person has one more record of this kind.
SECOND_RECORDS = {
    "typo": 0.10,  # fingers slipped in names, street or date of birth
    "nickname": 0.05,  # the short name, another e-mail address
    "moved": 0.07,  # another address; half of them another e-mail address, a quarter another telephone
    "guest": 0.10,  # bought without an account: no date of birth, no telephone
    "swapped": 0.02,  # first name in the field of the last one
    "married": 0.02,  # another last name; half of them another e-mail address
    "newsletter": 0.10,  # names and e-mail address only
}
SYSTEMS = {"guest": "shop_db", "newsletter": "newsletter", "nickname": "shop_db", "moved": "shop_db"}
# What befalls any record.
GONE = {"email": 0.03, "phone": 0.10, "birth_date": 0.06, "street": 0.02, "gender": 0.05}
PLACEHOLDER_EMAIL = 0.01
HOUSE_PHONE = 0.002
SLIP = 0.01  # of every record's name, street, e-mail address
TWINS, NAMESAKES = 0.04, 0.02  # of those who live with others
SHARED_EMAIL = 0.12  # of those who live with others


def write(connection: duckdb.DuckDBPyConnection, seed: int, count: int, into: str = "records") -> None:
    """Make the table `into`: the columns of a record (system, subject_id, first_name, …), person_id and kind, for so many people."""
    made = people.make(seed, count).columns
    world = pa.table(dict(made))
    connection.register("world_people", world)
    connection.sql(f"create or replace temp table told_people as {_families(seed)}")
    connection.unregister("world_people")
    connection.sql(f"create or replace temp table told as {_told(seed)}")
    connection.sql(f"create or replace table {into} as {_records(seed)}")
    connection.sql("drop table told; drop table told_people")


def _chance(seed: int, what: str, *key: str) -> str:
    """SQL for a number from 0 to 1, the same for the same key."""
    return f"(hash({seed}, '{what}', {', '.join(key)}) % 1000003 / 1000003.0)"


def _families(seed: int) -> str:
    """The people, with twins, namesakes and shared e-mail addresses in their families."""
    return f"""
        with members as (
            select *,
                row_number() over home as place,
                first_value(email) over home as family_email,
                first_value(birth_date) over home as eldest_birth_date,
                first_value(first_name) over home as eldest_first_name,
                first_value(gender) over home as eldest_gender
            from world_people
            window home as (partition by household_id order by birth_date, person_id)
        )
        select person_id, last_name, phone, street, house_number, postcode, city, country, household_id, registered_at, loyalty_tier,
            has_marketing_consent,
            is_namesake,
            case when is_namesake then eldest_first_name else first_name end as first_name,
            case when is_namesake then eldest_gender else gender end as gender,
            case when is_twin then eldest_birth_date
                when is_namesake then cast(eldest_birth_date + to_days(cast(7700 + hash({seed}, person_id) % 4000 as integer)) as date)
                else birth_date end as birth_date,
            case when place > 1 and {_chance(seed, "shared", "person_id")} < {SHARED_EMAIL} then family_email else email end as email
        from (
            select *,
                place = 2 and {_chance(seed, "twin", "household_id")} < {TWINS} as is_twin,
                place = 2 and {_chance(seed, "twin", "household_id")} > {1 - NAMESAKES} as is_namesake
            from members
        )
    """


def _told(seed: int) -> str:
    """One row a record, before slips and gaps."""
    short = ", ".join(f"'{name}': '{name_}'" for name, name_ in NICKNAMES.items())
    again = " union all ".join(
        f"select person_id, '{kind}' as kind from told_people where {_chance(seed, kind, 'person_id')} < {share}"
        for kind, share in SECOND_RECORDS.items()
    )
    return f"""
        with kinds as (
            select person_id, 'main' as kind from told_people
            union all select * from ({again}) qualify row_number() over (partition by person_id order by hash({seed}, person_id, kind)) <= 3
        ),
        strangers as (
            select person_id, person_id % (select count(*) from told_people) + 1 as place, street, house_number, postcode, city, country,
                last_name, phone
            from told_people
        )
        select
            row_number() over (order by hash({seed}, person_id, kind)) as number,
            kind, person_id,
            case kind
                when 'nickname' then coalesce(map {{{short}}}[first_name],
                    case when length(first_name) > 5 then left(first_name, 4) else first_name end)
                when 'swapped' then people.last_name
                else first_name
            end as first_name,
            case kind when 'swapped' then first_name when 'married' then strangers.last_name else people.last_name end as last_name,
            gender,
            case when kind in ('guest', 'newsletter') then null else birth_date end as birth_date,
            case when kind = 'nickname' or (kind in ('moved', 'married') and odd % 2 = 0)
                then left(md5(cast(odd as varchar)), 6) || '@' || split_part(email, '@', 2) else email end as email,
            case when kind in ('guest', 'newsletter') then null when kind = 'moved' and odd % 4 = 1 then strangers.phone
                else people.phone end as phone,
            case when kind = 'newsletter' then null when kind = 'moved' then strangers.street else people.street end as street,
            case when kind = 'newsletter' then null when kind = 'moved' then strangers.house_number else people.house_number end as house_number,
            case when kind = 'newsletter' then null when kind = 'moved' then strangers.postcode else people.postcode end as postcode,
            case when kind = 'newsletter' then null when kind = 'moved' then strangers.city else people.city end as city,
            people.country,
            registered_at as updated_at,
            case when kind = 'main' then loyalty_tier end as loyalty_tier,
            has_marketing_consent,
            odd
        from (select *, hash({seed}, person_id, kind, 'odd') as odd from kinds)
        join told_people as people using (person_id)
        join strangers on strangers.place = person_id
    """


def _records(seed: int) -> str:
    """The rows as a system gives them."""
    systems = ", ".join(f"'{kind}': '{system}'" for kind, system in SYSTEMS.items())
    placeholders = ", ".join(f"'{one}'" for one in PLACEHOLDERS)

    def gone(column: str, value: str) -> str:
        return f"case when {_chance(seed, 'gone ' + column, 'number')} >= {GONE[column]} then {value} end as {column}"

    def slips(column: str, also: str = "false") -> str:
        is_hit = f"{also} or {_chance(seed, 'slip ' + column, 'number')} < {SLIP}"
        return f"case when {is_hit} then {slip(column, f'hash({seed}, number)')} else {column} end"

    typo = "kind = 'typo' and odd % 4 = "
    # Who signs up for a newsletter gives the address that it shall come to.
    email = f"""case when kind = 'newsletter' then email
        when {_chance(seed, "placeholder", "number")} < {PLACEHOLDER_EMAIL} then [{placeholders}][1 + (odd % {len(PLACEHOLDERS)})::integer]
        when odd % 50 = 7 then upper(email) else {slips("email")} end"""
    birth_date = f"""case when {typo}2 and day(birth_date) <= 12 then make_date(year(birth_date), day(birth_date), month(birth_date))
        when {typo}2 then cast(birth_date + interval 1 day as date) else birth_date end"""
    phone = f"""case when {_chance(seed, "house phone", "number")} < {HOUSE_PHONE} then '+49 30 901820'
        when odd % 10 = 1 then replace(phone, '+49 ', '0') else phone end"""
    return f"""
        select
            coalesce(map {{{systems}}}[kind], 'crm') as system,
            'r' || lpad(cast(number as varchar), 9, '0') as subject_id,
            case when odd % 40 = 3 then ' ' || upper(first_name) else {slips("first_name", typo + "0")} end as first_name,
            {slips("last_name", typo + "1")} as last_name,
            {gone("gender", "gender")},
            {gone("birth_date", birth_date)},
            case when kind = 'newsletter' then email else {gone("email", email).removesuffix(" as email")} end as email,
            {gone("phone", phone)},
            {gone("street", slips("street", typo + "3"))},
            house_number, postcode, city, country, loyalty_tier, has_marketing_consent, updated_at,
            person_id, kind
        from told
        order by number
    """


def slip(column: str, chance: str) -> str:
    """SQL for a text with one slip of the fingers in it: two letters swapped, one left out, one doubled, one wrong."""
    at = f"(2 + {chance} % greatest(1, length({column}) - 2))::integer"
    return f"""case {chance} // 7 % 4
        when 0 then left({column}, {at} - 1) || substr({column}, {at} + 1, 1) || substr({column}, {at}, 1) || substr({column}, {at} + 2)
        when 1 then left({column}, {at} - 1) || substr({column}, {at} + 1)
        when 2 then left({column}, {at}) || substr({column}, {at})
        else left({column}, {at} - 1) || chr(97 + ({chance} // 31 % 26)::integer) || substr({column}, {at} + 1) end"""
