with

as_of_dates as (

    select * from {{ ref('close_as_of_dates') }}
    where is_label_known

),

series as (select * from {{ ref('sales_series') }})

select
    features.as_of_date,
    features.level,
    features.key,
    features.sale_date,
    coalesce(series.units, 0) as units,
    coalesce(series.sales_cents, 0) as sales_cents,
    coalesce(series.demand_milliunits, 0) as demand_milliunits
from {{ ref('features_sales_day') }} as features
inner join as_of_dates
    on features.as_of_date = as_of_dates.as_of_date
left join series
    on
        features.level = series.level
        and features.key = series.key
        and features.sale_date = series.sale_date
