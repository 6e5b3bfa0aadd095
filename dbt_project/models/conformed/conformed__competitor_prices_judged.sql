-- Known from the moment it was scraped. A source that has not our number of a product names it by its trade item number; one that no product of
-- ours has, or several have, is none of our products.
with numbered as (
    {{ products_by_gtin() }}
),

competitor_prices as (
    select
        staged_prices.* exclude (product_source_id, drop_reason),
        coalesce(staged_prices.product_source_id, numbered.product_id) as product_source_id,
        coalesce(
            staged_prices.drop_reason,
            case when staged_prices.product_source_id is null and numbered.product_id is null then 'a product that we do not sell' end
        ) as drop_reason
    from (
        {{ staged('competitor_prices') }}
    ) as staged_prices
    left join numbered on staged_prices.gtin = numbered.gtin
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
