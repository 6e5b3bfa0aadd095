with prices as (
    {{ staged('prices') }}
),

products as (
    {{ products_by_source() }}
),

completed as (
    select
        prices.*,
        products.product_id,
        rates.rate
    from prices
    left join products on prices.product_source_id = products.product_source_id
    left join {{ ref('conformed__exchange_rates') }} as rates
        on {{ rate_of(currency_of('prices.currency'), 'prices.valid_from_date') }}
)

select * from (
    {{ judged(
        'prices',
        key=['product_source_id', 'valid_from_date'],
        known_date='valid_from_date',
        checks=[
            ("price_cents is null or price_cents <= 0", "price missing or not positive"),
            ("not coalesce(discount_share, 0) between 0 and 1", "discount is no share"),
            ("product_id is null", "product unknown"),
            ("rate is null and valid_from_date < " ~ as_of_date(), "no exchange rate for its currency"),
        ],
        rows='completed',
        keep=['product_id', 'rate'],
    ) }}
) as judged
