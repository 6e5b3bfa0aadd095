with sold as (
    select
        product_id,
        min(order_date) as first_sold_date,
        max(order_date) as last_sold_date
    from {{ ref('order_lines') }}
    where units_bought > 0
    group by 1
),

rated as (
    select
        product_id,
        count(*) as count_reviews,
        sum(rating) as rating_sum
    from {{ ref('conformed__reviews') }}
    group by 1
)

select
    products.product_id,
    -- Where the source names no products: what it is, and in which size, is the best name there is.
    coalesce(
        products.product_name,
        {{ sentence_case("coalesce(products.product_type, products.category, products.department)") }} || coalesce(', ' || lower(products.package_size), ''),
        'Unknown product ' || products.product_id
    ) as product_name,
    products.brand,
    products.manufacturer_id,
    products.department,
    products.category,
    products.product_type,
    products.package_size,
    products.supplier,
    products.gtin,
    {{ in_shop_currency('products.list_price_cents', 'rates.rate') }} as list_price_cents,
    products.weight_g,
    products.length_mm,
    products.width_mm,
    products.height_mm,
    products.description,
    products.launched_date,
    products.discontinued_date,
    products.is_merchandise,
    products.is_in_catalogue,
    sold.first_sold_date,
    sold.last_sold_date,
    coalesce(rated.count_reviews, 0) as count_reviews,
    cast(rated.rating_sum as double) / rated.count_reviews as mean_rating
from {{ ref('conformed__products') }} as products
left join sold on products.product_id = sold.product_id
left join rated on products.product_id = rated.product_id
left join {{ ref('conformed__exchange_rates') }} as rates
    on {{ currency_of('products.currency') }} = rates.currency and rates.valid_to_date = date '9999-12-31'
