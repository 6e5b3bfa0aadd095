with stock_levels as (
    {{ staged('stock_levels') }}
),

products as (
    {{ products_by_source() }}
),

completed as (
    select
        stock_levels.*,
        products.product_id
    from stock_levels
    left join products on stock_levels.product_source_id = products.product_source_id
)

select * from (
    {{ judged(
        'stock_levels',
        key=['product_source_id', 'stock_date'],
        known_date='stock_date',
        checks=[
            ("(units_on_hand is null and is_available is null) or units_on_hand < 0", "units on hand missing or negative"),
            ("units_on_order < 0", "units on order negative"),
            ("product_id is null", "product unknown"),
        ],
        rows='completed',
        keep=['product_id'],
    ) }}
) as judged
