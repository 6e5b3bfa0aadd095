create schema landing;
create schema conformed;
create schema marts;
create schema features;
create schema training;
create schema predictions;

-- What landed, in the columns that ingest/systems/complete_journey.yml declares.
copy (
    select (1 + (i // 4) % 6)::varchar as household_id, 7 as store_id, 1000 + i // 4 as basket_id, 1 + (i * 7) % 40 as product_id,
        1 + i % 3 as quantity, 1.25::double * (1 + i % 4) as sales_value, 0.1::double as retail_disc, 0::double as coupon_disc,
        0::double as coupon_match_disc, 50::bigint as week, timestamp '{as_of_date} 17:00' - to_days((1 + (i // 4) % 80)::int) as transaction_timestamp
    from range(320) as lines(i)
    union all by name
    select '1' as household_id, 7 as store_id, 1000 as basket_id, 41 as product_id, 9000 as quantity, 24.0::double as sales_value,
        0::double as retail_disc, 0::double as coupon_disc, 0::double as coupon_match_disc, 50::bigint as week,
        timestamp '{as_of_date} 17:00' - interval 1 day as transaction_timestamp
) to '{folder}/transactions.parquet';
copy (
    select 1 + i as product_id, 1::bigint as manufacturer_id, 'GROCERY' as department, 'National' as brand, 'MILK' as product_category,
        'WHOLE' as product_type, '1 GA' as package_size
    from range(41) as products(i)
) to '{folder}/products.parquet';
copy (
    select '1' as household_id, '65+' as age, '35-49K' as income, 'Homeowner' as home_ownership, 'Married' as marital_status,
        '2' as household_size, '2 Adults' as household_comp, '0' as kids_count
) to '{folder}/demographics.parquet';
copy (
    select 1 + i as product_id, 7::bigint as store_id, '9' as display_location, '0' as mailer_location, 50::bigint as week
    from range(12) as promotions(i)
) to '{folder}/promotions.parquet';
copy (
    select 1::bigint as campaign_id, 'Type A' as campaign_type, timestamp '2017-03-03' as start_date, timestamp '2017-04-03' as end_date
) to '{folder}/campaign_descriptions.parquet';
copy (select 1::bigint as campaign_id, '1' as household_id) to '{folder}/campaigns.parquet';
copy (select 10::bigint as coupon_upc, 1::bigint as product_id, 1::bigint as campaign_id) to '{folder}/coupons.parquet';
copy (
    select '1' as household_id, 10::bigint as coupon_upc, 1::bigint as campaign_id, timestamp '2017-03-10' as redemption_date
) to '{folder}/coupon_redemptions.parquet';

create view landing.complete_journey__transactions as from read_parquet('{folder}/transactions.parquet');
create view landing.complete_journey__products as from read_parquet('{folder}/products.parquet');
create view landing.complete_journey__demographics as from read_parquet('{folder}/demographics.parquet');
create view landing.complete_journey__promotions as from read_parquet('{folder}/promotions.parquet');
create view landing.complete_journey__campaign_descriptions as from read_parquet('{folder}/campaign_descriptions.parquet');
create view landing.complete_journey__campaigns as from read_parquet('{folder}/campaigns.parquet');
create view landing.complete_journey__coupons as from read_parquet('{folder}/coupons.parquet');
create view landing.complete_journey__coupon_redemptions as from read_parquet('{folder}/coupon_redemptions.parquet');

create table landing.loads as
select 'complete_journey' as system, entity, 'load1' as load_id, 'aa' as data_sha256, 1000::bigint as rows, 998::bigint as accepted, 2::bigint as quarantined, 0::bigint as dropped
from (values ('transactions'), ('products')) as entities(entity);
create table landing.days as
select 'complete_journey' as system, 'transactions' as entity, 'first' as load_id, cast(range as date) as day, 20 as count_rows
from range(date '{as_of_date}' - 80, date '{as_of_date}', interval 1 day) where strftime(range, '%m-%d') <> '12-25';
create table landing.quarantine as
select system, entity, load_id, 'quantity: below 0' as reason, 2::bigint as count_rows from landing.loads;
create table landing.sources as
select 'complete_journey' as system, entity, true as is_required, false as is_stale, null::timestamp as failed_at, null::varchar as error,
    date '2017-12-31' as data_until
from (values ('transactions'), ('products')) as entities(entity);

create table conformed.dropped (entity varchar, reason varchar, count_rows bigint);
create table conformed.reconciliation as
select 'order_lines' as entity, 1000::bigint as landed, 995::bigint as accepted, 3::bigint as quarantined, 2::bigint as dropped;

create table marts.order_lines as
select basket_id::varchar as order_id, product_id::varchar as product_id, household_id::varchar as customer_id, store_id::varchar as store_id,
    transaction_timestamp as ordered_at, transaction_timestamp::date as order_date, if(product_id = 41, 'fuel', 'sale') as line_type,
    product_id <> 41 as is_purchase, if(product_id = 41, 0, quantity)::bigint as units,
    if(product_id = 41, 0, quantity)::bigint as units_bought, 0::bigint as units_returned, round(100 * sales_value)::bigint as sales_cents,
    round(100 * sales_value)::bigint as gross_sales_cents, 0::bigint as refund_cents,
    round(100 * retail_disc)::bigint as retail_discount_cents, 0::bigint as coupon_discount_cents, 0::bigint as coupon_match_discount_cents
from landing.complete_journey__transactions;

create table marts.orders as
select order_id, customer_id, store_id, null::varchar as status, ordered_at, order_date, count(*) as count_lines, sum(units)::bigint as count_units,
    sum(sales_cents)::bigint as sales_cents, sum(retail_discount_cents)::bigint as discount_cents
from marts.order_lines group by all;

create table marts.customers as
select customer_id, customer_id = '1' as has_demographics, min(order_date) as first_order_date, max(order_date) as last_order_date,
    count(*) as count_orders, sum(sales_cents)::bigint as sales_cents, null::boolean as has_marketing_consent
from marts.orders group by customer_id;

create table marts.products as
select product_id::varchar as product_id, brand, product_id <> 41 as is_merchandise, true as is_in_catalogue,
    date '2017-10-13' as first_sold_date, date '2017-12-31' as last_sold_date
from landing.complete_journey__products;

create table marts.daily_product_sales as
select product_id, order_date as sale_date, sum(units)::bigint as units, sum(sales_cents)::bigint as sales_cents,
    sum(retail_discount_cents)::bigint as discount_cents, count(*) as count_orders, count(distinct customer_id) as count_customers
from marts.order_lines where is_purchase group by all;

create table conformed.sold_lines as select order_id, product_id, units_bought as quantity from marts.order_lines;
create table marts.returns as
select 'r1' as return_id, product_id, order_id, customer_id, ordered_at as returned_at, order_date as return_date, 1::bigint as units,
    100::bigint as refund_cents
from marts.order_lines where order_id = '1004' and product_id = (select min(product_id) from marts.order_lines where order_id = '1004');

create table marts.promotions as
select product_id::varchar as product_id, date '2017-12-11' as week_start_date, date '2017-12-17' as week_end_date,
    1::bigint as count_stores, 1::bigint as count_stores_displayed, 0::bigint as count_stores_mailed
from landing.complete_journey__promotions;

create table marts.customer_sources as select customer_id, 'complete_journey' as system, customer_id as source_customer_id from marts.customers;
create table marts.product_sources as select product_id, 'complete_journey' as system, product_id as source_product_id from marts.products;

create table training.features_customer as
select as_of_date, customer_id, count(distinct order_id) as count_orders_90d, (sum(units) / count(*))::float as mean_units
from marts.order_lines, (values (date '{as_of_date}'), (date '2017-12-02'), (date '2017-11-15')) as dates(as_of_date)
where is_purchase and order_date < as_of_date and order_date >= as_of_date - 90
group by all;

create table training.features_product as
select as_of_date, product_id, sum(units)::bigint as units_90d, min(as_of_date - sale_date)::int as days_since_last_sold
from marts.daily_product_sales, (values (date '{as_of_date}'), (date '2017-12-02'), (date '2017-11-15')) as dates(as_of_date)
where sale_date < as_of_date and sale_date >= as_of_date - 90
group by all;

create table training.features_customer_product as
select as_of_date, customer_id, product_id, 1::bigint as count_orders_90d, 0.5::double as order_share_90d, -1.5::float as days_since_last_z_score
from training.features_customer join training.features_product using (as_of_date);

create table training.seasons as
select distinct as_of_date, 1::float as season_orders_30d, 1::float as season_sales_30d, 1::float as season_sales_90d,
    1::float as season_sales_last_30d, 1::float as season_sales_last_56d
from training.features_customer;
create table features.seasons as from training.seasons where as_of_date = '{as_of_date}';
create table features.features_customer as from training.features_customer where as_of_date = '{as_of_date}';
create table features.features_product as from training.features_product where as_of_date = '{as_of_date}';
create table features.features_customer_product as from training.features_customer_product where as_of_date = '{as_of_date}';

create table training.labels_purchase as
select distinct as_of_date, customer_id, product_id, 1::bigint as count_orders_30d
from marts.order_lines, (values (date '2017-12-02'), (date '2017-11-15')) as dates(as_of_date)
where is_purchase and order_date >= as_of_date and order_date < as_of_date + 30;
create table training.labels_demand as
select as_of_date, product_id, 3::bigint as units_30d from training.features_product where as_of_date < '{as_of_date}';
create table training.labels_churn as
select as_of_date, customer_id, false as is_churned from training.features_customer where as_of_date < '{as_of_date}';
create table training.labels_value as
select as_of_date, customer_id, 300::bigint as sales_cents_30d from training.features_customer where as_of_date < '{as_of_date}';

create table predictions.product_recommendations as
select date '{as_of_date}' as as_of_date, customer_id, rank, product_id, (1 / (1 + rank))::double as probability, true as is_eligible, 'r1' as run_id, '3' as model_version,
    date '2017-12-31' as data_until
from (
    select customer_id, product_id, row_number() over (partition by customer_id order by (product_id::int + 7 * customer_id::int) % 40) as rank
    from features.features_customer_product
)
where rank <= 20;
create table predictions.discoveries as
select date '{as_of_date}' as as_of_date, customer_id, rank, product_id, (1 / (2 + rank))::double as probability, true as is_eligible, 'r1' as run_id,
    '3' as model_version, date '2017-12-31' as data_until
from (
    select customer_id, product_id, row_number() over (partition by customer_id order by product_id) as rank
    from (select customer_id, product_id from marts.customers, marts.products where is_merchandise)
    anti join marts.order_lines using (customer_id, product_id)
)
where rank <= 10;
create table predictions.demand_forecast as
select date '{as_of_date}' as as_of_date, product_id, 30 as horizon_days, 1.0::double as units_p10, 4.0::double as units_p50, 9.0::double as units_p90,
    4.5::double as units_mean, 'r1' as run_id, '3' as model_version, date '2017-12-31' as data_until
from features.features_product;
create table predictions.sales_forecast as
with days as (select product_id, date '{as_of_date}' + i::int as sale_date from features.features_product, range(30) as days(i)),
levels as (
    select 'product' as level, product_id as key, 'food / fruit' as parent_key, sale_date, 0.15::double as units_mean from days
    union all select 'remainder', 'food / fruit', 'food / fruit', sale_date, 1.0 from (select distinct sale_date from days)
    union all select 'category', 'food / fruit', 'food', sale_date, 1.0 + 0.15 * count(*) from days group by sale_date
    union all select 'department', 'food', 'all', sale_date, 1.0 + 0.15 * count(*) from days group by sale_date
    union all select 'total', 'all', null, sale_date, 1.0 + 0.15 * count(*) from days group by sale_date
)
select date '{as_of_date}' as as_of_date, *, case when level <> 'remainder' then 0.0::double end as units_p10,
    case when level <> 'remainder' then units_mean end as units_p50, case when level <> 'remainder' then 2 * units_mean end as units_p90,
    case when level <> 'remainder' then 0.0::double end as revenue_cents_p10, case when level <> 'remainder' then 100 * units_mean end as revenue_cents_p50,
    case when level <> 'remainder' then 200 * units_mean end as revenue_cents_p90, 100 * units_mean as revenue_cents_mean,
    'r1' as run_id, '3' as model_version, date '2017-12-31' as data_until
from levels;
create table predictions.restock_plan as
select date '{as_of_date}' as as_of_date, product_id, 9::bigint as units_on_hand, 1::bigint as units_on_order, 7 as lead_time_days, 1.1::double as units_until_arrival,
    0.95::double as service_level, 1.9::double as safety_stock_units, 12::bigint as reorder_point_units, 15::bigint as order_up_to_units,
    5::bigint as order_units, 0.1::double as probability_of_running_out, 60.0::double as cover_days, 0::bigint as excess_units, 'order' as advice,
    'r1' as run_id, '3' as model_version, date '2017-12-31' as data_until
from features.features_product;
create table predictions.churn_risk as
select date '{as_of_date}' as as_of_date, customer_id, (customer_id::int / 10)::double as churn_probability, 0.5::double as spend_halved_probability,
    6000::bigint as expected_sales_cents_30d, 'raises the risk: …' as reason_1, 'r1' as run_id, '3' as model_version, date '2017-12-31' as data_until
from features.features_customer;
create table predictions.customer_value as
select date '{as_of_date}' as as_of_date, customer_id, 6000::bigint as expected_sales_cents_30d, 17400::bigint as expected_sales_cents_90d,
    null::bigint as expected_sales_cents_365d, '365 days: …' as reason_if_empty, 900::bigint as sales_cents_30d, 'r1' as run_id, '4' as model_version,
    date '2017-12-31' as data_until
from features.features_customer;
create table predictions.retention_offers as
select as_of_date, customer_id, if(customer_id = '3', 'hold_out', 'offered') as group_name, 'voucher' as offer_name, churn_probability,
    0.1::double as uplift, 'declared assumption' as uplift_source, 12.5::double as expected_margin_cents, run_id, model_version, data_until
from predictions.churn_risk;
