-- Text is data, whatever it says: markup and words that look like orders to a machine stay as they were written.
with reviews as (
    {{ staged('reviews') }}
),

products as (
    {{ products_by_source() }}
),

completed as (
    select
        reviews.*,
        products.product_id
    from reviews
    left join products on reviews.product_source_id = products.product_source_id
)

select * from (
    {{ judged(
        'reviews',
        key=['review_source_id'],
        required=['review_source_id', 'product_source_id'],
        known_at='coalesce(reviewed_at, updated_at)',
        checks=[
            ("rating is null or not rating between 1 and 5", "rating missing or out of range"),
            ("product_id is null", "product unknown"),
        ],
        rows='completed',
        keep=['product_id'],
    ) }}
) as judged
