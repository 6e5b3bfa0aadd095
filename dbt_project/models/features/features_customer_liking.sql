-- What a customer bought in three years, of all and of each product, product group, category and maker: who likes what shows where purchases are few.
{{ config(materialized='batched_table', batches='features_customer') }}

with

as_of_dates as (

    select * from {{ ref('as_of_dates') }}
    where recency_rank <= {{ var('pair_dates', 6) }}

),

customers as (

    select
        features_customer.as_of_date,
        features_customer.customer_id,
        as_of_dates.long_history_from_date
    from {{ ref('features_customer') }} as features_customer
    inner join as_of_dates
        on features_customer.as_of_date = as_of_dates.as_of_date
    where true {{ in_this_batch('features_customer') }}

),

-- A product that features do not tell of leaves nothing but nulls. A left join: an optimizer that reorders inner joins may cross customers and products.
lines as (

    select
        customers.as_of_date,
        order_lines.customer_id,
        products.product_id,
        products.product_group,
        products.category,
        products.maker,
        {% for column in ['order_id', 'order_date', 'units_bought'] %}
        case when products.product_id is not null then order_lines.{{ column }} end as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('order_lines') }} as order_lines
    inner join customers
        on
            order_lines.customer_id = customers.customer_id
            and order_lines.order_date < customers.as_of_date
            and order_lines.order_date >= customers.long_history_from_date
    left join {{ ref('features_product') }} as products
        on
            customers.as_of_date = products.as_of_date
            and order_lines.product_id = products.product_id
    where order_lines.is_purchase

),

aged_lines as (

    select
        *,
        {{ days_between('order_date', 'as_of_date') }} as age_days
    from lines

)

{% for kind, key in {'all': "''", 'product': 'product_id', 'product_group': 'product_group', 'category': 'category', 'maker': 'maker'}.items() %}
select
    as_of_date,
    customer_id,
    '{{ kind }}' as kind,
    {{ key }} as key,
    count(order_id) as count_lines,
    {{ 'count(distinct order_id)' if kind == 'all' else 'cast(null as bigint)' }} as count_orders,
    count(distinct order_date) as count_days,
    cast(coalesce(sum(units_bought), 0) as bigint) as units,
    {{ sum_within('units_bought', 'age_days', 30) }} as units_30d,
    {{ sum_within('units_bought', 'age_days', 90) }} as units_90d,
    cast(max(age_days) as integer) as days_since_first,
    cast(min(age_days) as integer) as days_since_last,
    {{ others_since('max(age_days)') if kind == 'product' else 'cast(null as integer)' }} as count_others_since_first,
    {{ others_since('min(age_days)') if kind == 'product' else 'cast(null as integer)' }} as count_others_since_last
from aged_lines
group by as_of_date, customer_id{% if kind != 'all' %}, {{ key }}{% endif %}

{{ 'union all' if not loop.last }}
{% endfor %}
