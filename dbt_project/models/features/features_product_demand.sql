with

as_of_dates as (select * from {{ ref('as_of_dates') }}),

demand_days as (select * from {{ ref('demand_days') }}),

products as (select * from {{ ref('products') }}),

aged as (

    select
        as_of_dates.as_of_date,
        demand_days.product_id,
        demand_days.demand_milliunits,
        demand_days.is_out_of_stock,
        {{ days_between('demand_days.sale_date', 'as_of_dates.as_of_date') }} as age_days
    from demand_days
    inner join as_of_dates
        on
            demand_days.sale_date < as_of_dates.as_of_date
            and demand_days.sale_date >= as_of_dates.history_from_date

),

summed as (

    select
        as_of_date,
        product_id,
        {% for days in [7, 14, 30, 60, 90] %}
        {{ sum_within('demand_milliunits', 'age_days', days) }} as demand_{{ days }}d,
        {% endfor %}
        cast(count(case when is_out_of_stock and age_days <= 30 then 1 end) as integer) as days_out_of_stock_30d
    from aged
    group by as_of_date, product_id

),

promotions as (

    select
        product_id,
        week_start_date,
        week_end_date,
        count_stores,
        coalesce(count_stores_mailed, 0) as count_stores_mailed,
        coalesce(discount_share, 0) as discount_share
    from {{ ref('promotions') }}

),

-- Of the days to come, those of promotions that have begun or whose plan is declared to be known.
promoted as (

    select
        as_of_date,
        {% for name, from_day, to_day in [('last', 1, 30), ('next', -29, 0)] %}
        {% set days = days_within('oldest_age', 'newest_age', from_day, to_day) %}
        sum({{ days }} * count_stores) as promoted_store_days_{{ name }}_30d,
        sum({{ days }} * count_stores_mailed) as mailed_store_days_{{ name }}_30d,
        sum(cast(round(1000 * {{ days }} * discount_share) as bigint)) as discount_milli_days_{{ name }}_30d,
        {% endfor %}
        product_id
    from (
        select
            as_of_dates.as_of_date,
            promotions.*,
            {{ days_between('promotions.week_start_date', 'as_of_dates.as_of_date') }} as oldest_age, -- noqa: LT05
            {{ days_between('promotions.week_end_date', 'as_of_dates.as_of_date') }} as newest_age -- noqa: LT05
        from promotions
        inner join as_of_dates
            on
                promotions.week_start_date < as_of_dates.as_of_date + interval {{ var('planned_days', 0) }} day
                and promotions.week_end_date >= as_of_dates.as_of_date - interval 30 day
    ) as aged_promotions
    group by as_of_date, product_id

),

-- What was known of a brand's mood before the date, each day as it was read last.
moods as (

    select
        as_of_dates.as_of_date,
        brand_sentiment.brand,
        {{ ratio('sum(cast(round(1e6 * brand_sentiment.sentiment) as bigint))', '1e6 * count(*)') }} as sentiment
    from {{ ref('brand_sentiment') }} as brand_sentiment
    inner join as_of_dates
        on
            brand_sentiment.sentiment_date < as_of_dates.as_of_date
            and brand_sentiment.sentiment_date >= as_of_dates.as_of_date - interval 28 day
            and {{ local_date('brand_sentiment.known_at') }} < as_of_dates.as_of_date
            and {{ local_date('brand_sentiment.valid_to_at') }} >= as_of_dates.as_of_date
    group by as_of_dates.as_of_date, brand_sentiment.brand

)

select
    summed.as_of_date,
    summed.product_id,
    {{ category_key('products.department', 'products.category') }} as category_key,
    {% for days in [7, 14, 30, 60, 90] %}
    summed.demand_{{ days }}d,
    {% endfor %}
    summed.days_out_of_stock_30d,
    {% for name in ['last', 'next'] %}
    cast(coalesce(promoted.promoted_store_days_{{ name }}_30d, 0) as bigint) as promoted_store_days_{{ name }}_30d,
    cast(coalesce(promoted.mailed_store_days_{{ name }}_30d, 0) as bigint) as mailed_store_days_{{ name }}_30d,
    cast(coalesce(promoted.discount_milli_days_{{ name }}_30d, 0) as bigint) as discount_milli_days_{{ name }}_30d,
    {% endfor %}
    moods.sentiment as brand_sentiment_28d
from summed
inner join products
    on summed.product_id = products.product_id
left join promoted
    on
        summed.as_of_date = promoted.as_of_date
        and summed.product_id = promoted.product_id
left join moods
    on
        summed.as_of_date = moods.as_of_date
        and products.brand = moods.brand
