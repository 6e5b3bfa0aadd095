-- Daily series at each level, of merchandise: a category stands within its department, so that levels nest.
with

days as (

    select
        demand_days.product_id,
        demand_days.sale_date,
        demand_days.units,
        demand_days.sales_cents,
        demand_days.demand_milliunits,
        coalesce(products.department, 'unknown') as department,
        {{ category_key('products.department', 'products.category') }} as category
    from {{ ref('demand_days') }} as demand_days
    inner join {{ ref('products') }} as products
        on demand_days.product_id = products.product_id

)

{% for level, key in [('total', "'all'"), ('department', 'department'), ('category', 'category'), ('product', 'product_id')] %}
select
    '{{ level }}' as level,
    {{ key }} as key,
    min(category) as category,
    sale_date,
    cast(sum(units) as bigint) as units,
    cast(sum(sales_cents) as bigint) as sales_cents,
    cast(sum(demand_milliunits) as bigint) as demand_milliunits
from days
group by {{ key if level != 'total' else "'all'" }}, sale_date
{{ 'union all' if not loop.last }}
{% endfor %}
