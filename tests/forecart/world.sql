-- A finished run of a shop in miniature: what publish finds in the warehouse. Every mart with its real columns.
create schema landing;
create schema conformed;
create schema marts;
create schema features;
create schema predictions;
create schema quality;

create table features.not_for_analysts as select 1 as secret;
create table landing.loads as
select 'complete_journey' as system, 'transactions' as entity, 'load1' as load_id, 'aa' as data_sha256, 330::bigint as rows, 327::bigint as accepted,
    2::bigint as quarantined, 1::bigint as dropped;
create table landing.quarantine as
select system, entity, load_id, 'quantity: below 0' as reason, 2::bigint as count_rows from landing.loads;
create table landing.repairs as select system, entity, load_id, 'sales_value: decimal comma' as repair, 3::bigint as count_rows from landing.loads;
create table conformed.quarantine as
select system, 'order_lines' as entity, load_id, 'order unknown' as reason, 4::bigint as count_rows from landing.loads;
create table conformed.dropped as select 'order_lines' as entity, 'exact duplicate' as reason, 3::bigint as count_rows;
create table conformed.reconciliation as
from (values ('order_lines', 327::bigint, 320::bigint, 4::bigint, 3::bigint), ('events', 0, 0, 0, 0))
    as accounts(entity, landed, accepted, quarantined, dropped);

create table marts.order_lines as
select (1000 + i // 4)::varchar as order_id, (1 + (i * 7) % 12)::varchar as product_id, (1 + (i // 4) % 8)::varchar as customer_id, '7' as store_id,
    timestamp '2017-12-31 17:00' - to_days((i // 4 % 80)::int) as ordered_at, date '2017-12-31' - (i // 4 % 80)::int as order_date,
    'sale' as line_type, true as is_purchase, (1 + i % 3)::bigint as units, (1 + i % 3)::bigint as units_bought, 0::bigint as units_returned,
    (125 * (1 + i % 4))::bigint as sales_cents, (125 * (1 + i % 4))::bigint as gross_sales_cents, 0::bigint as refund_cents,
    10::bigint as retail_discount_cents, 0::bigint as coupon_discount_cents, 0::bigint as coupon_match_discount_cents
from range(320) as lines(i);

create table marts.orders as
select order_id, customer_id, store_id, 'delivered' as status, ordered_at, order_date, count(*) as count_lines, sum(units)::bigint as count_units,
    sum(sales_cents)::bigint as sales_cents, sum(retail_discount_cents)::bigint as discount_cents
from marts.order_lines group by all;

create table marts.customers as
select customer_id, if(customer_id = '1', '65+', null) as age_band, null::varchar as income_band, null::varchar as home_ownership,
    null::varchar as marital_status, null::varchar as household_size, null::varchar as household_composition, null::varchar as kids_count,
    customer_id = '1' as has_demographics, min(order_date) as first_order_date, max(order_date) as last_order_date,
    count(*) as count_orders, sum(sales_cents)::bigint as sales_cents
from marts.orders group by customer_id;

create table marts.products as
select product_id, 'Milk [fat ' || product_id || ']' as product_name, 'National' as brand, '1' as manufacturer_id, 'GROCERY' as department,
    'MILK' as category, 'WHOLE' as product_type, '1 GA' as package_size, true as is_merchandise, true as is_in_catalogue,
    null::date as launched_date, null::date as discontinued_date, min(order_date) as first_sold_date, max(order_date) as last_sold_date
from marts.order_lines group by product_id;

create table marts.daily_product_sales as
select product_id, order_date as sale_date, sum(units)::bigint as units, sum(sales_cents)::bigint as sales_cents,
    sum(retail_discount_cents)::bigint as discount_cents, count(*) as count_orders, count(distinct customer_id) as count_customers
from marts.order_lines group by all;

create table marts.promotions as
select product_id, date '2017-12-25' - (7 * week)::int as week_start_date, date '2017-12-31' - (7 * week)::int as week_end_date,
    2::bigint as count_stores, (week % 2)::bigint as count_stores_displayed, 1::bigint as count_stores_mailed
from marts.products, range(6) as weeks(week);

create table marts.campaigns as
select '1' as campaign_id, 'Type A' as campaign_type, date '2017-03-03' as start_date, date '2017-04-03' as end_date, 1::bigint as count_customers,
    1::bigint as count_coupons;
create table marts.coupon_redemptions as
select '1' as customer_id, '10' as coupon_id, '1' as campaign_id, date '2017-03-10' as redemption_date;
create table marts.customer_sources as select customer_id, 'complete_journey' as system, customer_id as source_customer_id from marts.customers;
create table marts.product_sources as select product_id, 'complete_journey' as system, product_id as source_product_id from marts.products;

create table predictions.product_recommendations as
select date '{as_of_date}' as as_of_date, customer_id, row_number() over (partition by customer_id order by product_id) as rank, product_id,
    0.9::double as probability, 'bought every 7 days, last 3 days ago' as reason_1, null::varchar as reason_2, 'run-1' as run_id,
    'purchase-v1-catboost' as model_version, date '2017-12-31' as data_until
from marts.customers, marts.products;
create table predictions.discoveries as
select as_of_date, customer_id, rank, product_id, probability, true as is_eligible, reason_1, run_id, model_version, data_until
from predictions.product_recommendations where rank <= 10;
create table predictions.demand_forecast as
select date '{as_of_date}' as as_of_date, product_id, 30 as horizon_days, 1.0::double as units_p10, 4.0::double as units_p50, 9.0::double as units_p90,
    4.5::double as units_mean, 'run-1' as run_id, 'demand-v1-catboost' as model_version, date '2017-12-31' as data_until
from marts.products;
create table predictions.sales_forecast as
select date '{as_of_date}' as as_of_date, 'total' as level, 'all' as key, date '{as_of_date}' + day::int as sale_date, 4.5::double as units_mean,
    400.0::double as revenue_cents_p10, 900.0::double as revenue_cents_mean, 1500.0::double as revenue_cents_p90, 'run-1' as run_id,
    'demand-v1-catboost' as model_version, date '2017-12-31' as data_until
from range(30) as days(day);
create table predictions.restock_plan as
select date '{as_of_date}' as as_of_date, product_id, null::bigint as units_on_hand, null::bigint as units_on_order, 7::bigint as lead_time_days,
    1.1::double as units_until_arrival, 3::bigint as reorder_point_units, null::bigint as order_units, null::double as probability_of_running_out,
    'stock unknown' as advice, 'run-1' as run_id, 'demand-v1-catboost' as model_version, date '2017-12-31' as data_until
from marts.products;
create table predictions.churn_risk as
select date '{as_of_date}' as as_of_date, customer_id, (customer_id::int / 10)::double as churn_probability,
    'raises the risk: 1 order in 90 days' as reason_1, 'run-1' as run_id,
    'churn-v1-baseline' as model_version, date '2017-12-31' as data_until
from marts.customers;
create table predictions.customer_value as
select date '{as_of_date}' as as_of_date, customer_id, 1000::bigint as expected_sales_cents_30d, null::bigint as expected_sales_cents_90d,
    900::bigint as sales_cents_30d, 2700::bigint as sales_cents_90d, 'run-1' as run_id, 'value-v1-catboost' as model_version,
    date '2017-12-31' as data_until
from marts.customers;
create table predictions.retention_offers as
select as_of_date, customer_id, if(customer_id = '8', 'hold_out', 'offered') as group_name, 'reminder by e-mail' as offer_name, churn_probability,
    0.01::double as uplift, 'declared assumption' as uplift_source, 2::bigint as cost_cents, 5.0::double as expected_margin_cents, run_id,
    model_version, data_until
from predictions.churn_risk;

create table quality.gate_results as
select gate, '{run_key}' as run_key, timestamp '2018-01-01 06:00' as checked_at, 'marts.orders' as table_name, null::varchar as source,
    'order_id' as column_name, 'order_id matches [a-f]+, check ' || i as expectation, if(i = 2, 'warning', 'critical') as severity,
    i <> 2 as is_success, 'found [x]' as observed, null::bigint as count_unexpected
from (values ('landing'), ('marts'), ('features'), ('predictions')) as gates(gate), range(3) as checks(i);
create table quality.drift as
from (values ('score', 'churn', '', 0.4637, true, date '2017-12-02', date '{as_of_date}'), ('score', 'value', '', 0.04, false, '2017-12-02', '{as_of_date}'),
    ('feature', 'features_customer', 'count_orders_30d', 0.5, true, '2017-12-02', '{as_of_date}')
) as drifts(kind, name, column_name, psi, is_drifted, trained_date, as_of_date);
create table quality.retraining as
select 'churn' as question, 'its scores have drifted: PSI 0.46' as reason, 'churn-v1-baseline' as newest_model_version, date '{as_of_date}' as as_of_date;
create table quality.model_metrics as
from (values
    ('purchase', 'purchase-v1-catboost', 'precision_at_10', 'higher', 0.42, 0.40, 'tifu_knn', '2017-12-02 to 2017-12-31'),
    ('demand', 'demand-v1-catboost', 'product_30d_wape', 'lower', 0.50, 0.55, 'fallback', '2017-12-02 to 2017-12-31'),
    ('churn', 'churn-v1-baseline', 'auc', 'higher', 0.80, 0.85, 'rfm', '2017-12-02 to 2017-12-31')
) as metrics(question, model_version, metric, better, model, baseline, baseline_name, evaluated_window);
create table quality.model_checks as
from (values
    ('value', 'value-v1-catboost', true, 'enough data', false, 'too little data for a model: 99 customers who spent anything, at least 200 are needed')
) as checks(question, model_version, is_serving, check_name, is_passed, found);
