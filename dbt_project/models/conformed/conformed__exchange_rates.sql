{{ config(materialized='by_changed_keys') }}
-- From each rate's day to the next one's: what one unit of a currency is worth in the shop's, as it was known on that day.
with told as (
    -- Two systems that tell one currency's rate: the one known last counts.
    select
        currency,
        rate_date,
        rate,
        row_number() over (partition by currency, rate_date order by known_at desc nulls last, rate asc) as place
    from {{ ref('conformed__exchange_rates_judged') }}
    where quarantine_reason is null and drop_reason is null
),

own as (
    select
        '{{ var("currency") }}' as currency,
        date '1900-01-01' as rate_date,
        cast(1 as double) as rate
)

select
    currency,
    rate_date as valid_from_date,
    coalesce(lead(rate_date) over (partition by currency order by rate_date), date '9999-12-31') as valid_to_date,
    rate
from (
    select
        currency,
        rate_date,
        rate
    from told
    where place = 1 and currency <> '{{ var("currency") }}'
    union all
    select * from own
) as known
