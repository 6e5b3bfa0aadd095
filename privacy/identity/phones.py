"""Telephone numbers in the international form.

The library `phonenumbers` knows every country's rules, but takes 45 µs a number. So its metadata becomes SQL that settles the numbers of a usual
form, and the library itself reads the rest. A test holds both to the same answer.
"""

import duckdb
import phonenumbers
from phonenumbers import PhoneMetadata

from forecart import sql

_SHORTEST_ODD = 7
_MOST_ODD = 200_000  # distinct numbers of an odd form that the library is asked for; the rest of such a flood is no evidence


def normalise(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Settle the column `phone` of `table` by its column `country` (two letters).

    A national number without a country is read as of the country that most records name.
    """
    seen = connection.sql(f"select country, count(*) from {table} where country is not null group by 1 order by 2 desc, 1").fetchall()
    home = sql.text(seen[0][0]) if seen else "null"
    rules = [rule for country, _ in seen if (rule := _rule(country))] or [("", "x", "", 0, 0)]
    values = ", ".join(
        f"({sql.text(land)}, {sql.text(code)}, {sql.text(prefix)}, {least}, {most})" for land, code, prefix, least, most in rules
    )
    connection.sql(
        f"""
        create or replace temp table phone_forms as
        with given as materialized (
            select record_id, phone, coalesce(country, {home}) as country,
                regexp_replace(phone, '[^0-9]', '', 'g') as digits,
                starts_with(phone, '+') as has_plus,
                not regexp_matches(phone, '[A-Za-z;#]|\\(0\\)|^[^+]+[+]') as is_usual
            from {table} where phone is not null
        ),
        parts as materialized (
            select record_id, phone, country, code, shortest, longest,
                case
                    when not is_usual then null
                    when has_plus and starts_with(digits, code) then substr(digits, length(code) + 1)
                    when starts_with(digits, '00') and starts_with(substr(digits, 3), code) then substr(digits, length(code) + 3)
                    when not has_plus and not starts_with(digits, '00') and prefix <> '' and starts_with(digits, prefix)
                        then substr(digits, length(prefix) + 1)
                end as national
            from given left join (values {values}) as rules(country, code, prefix, shortest, longest) using (country)
        )
        select record_id, phone, country,
            case when length(national) between shortest and longest and not starts_with(national, '0') then '+' || code || national end as settled
        from parts
        """
    )
    odd = connection.sql(f"select distinct phone, country from phone_forms where settled is null order by all limit {_MOST_ODD}").fetchall()
    connection.sql("create or replace temp table odd_phones (phone varchar, country varchar, settled varchar)")
    if odd:
        import pyarrow as pa

        read = pa.table(
            [[one[0] for one in odd], [one[1] for one in odd], [settle(*one) for one in odd]], names=["phone", "country", "settled"]
        )
        connection.register("read_phones", read)
        connection.sql("insert into odd_phones from read_phones")
        connection.unregister("read_phones")
    connection.sql(
        f"""
        create or replace table {table} as
        select records.* replace (coalesce(forms.settled, odd.settled) as phone)
        from {table} as records
        left join phone_forms as forms using (record_id)
        left join odd_phones as odd on odd.phone = records.phone and odd.country is not distinct from forms.country
        """
    )
    connection.sql("drop table phone_forms; drop table odd_phones")


def settle(phone: str, country: str | None) -> str | None:
    """One number by the library. A number that nobody could call stays as its digits: two people rarely make the same mistake."""
    try:
        number = phonenumbers.parse(phone, country)
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    digits = "".join(filter(str.isdecimal, phone))
    return digits if len(digits) >= _SHORTEST_ODD else None


def _rule(country: str) -> tuple[str, str, str, int, int] | None:
    """The country, its calling code, the prefix of a national number, and the least and most digits behind them."""
    metadata = PhoneMetadata.metadata_for_region(country, None) if len(country) == 2 else None
    if metadata is None:
        return None
    lengths = [length for length in metadata.general_desc.possible_length if length > 6]
    # A prefix that is a pattern, or whose rule rewrites the number, is left to the library.
    is_plain = metadata.national_prefix_for_parsing in (metadata.national_prefix, None) and metadata.national_prefix_transform_rule is None
    return (country, str(metadata.country_code), (metadata.national_prefix or "") if is_plain else "", min(lengths), max(lengths))
