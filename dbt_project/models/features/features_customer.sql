with

as_of_dates as (select * from {{ ref('close_as_of_dates') }}),

order_lines as (

    select * from {{ ref('order_lines') }}
    where is_purchase and customer_id is not null

),

orders as (

    select
        customer_id,
        order_id,
        min(ordered_at) as ordered_at,
        min(order_date) as order_date,
        count(*) as count_lines,
        sum(units_bought) as units,
        cast(sum(gross_sales_cents) as bigint) as sales_cents,
        sum(retail_discount_cents + coupon_discount_cents + coupon_match_discount_cents) as discount_cents
    from order_lines
    group by customer_id, order_id

),

-- The gap between two orders of one day is null, so that sums of gaps are times between days with an order. What an order tells of all orders
-- before it reaches back as far as there is history.
spaced_orders as (

    select
        *,
        min(order_date) over (partition by customer_id) as first_order_date,
        dense_rank() over (partition by customer_id order by order_date) - 1 as count_repeats,
        nullif({{ days_between(
            'lag(order_date) over (partition by customer_id order by ordered_at, order_id)', 'order_date'
        ) }}, 0) as gap_days
    from orders

),

visits as (

    select
        as_of_dates.as_of_date,
        spaced_orders.*,
        {{ days_between('spaced_orders.order_date', 'as_of_dates.as_of_date') }} as age_days, -- noqa: LT05
        {{ days_between('spaced_orders.first_order_date', 'as_of_dates.as_of_date') }} as age_of_first_days -- noqa: LT05
    from spaced_orders
    inner join as_of_dates
        on
            spaced_orders.order_date < as_of_dates.as_of_date
            and spaced_orders.order_date >= as_of_dates.history_from_date

),

summed as (

    select
        as_of_date,
        customer_id,
        min(age_days) as days_since_last_order,
        max(age_of_first_days) as days_since_first_order,
        max(count_repeats) as count_repeats,
        {% for days in [7, 14, 30, 60, 90, 120, 150, 180, 365] %}
        {{ count_within('age_days', days) }} as count_orders_{{ days }}d,
        {% endfor %}
        {% for tau in [30, 90, 180] %}
        {{ decayed_count('age_days', tau) }} as decayed_orders_{{ tau }}d,
        {% endfor %}
        count(gap_days) as count_gaps,
        sum(gap_days) as sum_gaps,
        sum(gap_days * gap_days) as sum_squared_gaps,
        max(gap_days) as longest_interval_days,
        count(distinct case when age_days <= 84 then floor((age_days - 1) / 7e0) end) as count_weeks_84d,
        {% for days in [7, 14, 30, 60, 90, 120, 150, 180, 365] %}
        {{ sum_within('sales_cents', 'age_days', days) }} as sales_cents_{{ days }}d,
        {% endfor %}
        sum(sales_cents) as sum_sales_cents,
        -- A square of cents is soon beyond a bigint, where a currency has small units.
        sum(cast(sales_cents as decimal(19, 0)) * cast(sales_cents as decimal(19, 0))) as sum_squared_sales_cents,
        count(*) as count_orders,
        max(sales_cents) as largest_order_cents,
        {% for days in [30, 90] %}
        {{ sum_within('count_lines', 'age_days', days) }} as count_lines_{{ days }}d,
        {% endfor %}
        {{ sum_within('units', 'age_days', 90) }} as units_90d,
        {{ sum_within('discount_cents', 'age_days', 90) }} as discount_cents_90d
    from visits
    group by as_of_date, customer_id

),

first_days as (

    select min(order_date) as first_date
    from orders

),

variety as (

    select
        as_of_dates.as_of_date,
        order_lines.customer_id,
        count(distinct order_lines.product_id) as count_products_90d,
        count(distinct order_lines.store_id) as count_stores_90d
    from order_lines
    inner join as_of_dates
        on
            order_lines.order_date < as_of_dates.as_of_date
            and order_lines.order_date >= as_of_dates.active_from_date
    group by as_of_dates.as_of_date, order_lines.customer_id

)

select
    summed.as_of_date,
    summed.customer_id,
    cast(summed.days_since_last_order as integer) as days_since_last_order,
    cast(summed.days_since_first_order as integer) as days_since_first_order,
    {% for days in [7, 14, 30, 60, 90, 180, 365] %}
    summed.count_orders_{{ days }}d,
    {% endfor %}
    {% for tau in [30, 90, 180] %}
    summed.decayed_orders_{{ tau }}d,
    {% endfor %}
    {{ ratio('summed.sum_gaps', 'summed.count_gaps') }} as mean_interval_days,
    {{ deviation('summed.count_gaps', 'summed.sum_gaps', 'summed.sum_squared_gaps') }} as sd_interval_days,
    cast(summed.longest_interval_days as integer) as longest_interval_days,
    cast(summed.count_repeats as integer) as count_repeats,
    cast(summed.days_since_first_order - summed.days_since_last_order as integer) as days_first_to_last_order,
    {{ ratio('summed.days_since_last_order * summed.count_gaps', 'summed.sum_gaps') }} as days_since_last_order_ratio,
    cast(summed.count_weeks_84d as integer) as count_weeks_84d,
    {% for days in [7, 14, 30, 60, 90, 180, 365] %}
    summed.sales_cents_{{ days }}d,
    {% endfor %}
    {% for month in range(2, 7) %}
    summed.count_orders_{{ 30 * month }}d - summed.count_orders_{{ 30 * month - 30 }}d as count_orders_month_{{ month }},
    summed.sales_cents_{{ 30 * month }}d - summed.sales_cents_{{ 30 * month - 30 }}d as sales_cents_month_{{ month }},
    {% endfor %}
    summed.count_lines_30d,
    summed.count_lines_90d,
    {{ ratio('summed.count_lines_90d', 'summed.count_orders_90d') }} as mean_lines_90d,
    {{ ratio('summed.units_90d', 'summed.count_orders_90d') }} as mean_units_90d,
    {{ ratio('summed.sales_cents_90d', 'summed.count_orders_90d') }} as mean_order_cents_90d,
    {{ ratio('summed.discount_cents_90d', 'summed.sales_cents_90d + summed.discount_cents_90d') }} as discount_share_90d,
    {{ deviation('summed.count_orders', 'summed.sum_sales_cents', 'summed.sum_squared_sales_cents') }} as sd_order_cents,
    summed.largest_order_cents,
    {{ ratio('3 * summed.count_orders_30d', 'summed.count_orders_90d') }} as order_trend,
    {{ ratio('3 * summed.sales_cents_30d', 'summed.sales_cents_90d') }} as sales_trend,
    cast(variety.count_products_90d as integer) as count_products_90d,
    cast(variety.count_stores_90d as integer) as count_stores_90d,
    cast(least(
        {{ history_days() }}, {{ days_between('first_days.first_date', 'summed.as_of_date') }}
    ) as integer) as history_days,
    case when as_of_dates.has_pairs then cast(ceil(row_number() over (
        partition by summed.as_of_date
        order by summed.customer_id
    ) / {{ var('batch_customers', 2500) }}e0) as integer) end as batch_number
from summed
cross join first_days
inner join as_of_dates
    on summed.as_of_date = as_of_dates.as_of_date
inner join variety
    on
        summed.as_of_date = variety.as_of_date
        and summed.customer_id = variety.customer_id
