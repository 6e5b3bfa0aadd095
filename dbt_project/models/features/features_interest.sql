-- Who had been seen doing it only later is nobody yet: a visit counts for a customer from the day on which it was known whose it was.
with

as_of_dates as (select * from {{ ref('as_of_dates') }}),

interactions as (

    select
        *,
        {{ local_date('customer_known_at') }} as customer_known_date
    from {{ ref('product_interactions') }}
    where customer_id is not null

),

reviews as (

    select * from {{ ref('reviews') }}
    where customer_id is not null

),

aged_interactions as (

    select
        as_of_dates.as_of_date,
        interactions.*,
        {{ days_between('interactions.interaction_date', 'as_of_dates.as_of_date') }} as age_days -- noqa: LT05
    from interactions
    inner join as_of_dates
        on
            interactions.interaction_date < as_of_dates.as_of_date
            and interactions.interaction_date >= as_of_dates.active_from_date
            and interactions.customer_known_date < as_of_dates.as_of_date

),

-- What was looked at since the last order may be wanted still; what was passed over in later orders less and less.
orders as (

    select distinct
        as_of_dates.as_of_date,
        order_lines.customer_id,
        order_lines.order_id,
        {{ days_between('order_lines.order_date', 'as_of_dates.as_of_date') }} as age_days -- noqa: LT05
    from {{ ref('order_lines') }} as order_lines
    inner join as_of_dates
        on
            order_lines.order_date < as_of_dates.as_of_date
            and order_lines.order_date >= as_of_dates.active_from_date
    where order_lines.is_purchase

),

-- Age of the customer's last order beside that of each interaction.
placed_interactions as (

    select
        aged_interactions.*,
        last_orders.age_days as order_age_days
    from aged_interactions
    left join (
        select
            as_of_date,
            customer_id,
            min(age_days) as age_days
        from orders
        group by as_of_date, customer_id
    ) as last_orders
        on
            aged_interactions.as_of_date = last_orders.as_of_date
            and aged_interactions.customer_id = last_orders.customer_id

),

looked_at as (

    select
        as_of_date,
        customer_id,
        product_id,
        min(case when count_views + count_list_clicks > 0 then age_days end) as days_since_viewed,
        min(case when count_carts > 0 then age_days end) as days_since_carted,
        {% for days in [7, 30, 90] %}
        {{ sum_within('count_views', 'age_days', days) }} as count_views_{{ days }}d,
        {% endfor %}
        {{ sum_within('count_carts', 'age_days', 30) }} as count_carts_30d,
        {{ sum_within('count_list_clicks + count_promotion_clicks', 'age_days', 30) }} as count_clicks_30d,
        {{ sum_within('count_searches', 'age_days', 30) }} as count_searches_30d,
        {{ count_within('age_days', 90) }} as count_days_90d,
        cast(count(case when age_days < order_age_days then 1 end) as integer) as count_days_since_order,
        cast(coalesce(sum(case when age_days = order_age_days then count_views end), 0) as bigint) as count_views_on_order_day
    from placed_interactions
    group by as_of_date, customer_id, product_id

),

passed_over as (

    select
        looked_at.as_of_date,
        looked_at.customer_id,
        looked_at.product_id,
        cast(count(orders.order_id) as integer) as orders_since_viewed
    from looked_at
    left join orders
        on
            looked_at.as_of_date = orders.as_of_date
            and looked_at.customer_id = orders.customer_id
            and looked_at.days_since_viewed > orders.age_days
    where looked_at.days_since_viewed is not null
    group by looked_at.as_of_date, looked_at.customer_id, looked_at.product_id

),

rated as (

    select
        as_of_dates.as_of_date,
        reviews.customer_id,
        reviews.product_id,
        -- Of two reviews of one day the better one counts: always the same one of them.
        max_by(
            reviews.rating,
            10 * {{ days_between('as_of_dates.history_from_date', 'reviews.review_date') }} + reviews.rating -- noqa: LT05
        ) as rating
    from reviews
    inner join as_of_dates
        on
            reviews.review_date < as_of_dates.as_of_date
            and reviews.review_date >= as_of_dates.history_from_date
    group by as_of_dates.as_of_date, reviews.customer_id, reviews.product_id

)

select
    coalesce(looked_at.as_of_date, rated.as_of_date) as as_of_date,
    coalesce(looked_at.customer_id, rated.customer_id) as customer_id,
    coalesce(looked_at.product_id, rated.product_id) as product_id,
    cast(looked_at.days_since_viewed as integer) as days_since_viewed,
    cast(looked_at.days_since_carted as integer) as days_since_carted,
    passed_over.orders_since_viewed,
    {% for days in [7, 30, 90] %}
    coalesce(looked_at.count_views_{{ days }}d, 0) as count_views_{{ days }}d,
    {% endfor %}
    coalesce(looked_at.count_carts_30d, 0) as count_carts_30d,
    coalesce(looked_at.count_clicks_30d, 0) as count_clicks_30d,
    coalesce(looked_at.count_searches_30d, 0) as count_searches_30d,
    coalesce(looked_at.count_days_90d, 0) as count_days_90d,
    coalesce(looked_at.count_days_since_order, 0) as count_days_since_order,
    coalesce(looked_at.count_views_on_order_day, 0) as count_views_on_order_day,
    cast(rated.rating as integer) as rating,
    -- What was looked at last, and most, is the likeliest to be wanted still.
    cast(row_number() over (
        partition by coalesce(looked_at.as_of_date, rated.as_of_date), coalesce(looked_at.customer_id, rated.customer_id)
        order by
            coalesce(looked_at.count_carts_30d, 0) desc,
            coalesce(looked_at.days_since_viewed, 9999) asc,
            coalesce(looked_at.count_views_90d, 0) desc,
            coalesce(looked_at.product_id, rated.product_id) asc
    ) as integer) as interest_rank
from looked_at
full join rated
    on
        looked_at.as_of_date = rated.as_of_date
        and looked_at.customer_id = rated.customer_id
        and looked_at.product_id = rated.product_id
left join passed_over
    on
        looked_at.as_of_date = passed_over.as_of_date
        and looked_at.customer_id = passed_over.customer_id
        and looked_at.product_id = passed_over.product_id
