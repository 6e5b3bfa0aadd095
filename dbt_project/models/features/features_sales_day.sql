-- What is known on as_of_date of each day to come, of each category and, at cut-offs, of each product that sells regularly.
{% set windows = [7, 14, 28, 56, 91, 182] %}

with

as_of_dates as (select * from {{ ref('close_as_of_dates') }}),

series as (

    select * from {{ ref('sales_series') }}
    where level in ('category', 'product')

),

first_days as (

    select min(sale_date) as first_date
    from series

),

-- Thirteen months, so that the same days a year ago are among them.
aged as (

    select
        as_of_dates.as_of_date,
        series.level,
        series.key,
        series.category,
        series.demand_milliunits,
        {{ days_between('series.sale_date', 'as_of_dates.as_of_date') }} as age_days
    from series
    inner join as_of_dates
        on
            series.sale_date < as_of_dates.as_of_date
            and series.sale_date >= as_of_dates.as_of_date - interval 400 day
            and (series.level = 'category' or as_of_dates.is_cut_off)

),

summed as (

    select
        as_of_date,
        level,
        key,
        min(category) as category,
        {% for days in windows %}
        {{ sum_within('demand_milliunits', 'age_days', days) }} as demand_{{ days }}d,
        {% endfor %}
        {{ count_within('age_days', 90) }} as count_sale_days_90d,
        {{ count_within('age_days', 28) }} as count_sale_days_28d,
        cast(coalesce(max(case when age_days <= 56 then demand_milliunits end), 0) as bigint) as most_demand_a_day_56d
    from aged
    group by as_of_date, level, key

),

-- Categories that sold lately, and products that sell on a third of the days.
kept as (

    select *
    from summed
    where
        count_sale_days_90d > 0
        and (level = 'category' or count_sale_days_90d >= {{ regular_sale_days() }})

),

trends as (

    select
        as_of_date,
        sum(demand_7d) as demand_7d,
        sum(demand_28d) as demand_28d,
        sum(demand_56d) as demand_56d
    from summed
    where level = 'category'
    group by as_of_date

),

-- Slot 0 is the weekday of as_of_date.
weekdays as (

    select
        as_of_date,
        level,
        key,
        mod(7 - mod(age_days, 7), 7) as slot,
        {{ sum_within('demand_milliunits', 'age_days', 7) }} as demand_1w,
        {{ sum_within('demand_milliunits', 'age_days', 28) }} as demand_4w,
        {{ sum_within('demand_milliunits', 'age_days', 56) }} as demand_8w
    from aged
    where age_days <= 56
    group by as_of_date, level, key, mod(7 - mod(age_days, 7), 7)

),

horizon as (

    {% for day in range(horizon_days() | int) %}
    select {{ day }} as days_ahead
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- A day on which the shop was closed says nothing of its weekday: how many of the last 4 and 8 were so.
weeks as (

    {% for week in range(8) %}
    select {{ week }} as weeks_ago
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

closed_weekdays as (

    select
        as_of_date,
        slot,
        cast(count(case when is_closed and weeks_ago < 4 then 1 end) as integer) as closed_4w,
        cast(count(case when is_closed then 1 end) as integer) as closed_8w
    from (
        select
            as_of_dates.as_of_date,
            horizon.days_ahead as slot,
            weeks.weeks_ago,
            {{ is_closed('as_of_dates.as_of_date + (horizon.days_ahead - 7 - 7 * weeks.weeks_ago) * interval 1 day') }} as is_closed
        from as_of_dates
        cross join horizon
        cross join weeks
        where horizon.days_ahead < 7
    ) as past
    group by as_of_date, slot

),

-- The public holidays of the shop's country.
holidays as (

    select cast(null as date) as holiday_date
    {% for day in var('holidays', []) %}
    union all
    select date '{{ day }}'
    {% endfor %}

),

-- Days to the next and since the last holiday, where one lies within a week.
calendar as (

    select
        as_of_date,
        days_ahead,
        cast(min(case when days_after <= 0 then -days_after end) as integer) as days_to_holiday,
        cast(min(case when days_after >= 0 then days_after end) as integer) as days_since_holiday
    from (
        select
            as_of_dates.as_of_date,
            horizon.days_ahead,
            {{ days_between('holidays.holiday_date', 'as_of_dates.as_of_date') }} + horizon.days_ahead as days_after -- noqa: LT05
        from as_of_dates
        cross join horizon
        inner join holidays
            on
                holidays.holiday_date >= as_of_dates.as_of_date - interval 7 day
                and holidays.holiday_date < as_of_dates.as_of_date + interval {{ horizon_days() | int + 7 }} day
    ) as near
    where days_after between -7 and 7
    group by as_of_date, days_ahead

),

-- The promotions of products, those of the last eight weeks and those to come that have begun or whose plan is declared to be known.
promotions as (

    select
        kept.as_of_date,
        kept.level,
        kept.key,
        promotions.count_stores,
        coalesce(promotions.count_stores_displayed, 0) as count_stores_displayed,
        coalesce(promotions.count_stores_mailed, 0) as count_stores_mailed,
        cast(round(1000 * coalesce(promotions.discount_share, 0)) as integer) as discount_milli,
        {{ days_between('promotions.week_start_date', 'kept.as_of_date') }} as oldest_age,
        {{ days_between('promotions.week_end_date', 'kept.as_of_date') }} as newest_age
    from kept
    inner join {{ ref('promotions') }} as promotions
        on
            kept.key = promotions.product_id
            and promotions.week_start_date < kept.as_of_date + interval {{ var('planned_days', 0) }} day
            and promotions.week_end_date >= kept.as_of_date - interval 56 day
    where kept.level = 'product'

),

promoted as (

    select
        promotions.as_of_date,
        promotions.level,
        promotions.key,
        horizon.days_ahead,
        sum(promotions.count_stores) as count_stores,
        sum(promotions.count_stores_displayed) as count_stores_displayed,
        sum(promotions.count_stores_mailed) as count_stores_mailed,
        max(promotions.discount_milli) as discount_milli
    from promotions
    inner join horizon
        on horizon.days_ahead between -promotions.oldest_age and -promotions.newest_age
    group by promotions.as_of_date, promotions.level, promotions.key, horizon.days_ahead

),

promoted_before as (

    select
        as_of_date,
        level,
        key,
        sum(count_days * count_stores) as store_days,
        sum(count_days * count_stores_displayed) as store_days_displayed,
        sum(count_days * count_stores_mailed) as store_days_mailed,
        sum(count_days * discount_milli) as discount_milli_days
    from (
        select
            promotions.*,
            {{ days_within('promotions.oldest_age', 'promotions.newest_age', 1, 56) }} as count_days
        from promotions
    ) as lasting
    group by as_of_date, level, key

),

-- 52 weeks ago: the week around the same day, and the 28 days before that year's as_of_date.
year_ago as (

    select
        aged.as_of_date,
        aged.level,
        aged.key,
        horizon.days_ahead,
        sum(aged.demand_milliunits) as demand_7d
    from aged
    inner join horizon
        on aged.age_days between {{ year_days() }} - horizon.days_ahead - 3 and {{ year_days() }} - horizon.days_ahead + 3
    where aged.age_days >= 331
    group by aged.as_of_date, aged.level, aged.key, horizon.days_ahead

),

before_year_ago as (

    select
        as_of_date,
        level,
        key,
        sum(demand_milliunits) as demand_28d
    from aged
    where age_days between 365 and 392
    group by as_of_date, level, key

)

select
    kept.as_of_date,
    kept.level,
    kept.key,
    kept.category,
    cast(kept.as_of_date + horizon.days_ahead * interval 1 day as date) as sale_date,
    {{ is_closed('kept.as_of_date + horizon.days_ahead * interval 1 day') }} as is_closed,
    cast(horizon.days_ahead + 1 as integer) as horizon_day,
    cast(mod({{ weekday("kept.as_of_date") }} + horizon.days_ahead, 7) as integer) as weekday,
    calendar.days_to_holiday,
    calendar.days_since_holiday,
    cast(extract(day from kept.as_of_date + horizon.days_ahead * interval 1 day) as integer) as day_of_month,
    cast(least(400, {{ days_between('first_days.first_date', 'kept.as_of_date') }}) as integer) as history_days,
    {% for days in windows %}
    kept.demand_{{ days }}d,
    {% endfor %}
    kept.count_sale_days_28d,
    kept.count_sale_days_90d,
    kept.most_demand_a_day_56d,
    coalesce(weekdays.demand_1w, 0) as weekday_demand_1w,
    coalesce(weekdays.demand_4w, 0) as weekday_demand_4w,
    coalesce(weekdays.demand_8w, 0) as weekday_demand_8w,
    closed_weekdays.closed_4w as weekday_closed_4w,
    closed_weekdays.closed_8w as weekday_closed_8w,
    {{ ratio('4 * trends.demand_7d', 'trends.demand_28d') }} as total_trend_7d,
    {{ ratio('2 * trends.demand_28d', 'trends.demand_56d') }} as total_trend_28d,
    {{ ratio('4 * year_ago.demand_7d', 'before_year_ago.demand_28d') }} as year_ago_ratio,
    cast(coalesce(promoted.count_stores, 0) as bigint) as promoted_stores,
    cast(coalesce(promoted.count_stores_displayed, 0) as bigint) as displayed_stores,
    cast(coalesce(promoted.count_stores_mailed, 0) as bigint) as mailed_stores,
    cast(coalesce(promoted.discount_milli, 0) as bigint) as discount_milli,
    cast(coalesce(promoted_before.store_days, 0) as bigint) as promoted_stores_56d,
    cast(coalesce(promoted_before.store_days_displayed, 0) as bigint) as displayed_stores_56d,
    cast(coalesce(promoted_before.store_days_mailed, 0) as bigint) as mailed_stores_56d,
    cast(coalesce(promoted_before.discount_milli_days, 0) as bigint) as discount_milli_56d
from kept
cross join horizon
cross join first_days
inner join trends
    on kept.as_of_date = trends.as_of_date
inner join closed_weekdays
    on
        kept.as_of_date = closed_weekdays.as_of_date
        and mod(horizon.days_ahead, 7) = closed_weekdays.slot
left join calendar
    on
        kept.as_of_date = calendar.as_of_date
        and horizon.days_ahead = calendar.days_ahead
left join weekdays
    on
        kept.as_of_date = weekdays.as_of_date
        and kept.level = weekdays.level
        and kept.key = weekdays.key
        and mod(horizon.days_ahead, 7) = weekdays.slot
left join year_ago
    on
        kept.as_of_date = year_ago.as_of_date
        and kept.level = year_ago.level
        and kept.key = year_ago.key
        and horizon.days_ahead = year_ago.days_ahead
left join before_year_ago
    on
        kept.as_of_date = before_year_ago.as_of_date
        and kept.level = before_year_ago.level
        and kept.key = before_year_ago.key
left join promoted
    on
        kept.as_of_date = promoted.as_of_date
        and kept.level = promoted.level
        and kept.key = promoted.key
        and horizon.days_ahead = promoted.days_ahead
left join promoted_before
    on
        kept.as_of_date = promoted_before.as_of_date
        and kept.level = promoted_before.level
        and kept.key = promoted_before.key
