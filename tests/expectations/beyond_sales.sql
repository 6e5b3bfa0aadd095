-- The marts that hold more than sales, of the shop in miniature in world.sql.
create table marts.payments as
select 'z' || order_id as payment_id, order_id, ordered_at as paid_at, order_date as payment_date, sales_cents as amount_cents,
    sales_cents as paid_cents, 'USD' as currency, 'card' as method
from marts.orders;
create table marts.shipments as
select 's' || order_id as shipment_id, order_id, ordered_at as shipped_at, order_date as shipped_date, ordered_at + interval 1 hour as delivered_at,
    'a' as carrier, 'US' as country, '1' as region
from marts.orders;
create table marts.logins as
select customer_id, order_date as login_date, count(*) as count_logins, max(ordered_at) as last_logged_in_at from marts.orders group by all;
create table marts.stock_levels as
select product_id, date '2017-12-30' + day::int as stock_date, 5::bigint as units_on_hand, 0::bigint as units_on_order, false as is_out_of_stock
from marts.products, range(2) as days(day);
create table marts.product_prices as
select product_id, valid_from_date, valid_to_date, 100::bigint as list_price_cents, 0.1::double as discount_share, 90::bigint as price_cents
from marts.products, (values (date '2017-01-01', date '2017-06-01'), (date '2017-06-01', date '9999-12-31')) as spans(valid_from_date, valid_to_date);
create table marts.sessions as
select 'v' || order_id as session_id, 'd' || customer_id as device_id, customer_id, true as is_logged_in, ordered_at as customer_known_at,
    ordered_at as started_at, ordered_at + interval 1 minute as ended_at, order_date as session_date, 5::bigint as count_events,
    1::bigint as count_page_views, 2::bigint as count_views, 1::bigint as count_carts
from marts.orders;
create table marts.product_interactions as
select distinct order_date as interaction_date, customer_id, null::varchar as device_id, product_id, ordered_at as customer_known_at
from marts.order_lines;
create table marts.survey_answers as
select 'a' || customer_id as answer_id, customer_id, timestamp '2017-12-01 12:00' as answered_at, answered_at as customer_known_at, date '2017-12-01' as answer_date, 9::integer as score
from marts.customers;
create table marts.reviews as
select 'r' || product_id as review_id, product_id, '1' as customer_id, date '2017-12-01' as review_date, 5::integer as rating from marts.products;
create table marts.competitor_prices as
select product_id, 'rival' as competitor, known_at, valid_to_at, 95::bigint as price_cents
from marts.products,
    (values (timestamp '2017-12-01', timestamp '2017-12-08'), (timestamp '2017-12-08', timestamp '9999-12-31')) as spans(known_at, valid_to_at);
create table marts.competitor_launches as
select 'rival' as competitor, 'Milk' as product_name, timestamp '2017-12-01' as known_at, 'GROCERY' as category, 95::bigint as price_cents;
create table marts.economic_indicators as
select 'inflation_rate' as indicator, date '2017-10-01' as period_start_date, known_at, valid_to_at, number::integer as release_number, 2.1::double as value
from (values (1, timestamp '2017-11-15', timestamp '2017-12-15'), (2, timestamp '2017-12-15', timestamp '9999-12-31'))
    as releases(number, known_at, valid_to_at);
create table marts.brand_sentiment as
select 'National' as brand, date '2017-12-01' as sentiment_date, timestamp '2017-12-02 06:00' as known_at, timestamp '9999-12-31' as valid_to_at,
    0.5::double as sentiment, 10::bigint as count_posts;
create table marts.supplier_offers as
select 'second' as supplier, 'x' || product_id as supplier_sku, product_id, 50::bigint as price_cents, 100.0::double as weight_g,
    7::integer as lead_time_days, 9::bigint as units_available, timestamp '2017-12-01' as updated_at
from marts.products;
