-- What a product is offered at, how it is seen and rated, and its season. Where a shop has no such source, the columns are empty.
with

as_of_dates as (select * from {{ ref('as_of_dates') }}),

products as (

    select
        features_product.as_of_date,
        features_product.product_id,
        features_product.product_group,
        features_product.mean_price_cents_90d
    from {{ ref('features_product') }} as features_product

),

sales as (select * from {{ ref('daily_product_sales') }}),

interactions as (select * from {{ ref('product_interactions') }}),

reviews as (select * from {{ ref('reviews') }}),

prices as (select * from {{ ref('product_prices') }}),

promotions as (select * from {{ ref('promotions') }}),

competitor_prices as (select * from {{ ref('competitor_prices') }}),

stock_levels as (select * from {{ ref('stock_levels') }}),

seen as (

    select
        as_of_date,
        product_id,
        {% for days in [7, 30] %}
        {{ sum_within('count_views', 'age_days', days) }} as count_views_{{ days }}d,
        {% endfor %}
        {{ sum_within('count_carts', 'age_days', 30) }} as count_carts_30d,
        {{ sum_within('count_searches', 'age_days', 30) }} as count_searches_30d
    from (
        select
            as_of_dates.as_of_date,
            interactions.*,
            {{ days_between('interactions.interaction_date', 'as_of_dates.as_of_date') }} as age_days -- noqa: LT05
        from interactions
        inner join as_of_dates
            on
                interactions.interaction_date < as_of_dates.as_of_date
                and interactions.interaction_date >= as_of_dates.active_from_date
    ) as aged
    group by as_of_date, product_id

),

rated as (

    select
        as_of_dates.as_of_date,
        reviews.product_id,
        count(*) as count_reviews,
        count(case when reviews.review_date >= as_of_dates.active_from_date then 1 end) as count_reviews_90d,
        sum(reviews.rating) as sum_ratings
    from reviews
    inner join as_of_dates
        on reviews.review_date < as_of_dates.as_of_date
    group by as_of_dates.as_of_date, reviews.product_id

),

-- The price of the last day that is known; a change on as_of_date itself is not known yet.
priced as (

    select
        as_of_dates.as_of_date,
        prices.product_id,
        prices.price_cents,
        prices.discount_share,
        {{ days_between('prices.valid_from_date', 'as_of_dates.as_of_date') }} as days_at_price -- noqa: LT05
    from prices
    inner join as_of_dates
        on
            prices.valid_from_date < as_of_dates.as_of_date
            and prices.valid_to_date >= as_of_dates.as_of_date

),

promoted as (

    select
        as_of_dates.as_of_date,
        promotions.product_id,
        min({{ days_between('promotions.week_start_date', 'as_of_dates.as_of_date') }}) as days_since_promotion_began,
        max(
            case when promotions.week_end_date >= as_of_dates.as_of_date then promotions.count_stores_displayed end
        ) as count_stores_displaying,
        max(
            case when promotions.week_end_date >= as_of_dates.as_of_date then promotions.count_stores_mailed end
        ) as count_stores_mailing,
        count(*) as count_promotion_weeks_90d
    from promotions
    inner join as_of_dates
        on
            promotions.week_start_date < as_of_dates.as_of_date
            and promotions.week_start_date >= as_of_dates.active_from_date
    group by as_of_dates.as_of_date, promotions.product_id

),

competing as (

    select
        as_of_dates.as_of_date,
        competitor_prices.product_id,
        min(competitor_prices.price_cents) as cheapest_cents,
        count(*) as count_competitors
    from competitor_prices
    inner join as_of_dates
        on
            {{ local_date('competitor_prices.known_at') }} < as_of_dates.as_of_date
            and {{ local_date('competitor_prices.valid_to_at') }} >= as_of_dates.as_of_date
    group by as_of_dates.as_of_date, competitor_prices.product_id

),

stocked as (

    select
        as_of_dates.as_of_date,
        stock_levels.product_id,
        max_by(stock_levels.units_on_hand, stock_levels.stock_date) as units_on_hand,
        max_by(stock_levels.is_out_of_stock, stock_levels.stock_date) as is_out_of_stock,
        count(case when stock_levels.is_out_of_stock then 1 end) as count_days_out_of_stock_30d
    from stock_levels
    inner join as_of_dates
        on
            stock_levels.stock_date < as_of_dates.as_of_date
            and stock_levels.stock_date >= {{ days_before('as_of_dates.as_of_date', 30) }}
    group by as_of_dates.as_of_date, stock_levels.product_id

),

-- A year ago, the 30 days that are to come: known only where the shop sold already a year ago.
seasons as (

    select
        as_of_dates.as_of_date,
        products.product_group,
        sum(sales.units) as units_365d,
        sum(case when sales.sale_date < {{ days_before('as_of_dates.as_of_date', 335) }} then sales.units else 0 end) as units_then
    from sales
    inner join as_of_dates
        on
            sales.sale_date < as_of_dates.as_of_date
            and sales.sale_date >= as_of_dates.history_from_date
    inner join products
        on
            as_of_dates.as_of_date = products.as_of_date
            and sales.product_id = products.product_id
    where as_of_dates.history_from_date >= (select min(first_sales.sale_date) from sales as first_sales)
    group by as_of_dates.as_of_date, products.product_group

)

select
    products.as_of_date,
    products.product_id,
    seen.count_views_7d,
    seen.count_views_30d,
    seen.count_carts_30d,
    seen.count_searches_30d,
    {{ ratio('30 * seen.count_views_7d', '7 * seen.count_views_30d') }} as view_trend,
    {{ ratio('seen.count_carts_30d', 'seen.count_views_30d') }} as carts_a_view,
    cast(rated.count_reviews as integer) as count_reviews,
    cast(rated.count_reviews_90d as integer) as count_reviews_90d,
    {{ ratio('rated.sum_ratings', 'rated.count_reviews') }} as mean_rating,
    priced.price_cents,
    cast(priced.discount_share as float) as discount_share,
    cast(priced.days_at_price as integer) as days_at_price,
    {{ ratio('priced.price_cents', 'products.mean_price_cents_90d') }} as price_against_90d,
    cast(promoted.days_since_promotion_began as integer) as days_since_promotion_began,
    cast(promoted.count_stores_displaying as integer) as count_stores_displaying,
    cast(promoted.count_stores_mailing as integer) as count_stores_mailing,
    cast(promoted.count_promotion_weeks_90d as integer) as count_promotion_weeks_90d,
    cast(competing.count_competitors as integer) as count_competitors,
    {{ ratio('priced.price_cents', 'competing.cheapest_cents') }} as price_against_competitors,
    stocked.units_on_hand,
    stocked.is_out_of_stock,
    cast(stocked.count_days_out_of_stock_30d as integer) as count_days_out_of_stock_30d,
    {{ ratio('365 * seasons.units_then', '30 * seasons.units_365d') }} as season_index
from products
left join seen
    on
        products.as_of_date = seen.as_of_date
        and products.product_id = seen.product_id
left join rated
    on
        products.as_of_date = rated.as_of_date
        and products.product_id = rated.product_id
left join priced
    on
        products.as_of_date = priced.as_of_date
        and products.product_id = priced.product_id
left join promoted
    on
        products.as_of_date = promoted.as_of_date
        and products.product_id = promoted.product_id
left join competing
    on
        products.as_of_date = competing.as_of_date
        and products.product_id = competing.product_id
left join stocked
    on
        products.as_of_date = stocked.as_of_date
        and products.product_id = stocked.product_id
left join seasons
    on
        products.as_of_date = seasons.as_of_date
        and products.product_group = seasons.product_group
