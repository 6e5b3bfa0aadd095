-- From each rate's day to the next one's: what one unit of a currency is worth in the shop's, as it was known on that day.
with rates as (
    {{ staged('exchange_rates') }}
),

latest as (
    select
        upper(currency) as currency,
        rate_date,
        rate,
        row_number() over (partition by upper(currency), rate_date order by known_at desc nulls last, rate asc) as copy_number
    from rates
    where rate > 0 and rate_date < {{ as_of_date() }}
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
    from latest
    where copy_number = 1 and currency <> '{{ var("currency") }}'
    union all
    select * from own
) as known
