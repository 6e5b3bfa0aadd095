-- How much of a category a customer may still have at home: what was bought on the last two days, used up as fast as by most who came back for more.
{% set most_units = 2 %} -- nobody is taken to keep more: who buys more uses more
{% set least_intervals = 20 %}

with

as_of_dates as (

    select * from {{ ref('as_of_dates') }}
    where recency_rank <= {{ var('pair_dates', 6) }}

),

customers as (select * from {{ ref('features_customer') }}),

order_lines as (

    select * from {{ ref('order_lines') }}
    where is_purchase and customer_id is not null

),

products as (

    select
        product_id,
        {{ own_category() }} as category
    from {{ ref('products') }}

),

purchase_days as (

    select
        order_lines.customer_id,
        products.category,
        order_lines.order_date,
        sum(order_lines.units_bought) as units
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    group by order_lines.customer_id, products.category, order_lines.order_date
    having sum(order_lines.units_bought) > 0

),

days_in_turn as (

    select
        *,
        lag(units) over in_turn as units_before,
        lag(order_date) over in_turn as date_before,
        coalesce(lead(order_date) over in_turn, date '9999-12-31') as date_after
    from purchase_days
    window in_turn as (partition by customer_id, category order by order_date)

),

spaced_days as (

    select
        *,
        {{ days_between('date_before', 'order_date') }} as interval_days -- noqa: LT05
    from days_in_turn

),

usual as (

    select
        as_of_dates.as_of_date,
        spaced_days.category,
        median(cast(spaced_days.interval_days as double) / spaced_days.units_before) as days_a_unit
    from spaced_days
    inner join as_of_dates
        on
            spaced_days.order_date < as_of_dates.as_of_date
            and spaced_days.date_before >= as_of_dates.history_from_date
    group by as_of_dates.as_of_date, spaced_days.category
    having count(*) >= {{ least_intervals }}

),

last_days as (

    select
        as_of_dates.as_of_date,
        spaced_days.*,
        {{ days_between('spaced_days.order_date', 'as_of_dates.as_of_date') }} as age_days
    from spaced_days
    inner join as_of_dates
        on
            spaced_days.order_date < as_of_dates.as_of_date
            and spaced_days.order_date >= as_of_dates.history_from_date
            and spaced_days.date_after >= as_of_dates.as_of_date

)

select
    last_days.as_of_date,
    last_days.customer_id,
    last_days.category,
    cast(usual.days_a_unit as float) as days_a_unit,
    cast(
        least(
            {{ most_units }},
            last_days.units
            + greatest(0, least({{ most_units }}, coalesce(last_days.units_before, 0)) - coalesce(last_days.interval_days, 0) / usual.days_a_unit)
        ) - last_days.age_days / usual.days_a_unit
        as float
    ) as units_left
from last_days
inner join customers
    on
        last_days.as_of_date = customers.as_of_date
        and last_days.customer_id = customers.customer_id
inner join usual
    on
        last_days.as_of_date = usual.as_of_date
        and last_days.category = usual.category
