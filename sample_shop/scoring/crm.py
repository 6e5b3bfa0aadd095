"""The customer register: every row of its log is true of its time; of a customer the newest one counts."""

from sample_shop.scoring.check import SUPERSEDED, Check, raw

_CHANGES = "(select distinct change_id, customer_id, updated_at from house.landing.crm__customers)"
_LOGINS = "(select distinct login_id, customer_id, logged_in_at from house.landing.crm__logins)"
_JUDGED = f"""{_CHANGES} as log join house.conformed.customers_judged as judged
    on judged.customer_source_id = log.customer_id and judged.updated_at = log.updated_at"""
_AGE = "date_sub('year', birth_date, cast(updated_at as date))"

CHECKS = [
    Check(
        "crm",
        "customers",
        refused=raw("change_id"),
        judged=f"select change_id as source_key, quarantine_reason, drop_reason from {_JUDGED}",
        found=f"""
            select change_id as source_key, customer_source_id as customer_id, gender, country, loyalty_tier, has_marketing_consent, registered_at,
                age_band
            from {_JUDGED} where quarantine_reason is null and coalesce(drop_reason, '{SUPERSEDED}') = '{SUPERSEDED}'""",
        # An impossible day of birth says nothing of the age.
        true=f"""
            select numbered('X', change_number) as source_key, accounts.subject_id as customer_id, gender, country, loyalty_tier,
                has_marketing_consent, date_trunc('second', registered_at) as registered_at,
                case when birth_date is null or is_planted('customer_birth_date_impossible', numbered('X', change_number)) then null
                    when {_AGE} <= 18 then '14-18' when {_AGE} <= 24 then '19-24' when {_AGE} <= 34 then '25-34' when {_AGE} <= 44 then '35-44'
                    when {_AGE} <= 54 then '45-54' when {_AGE} <= 64 then '55-64' else '65+' end as age_band
            from crm_true_changes join accounts using (customer_number)""",
    ),
    Check(
        "crm",
        "logins",
        refused=raw("login_id"),
        judged=f"""
            select login_id as source_key, quarantine_reason, drop_reason
            from {_LOGINS} as log join house.conformed.logins_judged as judged
                on judged.customer_source_id = log.customer_id and judged.logged_in_at = log.logged_in_at""",
        found=f"""
            select login_id as source_key, logins.customer_id, logins.logged_in_at
            from {_LOGINS} as log join accounts on log.customer_id = accounts.subject_id
            join house.conformed.logins as logins on logins.customer_id = accounts.customer_id and logins.logged_in_at = log.logged_in_at""",
        true="""
            select numbered('G', row_number() over (order by logged_in_at, customer_number)) as source_key, accounts.customer_id,
                date_trunc('second', logged_in_at) as logged_in_at
            from login_customers join accounts using (customer_number)""",
    ),
]
