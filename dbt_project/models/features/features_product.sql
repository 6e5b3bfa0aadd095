with

as_of_dates as (select * from {{ ref('as_of_dates') }}),

order_lines as (

    select * from {{ ref('order_lines') }}
    where is_purchase and customer_id is not null

),

sales as (select * from {{ ref('daily_product_sales') }}),

-- Where a product has no type it stands with its category, then with its department.
products as (

    select
        product_id,
        coalesce(department, 'unknown') as department,
        {{ own_category() }} as category,
        coalesce(product_type, category, department, 'unknown') as product_group,
        coalesce(manufacturer_id, brand, 'unknown') as maker,
        launched_date,
        is_merchandise
    from {{ ref('products') }}

),

aged_sales as (

    select
        as_of_dates.as_of_date,
        sales.*,
        {{ days_between('sales.sale_date', 'as_of_dates.as_of_date') }} as age_days
    from sales
    inner join as_of_dates
        on
            sales.sale_date < as_of_dates.as_of_date
            and sales.sale_date >= as_of_dates.history_from_date

),

sold as (

    select
        as_of_date,
        product_id,
        min(age_days) as days_since_last_sold,
        max(age_days) as days_since_first_sold,
        {% for days in [7, 14, 30, 60, 90, 180, 365] %}
        {{ sum_within('units', 'age_days', days) }} as units_{{ days }}d,
        {% endfor %}
        {{ decayed_count('age_days', 30) }} as decayed_sale_days_30d,
        {{ sum_within('count_orders', 'age_days', 365) }} as count_orders_365d,
        {% for days in [30, 90] %}
        {{ count_within('age_days', days) }} as count_sale_days_{{ days }}d,
        {{ sum_within('count_orders', 'age_days', days) }} as count_orders_{{ days }}d,
        {{ sum_within('sales_cents', 'age_days', days) }} as sales_cents_{{ days }}d,
        {{ sum_within('discount_cents', 'age_days', days) }} as discount_cents_{{ days }}d,
        {% endfor %}
        max(case when age_days <= 90 then units end) as most_units_a_day_90d
    from aged_sales
    group by as_of_date, product_id

),

-- Launched in the 90 days before, sold or not.
launched as (

    select
        as_of_dates.as_of_date,
        products.product_id
    from products
    inner join as_of_dates
        on
            products.launched_date < as_of_dates.as_of_date
            and products.launched_date >= as_of_dates.active_from_date
    where products.is_merchandise

),

offered as (

    select
        as_of_date,
        product_id
    from sold
    union distinct
    select
        as_of_date,
        product_id
    from launched

),

pairs as (

    select
        as_of_dates.as_of_date,
        order_lines.product_id,
        order_lines.customer_id,
        count(*) as count_orders,
        min({{ days_between('order_lines.order_date', 'as_of_dates.as_of_date') }}) as days_since_last
    from order_lines
    inner join as_of_dates
        on
            order_lines.order_date < as_of_dates.as_of_date
            and order_lines.order_date >= as_of_dates.history_from_date
    group by as_of_dates.as_of_date, order_lines.product_id, order_lines.customer_id

),

buyers as (

    select
        as_of_date,
        product_id,
        {% for days in [30, 90, 365] %}
        {{ count_within('days_since_last', days) }} as count_buyers_{{ days }}d,
        {% endfor %}
        cast(count(case when count_orders > 1 then 1 end) as integer) as count_rebuyers_365d
    from pairs
    group by as_of_date, product_id

),

described as (

    select
        offered.as_of_date,
        offered.product_id,
        sold.days_since_last_sold,
        sold.days_since_first_sold,
        {% for days in [7, 14, 30, 60, 90, 180, 365] %}
        coalesce(sold.units_{{ days }}d, 0) as units_{{ days }}d,
        {% endfor %}
        coalesce(sold.decayed_sale_days_30d, cast(0 as float)) as decayed_sale_days_30d,
        {% for days in [30, 90] %}
        {% for counted in ['count_sale_days', 'count_orders', 'sales_cents', 'discount_cents'] %}
        coalesce(sold.{{ counted }}_{{ days }}d, 0) as {{ counted }}_{{ days }}d,
        {% endfor %}
        {% endfor %}
        coalesce(sold.count_orders_365d, 0) as count_orders_365d,
        sold.most_units_a_day_90d,
        products.department,
        products.category,
        products.product_group,
        products.maker,
        -- A launch that comes after the first sale is another one, or was sold in advance. Of two ages one may be unknown.
        greatest(
            {{ days_between('products.launched_date', 'offered.as_of_date') }}, sold.days_since_first_sold
        ) as age_days,
        coalesce(buyers.count_buyers_30d, 0) as count_buyers_30d,
        coalesce(buyers.count_buyers_90d, 0) as count_buyers_90d,
        coalesce(buyers.count_buyers_365d, 0) as count_buyers_365d,
        coalesce(buyers.count_rebuyers_365d, 0) as count_rebuyers_365d
    from offered
    inner join products
        on offered.product_id = products.product_id
    left join sold -- none where nobody has bought it yet
        on
            offered.as_of_date = sold.as_of_date
            and offered.product_id = sold.product_id
    left join buyers -- none where nobody known bought it
        on
            offered.as_of_date = buyers.as_of_date
            and offered.product_id = buyers.product_id

),

categories as (

    select
        as_of_date,
        category,
        sum(units_30d) as units_30d,
        sum(units_90d) as units_90d,
        sum(count_buyers_365d) as count_buyers,
        sum(count_rebuyers_365d) as count_rebuyers
    from described
    group by as_of_date, category

),

product_groups as (

    select
        as_of_date,
        product_group,
        count(case when units_90d > 0 then 1 end) as count_products_90d,
        sum(units_30d) as units_30d,
        sum(units_90d) as units_90d,
        sum(count_buyers_365d) as count_buyers,
        sum(count_rebuyers_365d) as count_rebuyers,
        sum(count_orders_365d) as count_lines
    from described
    group by as_of_date, product_group

),

makers as (

    select
        as_of_date,
        maker,
        sum(count_orders_365d) as count_lines
    from described
    group by as_of_date, maker

),

totals as (

    select
        as_of_date,
        sum(count_orders_365d) as count_lines
    from described
    group by as_of_date

)

select
    described.as_of_date,
    described.product_id,
    described.department,
    described.category,
    described.product_group,
    described.maker,
    cast(described.age_days as integer) as age_days,
    cast(described.days_since_last_sold as integer) as days_since_last_sold,
    cast(described.days_since_first_sold as integer) as days_since_first_sold,
    {% for days in [7, 14, 30, 60, 90, 180, 365] %}
    described.units_{{ days }}d,
    {% endfor %}
    described.decayed_sale_days_30d,
    described.count_sale_days_30d,
    described.count_sale_days_90d,
    described.count_orders_30d,
    described.count_orders_90d,
    cast(coalesce(described.most_units_a_day_90d, 0) as bigint) as most_units_a_day_90d,
    described.count_buyers_30d,
    described.count_buyers_90d,
    described.count_buyers_365d,
    described.count_rebuyers_365d,
    {{ ratio('described.count_rebuyers_365d', 'described.count_buyers_365d') }} as rebuy_share,
    {{ ratio('described.sales_cents_90d', 'described.units_90d') }} as mean_price_cents_90d,
    {{ ratio(
        'cast(described.sales_cents_30d as double) * described.units_90d', 'cast(described.units_30d as double) * described.sales_cents_90d'
    ) }} as price_trend,
    {{ ratio('described.discount_cents_30d', 'described.sales_cents_30d + described.discount_cents_30d') }} as discount_share_30d,
    {{ ratio('described.discount_cents_90d', 'described.sales_cents_90d + described.discount_cents_90d') }} as discount_share_90d,
    {{ ratio('3 * described.units_30d', 'described.units_90d') }} as unit_trend,
    {{ ratio('3 * categories.units_30d', 'categories.units_90d') }} as category_trend,
    cast(categories.units_30d as bigint) as category_units_30d,
    {{ ratio('categories.count_rebuyers', 'categories.count_buyers') }} as category_rebuy_share,
    {{ ratio('3 * product_groups.units_30d', 'product_groups.units_90d') }} as product_group_trend,
    cast(product_groups.units_30d as bigint) as product_group_units_30d,
    cast(product_groups.count_products_90d as integer) as product_group_products_90d,
    {{ ratio('product_groups.count_rebuyers', 'product_groups.count_buyers') }} as product_group_rebuy_share,
    {{ ratio('product_groups.count_lines', 'totals.count_lines') }} as product_group_line_share,
    {{ ratio('makers.count_lines', 'totals.count_lines') }} as maker_line_share,
    cast(row_number() over (
        partition by described.as_of_date
        order by described.count_buyers_30d desc, described.count_buyers_365d desc, described.product_id asc
    ) as integer) as popularity_rank,
    cast(row_number() over (
        partition by described.as_of_date, described.product_group
        order by described.count_buyers_30d desc, described.count_buyers_365d desc, described.product_id asc
    ) as integer) as product_group_rank,
    cast(row_number() over (
        partition by described.as_of_date, described.maker
        order by described.count_buyers_30d desc, described.count_buyers_365d desc, described.product_id asc
    ) as integer) as maker_rank,
    cast(row_number() over (
        partition by described.as_of_date, described.product_group
        order by described.age_days asc, described.count_buyers_30d desc, described.product_id asc
    ) as integer) as product_group_age_rank
-- Left joins, though every product has all four: an optimizer that reorders inner joins crosses product groups with makers, for ten times the time.
from described
left join categories
    on
        described.as_of_date = categories.as_of_date
        and described.category = categories.category
left join product_groups
    on
        described.as_of_date = product_groups.as_of_date
        and described.product_group = product_groups.product_group
left join makers
    on
        described.as_of_date = makers.as_of_date
        and described.maker = makers.maker
left join totals
    on described.as_of_date = totals.as_of_date
