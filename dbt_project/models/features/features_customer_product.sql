-- First stage: which pairs to look at at all. Second stage: what is known about each of them.
{% set history_columns = [
    'days_since_last', 'days_since_first', 'orders_since_last', 'count_orders_7d', 'count_orders_14d', 'count_orders_30d',
    'count_orders_60d', 'count_orders_90d', 'count_orders_180d', 'count_orders_365d', 'decayed_orders_30d', 'decayed_orders_90d',
    'decayed_orders_180d', 'count_last_5_orders', 'count_last_10_orders', 'count_last_20_orders', 'count_gaps', 'sum_gaps',
    'sum_squared_gaps', 'mean_units', 'discounted_share'
] %}

{% set interest_counts = [
    'count_views_7d', 'count_views_30d', 'count_views_90d', 'count_carts_30d', 'count_clicks_30d', 'count_searches_30d', 'count_days_90d',
    'count_days_since_order', 'count_views_on_order_day'
] %}

{{ config(materialized='batched_table', batches='features_customer') }}

with

as_of_dates as (

    select * from {{ ref('as_of_dates') }}
    where recency_rank <= {{ var('pair_dates', 6) }}

),

customers as (

    select
        features_customer.*,
        as_of_dates.history_from_date
    from {{ ref('features_customer') }} as features_customer
    inner join as_of_dates
        on features_customer.as_of_date = as_of_dates.as_of_date
    where true {{ in_this_batch('features_customer') }}

),

products as (select * from {{ ref('features_product') }}),

-- Only what the customer has not bought is proposed by neighbours; only products that features tell of can be judged.
neighbours as (

    select found.*
    from {{ neighbours_found() }} as found
    inner join customers
        on
            found.as_of_date = customers.as_of_date
            and found.customer_id = customers.customer_id

),

{% for name, known in {'likings': 'customer_liking', 'supplies': 'customer_supply', 'interest': 'interest'}.items() %}
{{ name }} as (

    select known.*
    from {{ ref('features_' ~ known) }} as known
    inner join customers
        on
            known.as_of_date = customers.as_of_date
            and known.customer_id = customers.customer_id

),

{% endfor %}
order_lines as (

    select * from {{ ref('order_lines') }}
    where is_purchase

),

lines as (

    select
        customers.as_of_date,
        order_lines.customer_id,
        order_lines.product_id,
        order_lines.units_bought as units,
        order_lines.retail_discount_cents + order_lines.coupon_discount_cents > 0 as is_discounted,
        order_lines.order_date,
        order_lines.ordered_at,
        order_lines.order_id
    from order_lines
    inner join customers
        on
            order_lines.customer_id = customers.customer_id
            and order_lines.order_date < customers.as_of_date
            and order_lines.order_date >= customers.history_from_date

),

-- Age in days and in the customer's own orders (0 is the last one). The gap between two purchases on one day is null.
aged_lines as (

    select
        as_of_date,
        customer_id,
        product_id,
        units,
        is_discounted,
        {{ days_between('order_date', 'as_of_date') }} as age_days,
        dense_rank() over (
            partition by as_of_date, customer_id
            order by ordered_at desc, order_id desc
        ) - 1 as age_orders,
        nullif({{ days_between(
            'lag(order_date) over (partition by as_of_date, customer_id, product_id order by ordered_at, order_id)', 'order_date'
        ) }}, 0) as gap_days
    from lines

),

history as (

    select
        as_of_date,
        customer_id,
        product_id,
        min(age_days) as days_since_last,
        max(age_days) as days_since_first,
        min(age_orders) as orders_since_last,
        {% for days in [7, 14, 30, 60, 90, 180, 365] %}
        {{ count_within('age_days', days) }} as count_orders_{{ days }}d,
        {% endfor %}
        {% for tau in [30, 90, 180] %}
        {{ decayed_count('age_days', tau) }} as decayed_orders_{{ tau }}d,
        {% endfor %}
        {% for count in [5, 10, 20] %}
        {{ count_within('age_orders', count - 1) }} as count_last_{{ count }}_orders,
        {% endfor %}
        count(gap_days) as count_gaps,
        sum(gap_days) as sum_gaps,
        sum(gap_days * gap_days) as sum_squared_gaps,
        {{ ratio('sum(units)', 'count(*)') }} as mean_units,
        {{ ratio('count(case when is_discounted then 1 end)', 'count(*)') }} as discounted_share
    from aged_lines
    group by as_of_date, customer_id, product_id

),

-- What a customer buys of a category, of a product group (its product type, where it has one) and of a maker.
group_history as (

    select
        history.as_of_date,
        history.customer_id,
        products.category,
        products.product_group,
        products.maker,
        min(history.days_since_last) as days_since_last,
        sum(history.count_orders_90d) as count_lines_90d,
        sum(history.count_orders_365d) as count_lines_365d,
        count(*) as count_products_365d
    from history
    inner join products
        on
            history.as_of_date = products.as_of_date
            and history.product_id = products.product_id
    group by history.as_of_date, history.customer_id, products.category, products.product_group, products.maker

),

category_history as (

    select
        as_of_date,
        customer_id,
        category,
        min(days_since_last) as days_since_last,
        sum(count_lines_90d) as count_lines_90d
    from group_history
    group by as_of_date, customer_id, category

),

maker_history as (

    select
        as_of_date,
        customer_id,
        maker,
        sum(count_lines_365d) as count_lines_365d,
        row_number() over (
            partition by as_of_date, customer_id
            order by sum(count_lines_365d) desc, maker asc
        ) as maker_rank
    from group_history
    where maker <> 'unknown'
    group by as_of_date, customer_id, maker

),

favourite_groups as (

    select
        as_of_date,
        customer_id,
        product_group,
        row_number() over (
            partition by as_of_date, customer_id
            order by count_lines_90d desc, count_lines_365d desc, product_group asc
        ) as group_rank
    from (
        select
            as_of_date,
            customer_id,
            product_group,
            sum(count_lines_90d) as count_lines_90d,
            sum(count_lines_365d) as count_lines_365d
        from group_history
        group by as_of_date, customer_id, product_group
    ) as by_group

),

proposals as (

    {{ proposals() }}

),

proposed as (

    select
        as_of_date,
        customer_id,
        product_id,
        {% for origin in proposal_origins() %}
        max(case when origin = '{{ origin }}' then 1 else 0 end) = 1 as is_from_{{ origin }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from proposals
    group by as_of_date, customer_id, product_id

),

candidates as (

    select
        coalesce(history.as_of_date, proposed.as_of_date) as as_of_date,
        coalesce(history.customer_id, proposed.customer_id) as customer_id,
        coalesce(history.product_id, proposed.product_id) as product_id,
        history.product_id is not null as is_from_history,
        {% for origin in proposal_origins() %}
        coalesce(proposed.is_from_{{ origin }}, false) as is_from_{{ origin }},
        {% endfor %}
        {% for column in history_columns %}
        history.{{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from history
    full join proposed
        on
            history.as_of_date = proposed.as_of_date
            and history.customer_id = proposed.customer_id
            and history.product_id = proposed.product_id

),

-- A product group may stand in several categories, but a product stands in one of each.
product_group_history as (

    select
        as_of_date,
        customer_id,
        product_group,
        min(days_since_last) as days_since_last,
        sum(count_lines_90d) as count_lines_90d,
        sum(count_products_365d) as count_products_365d
    from group_history
    group by as_of_date, customer_id, product_group

)

select
    candidates.as_of_date,
    candidates.customer_id,
    candidates.product_id,
    candidates.is_from_history,
    {% for origin in proposal_origins() %}
    candidates.is_from_{{ origin }},
    {% endfor %}
    cast(candidates.days_since_last as integer) as days_since_last,
    cast(candidates.days_since_first as integer) as days_since_first,
    cast(candidates.orders_since_last as integer) as orders_since_last,
    {% for days in [7, 14, 30, 60, 90, 180, 365] %}
    coalesce(candidates.count_orders_{{ days }}d, 0) as count_orders_{{ days }}d,
    {% endfor %}
    {% for tau in [30, 90, 180] %}
    coalesce(candidates.decayed_orders_{{ tau }}d, cast(0 as float)) as decayed_orders_{{ tau }}d,
    {% endfor %}
    {% for count in [5, 10, 20] %}
    coalesce(candidates.count_last_{{ count }}_orders, 0) as count_last_{{ count }}_orders,
    {% endfor %}
    {{ ratio('coalesce(candidates.count_orders_90d, 0)', 'customers.count_orders_90d') }} as order_share_90d,
    {{ ratio('coalesce(candidates.decayed_orders_90d, 0)', 'customers.decayed_orders_90d') }} as decayed_order_share_90d,
    {{ ratio('candidates.sum_gaps', 'candidates.count_gaps') }} as mean_interval_days,
    {{ ratio('candidates.days_since_last * candidates.count_gaps', 'candidates.sum_gaps') }} as days_since_last_ratio,
    cast(
        (candidates.days_since_last - cast(candidates.sum_gaps as double) / nullif(candidates.count_gaps, 0))
        / (1e0 + {{ deviation('candidates.count_gaps', 'candidates.sum_gaps', 'candidates.sum_squared_gaps') }})
        as float
    ) as days_since_last_z_score,
    candidates.mean_units,
    candidates.discounted_share,
    {{ ratio(
        'products.count_rebuyers_365d - case when candidates.count_orders_365d > 1 then 1 else 0 end',
        'products.count_buyers_365d - case when candidates.count_orders_365d > 0 then 1 else 0 end'
    ) }} as rebuy_share_of_others,
    cast(coalesce(category_history.count_lines_90d, 0) as integer) as category_count_lines_90d,
    {{ ratio('coalesce(category_history.count_lines_90d, 0)', 'customers.count_lines_90d') }} as category_share_90d,
    cast(category_history.days_since_last as integer) as category_days_since_last,
    cast(coalesce(product_group_history.count_lines_90d, 0) as integer) as product_group_count_lines_90d,
    {{ ratio('coalesce(candidates.count_orders_90d, 0)', 'product_group_history.count_lines_90d') }} as share_of_product_group_90d,
    cast(product_group_history.days_since_last as integer) as product_group_days_since_last,
    cast(coalesce(product_group_history.count_products_365d, 0) as integer) as product_group_count_products_365d,
    cast(coalesce(maker_history.count_lines_365d, 0) as integer) as maker_count_lines_365d,
    coalesce(product_liking.count_lines, 0) as count_orders_3y,
    {{ ratio('coalesce(product_liking.count_lines, 0)', 'all_liking.count_orders') }} as order_share_3y,
    product_liking.count_others_since_first,
    product_liking.count_others_since_last,
    {{ ratio('coalesce(product_liking.count_lines, 0)', 'product_group_liking.count_lines') }} as share_of_product_group_3y,
    {{ ratio('coalesce(category_liking.count_lines, 0)', 'all_liking.count_lines') }} as category_share_3y,
    {{ lift('product_group_liking.count_lines', 'all_liking.count_lines', 'products.product_group_line_share') }} as product_group_lift,
    {{ lift('maker_liking.count_lines', 'all_liking.count_lines', 'products.maker_line_share') }} as maker_lift,
    {% for kind in ['category', 'product_group'] %}
    {% set of_kind = kind ~ '_liking' %}
    {{ ratio(of_kind ~ '.days_since_last * (' ~ of_kind ~ '.count_days - 1)', of_kind ~ '.days_since_first - ' ~ of_kind ~ '.days_since_last') }}
        as {{ kind }}_days_since_last_ratio, -- noqa: LT02
    {{ ratio(of_kind ~ '.units', of_kind ~ '.days_since_first') }} as {{ kind }}_units_a_day,
    {{ ratio(of_kind ~ '.units_30d * ' ~ of_kind ~ '.days_since_first', '30 * ' ~ of_kind ~ '.units') }} as {{ kind }}_supply_30d,
    {{ ratio(of_kind ~ '.units_90d * ' ~ of_kind ~ '.days_since_first', '90 * ' ~ of_kind ~ '.units') }} as {{ kind }}_supply_90d,
    {% endfor %}
    supplies.days_a_unit as category_days_a_unit,
    supplies.units_left as category_units_left,
    neighbours.of_products_score,
    neighbours.of_products_rank,
    neighbours.of_customers_score,
    neighbours.of_customers_rank,
    interest.days_since_viewed,
    interest.days_since_carted,
    interest.orders_since_viewed,
    {% for counted in interest_counts %}
    interest.{{ counted }},
    {% endfor %}
    interest.rating
-- Left joins, though every candidate has its customer and its product: an optimizer that reorders inner joins may cross those two.
from candidates
left join customers
    on
        candidates.as_of_date = customers.as_of_date
        and candidates.customer_id = customers.customer_id
left join products
    on
        candidates.as_of_date = products.as_of_date
        and candidates.product_id = products.product_id
left join category_history
    on
        candidates.as_of_date = category_history.as_of_date
        and candidates.customer_id = category_history.customer_id
        and products.category = category_history.category
left join product_group_history
    on
        candidates.as_of_date = product_group_history.as_of_date
        and candidates.customer_id = product_group_history.customer_id
        and products.product_group = product_group_history.product_group
left join maker_history
    on
        candidates.as_of_date = maker_history.as_of_date
        and candidates.customer_id = maker_history.customer_id
        and products.maker = maker_history.maker
left join supplies
    on
        candidates.as_of_date = supplies.as_of_date
        and candidates.customer_id = supplies.customer_id
        and products.category = supplies.category
left join neighbours
    on
        candidates.as_of_date = neighbours.as_of_date
        and candidates.customer_id = neighbours.customer_id
        and candidates.product_id = neighbours.product_id
left join interest
    on
        candidates.as_of_date = interest.as_of_date
        and candidates.customer_id = interest.customer_id
        and candidates.product_id = interest.product_id
left join likings as all_liking
    on
        candidates.as_of_date = all_liking.as_of_date
        and candidates.customer_id = all_liking.customer_id
        and all_liking.kind = 'all'
{% for kind, key in {'product': 'product_id', 'product_group': 'product_group', 'category': 'category', 'maker': 'maker'}.items() %}
left join likings as {{ kind }}_liking
    on
        candidates.as_of_date = {{ kind }}_liking.as_of_date
        and candidates.customer_id = {{ kind }}_liking.customer_id
        and {{ kind }}_liking.kind = '{{ kind }}'
        and products.{{ key }} = {{ kind }}_liking.key
{% endfor %}
