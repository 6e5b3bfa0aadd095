-- A rate that is told again for its day corrects the one that was known before it.
with exchange_rates as (
    {{ staged('exchange_rates') }}
),

spelled as (
    select
        system,
        load_id,
        upper(currency) as currency,
        rate_date,
        rate,
        known_at
    from exchange_rates
)

select * from (
    {{ judged(
        'exchange_rates',
        key=['currency', 'rate_date'],
        known_at='known_at',
        known_date='rate_date',
        version='known_at',
        checks=[("rate is null or isnan(rate) or isinf(rate) or rate <= 0", "rate missing or not positive")],
        rows='spelled',
    ) }}
) as judged
