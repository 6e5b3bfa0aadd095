"""Which pairs cannot be one person, whatever they share.

A household's evidence can outweigh a first name. The veto says where it may not: a first name or a date of birth that cannot be one person's.
It needs a contact (e-mail address or telephone) that both records give: where a source has none, nothing tells twins and namesakes from slips, and
the learned weights decide alone. A mistyped date under one e-mail address is no veto, nor is anything under one identity number. Addresses are
made of names, so one that is nearly the same (sena.binder, selina.binder) says something only where the first name is the same.
"""

import duckdb

from privacy.identity import comparisons

_EMAILS = comparisons.PARTS["email"]
_ONE_MAILBOX = f"""
    ({_EMAILS["one e-mail address"]})
    or (({_EMAILS["nearly one e-mail address"]}) and first_name_level = {comparisons.FIRST_NAME.level(comparisons.SAME)})
"""
_VETO = f"""
    case
        when national_id_l = national_id_r then null
        when not coalesce(email_l is not null and email_r is not null or phone_l is not null and phone_r is not null, false) then null
        when first_name_level = {comparisons.FIRST_NAME.level(comparisons.INCOMPATIBLE_NAMES)} then 'first name'
        when birth_date_level = {comparisons.BIRTH_DATE.level(comparisons.CONFLICTING_DATES)}
            and not coalesce({_ONE_MAILBOX}, false) then 'birth date'
    end
"""
_COLUMNS = ("first_name", "first_root", "last_name", "birth_date", "national_id", "email", "phone")


def judge(connection: duckdb.DuckDBPyConnection, table: str, pairs: str, into: str) -> None:
    """Make the table `into`: left_id, right_id and `veto` (null, 'first name' or 'birth date'), for each pair of `pairs`.

    Cheap beside the comparisons: of a shop with families most candidates end here.
    """
    levels = ", ".join(f"{one.expression()} as {one.name}_level" for one in (comparisons.FIRST_NAME, comparisons.BIRTH_DATE))
    connection.sql(
        f"""
        create or replace temp table {into} as
        with sides as ({comparisons.sides(table, pairs, _COLUMNS)}),
        levels as (select *, {levels} from sides)
        select left_id, right_id, {_VETO} as veto from levels
        """
    )
