-- Known from the moment it was scraped.
with competitor_prices as (
    {{ staged('competitor_prices') }}
),

products as (
    {{ products_by_source() }}
),

completed as (
    select
        competitor_prices.*,
        products.product_id,
        rates.rate
    from competitor_prices
    left join products on competitor_prices.product_source_id = products.product_source_id
    left join {{ ref('conformed__exchange_rates') }} as rates
        on {{ rate_of(currency_of('competitor_prices.currency'), 'competitor_prices.known_at') }}
)

select * from (
    {{ judged(
        'competitor_prices',
        key=['product_source_id', 'competitor', 'known_at'],
        known_at='known_at',
        checks=[
            ("price_cents is null or price_cents <= 0", "price missing or not positive"),
            ("product_id is null", "product unknown"),
            ("rate is null and known_at < " ~ as_of_timestamp(), "no exchange rate for its currency"),
        ],
        rows='completed',
        keep=['product_id', 'rate'],
    ) }}
) as judged
