-- Known from the moment it was scraped.
with competitor_launches as (
    {{ staged('competitor_launches') }}
),

completed as (
    select
        competitor_launches.*,
        rates.rate
    from competitor_launches
    left join {{ ref('conformed__exchange_rates') }} as rates
        on {{ rate_of(currency_of('competitor_launches.currency'), 'competitor_launches.known_at') }}
)

select * from (
    {{ judged(
        'competitor_launches',
        key=['competitor', 'product_name', 'known_at'],
        known_at='known_at',
        checks=[
            ("price_cents <= 0", "price not positive"),
            ("price_cents is not null and rate is null and known_at < " ~ as_of_timestamp(), "no exchange rate for its currency"),
        ],
        rows='completed',
        keep=['rate'],
    ) }}
) as judged
