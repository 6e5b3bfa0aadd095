with

as_of_dates as (select * from {{ ref('as_of_dates') }}),

sales as (select * from {{ ref('demand_days') }}),

products as (select * from {{ ref('features_product') }}),

sold as (

    select
        as_of_dates.as_of_date,
        sales.product_id,
        sum(sales.units) as units,
        sum(sales.demand_milliunits) as demand_milliunits
    from sales
    inner join as_of_dates
        on
            sales.sale_date >= as_of_dates.as_of_date
            and sales.sale_date < as_of_dates.label_until_date
    group by as_of_dates.as_of_date, sales.product_id

)

select
    products.as_of_date,
    products.product_id,
    cast(coalesce(sold.units, 0) as bigint) as units_30d,
    cast(coalesce(sold.demand_milliunits, 0) as bigint) as demand_milliunits_30d
from products
inner join as_of_dates
    on products.as_of_date = as_of_dates.as_of_date
left join sold
    on
        products.as_of_date = sold.as_of_date
        and products.product_id = sold.product_id
where as_of_dates.is_label_known
