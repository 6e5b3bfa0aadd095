with supplier_offers as (
    {{ staged('supplier_offers') }}
),

completed as (
    select
        supplier_offers.*,
        rates.rate
    from supplier_offers
    left join {{ ref('conformed__exchange_rates') }} as rates
        on {{ rate_of(currency_of('supplier_offers.currency'), 'coalesce(supplier_offers.updated_at, ' ~ as_of_date() ~ ' - interval 1 day)') }}
)

select * from (
    {{ judged(
        'supplier_offers',
        key=['supplier', 'supplier_sku'],
        known_at='updated_at',
        checks=[
            ("price_cents <= 0", "price not positive"),
            ("weight_g <= 0", "weight not positive"),
            ("units_available < 0", "units available negative"),
            ("lead_time_days < 0", "lead time negative"),
            ("price_cents is not null and rate is null and coalesce(updated_at < " ~ as_of_timestamp() ~ ", true)", "no exchange rate for its currency"),
        ],
        rows='completed',
        keep=['rate'],
    ) }}
) as judged
