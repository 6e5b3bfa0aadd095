"""A small shop with habits: 60 customers who rebuy their favourites every so often, some of whom leave for good."""

import random
from datetime import date, timedelta

import duckdb
import pandas as pd

from forecart import warehouse
from forecart.run import Run

COUNT_CUSTOMERS, COUNT_PRODUCTS = 60, 40
FIRST_DAY = date(2017, 1, 1)

MARTS = """
    create schema landing;
    create table landing.loads as select 'complete_journey' as system, 'transactions' as entity, 'load1' as load_id, 'aa' as data_sha256;
    create schema marts;
    create table marts.order_lines as
        select order_id, product_id, customer_id, 's' as store_id, order_date + interval 12 hour as ordered_at, order_date::date as order_date,
            'sale' as line_type, true as is_purchase, units::bigint as units, units::bigint as units_bought, 0::bigint as units_returned,
            (units * 100)::bigint as sales_cents, (units * 100)::bigint as gross_sales_cents, 0::bigint as refund_cents,
            0::bigint as retail_discount_cents, 0::bigint as coupon_discount_cents, 0::bigint as coupon_match_discount_cents
        from lines;
    create table marts.daily_product_sales as
        select product_id, order_date as sale_date, sum(units)::bigint as units, sum(sales_cents)::bigint as sales_cents,
            0::bigint as discount_cents, count(*) as count_orders, count(distinct customer_id) as count_customers
        from marts.order_lines group by all;
    create table marts.products as
        select product_id, min(order_date) as first_sold_date, 'food' as department, 'c' || product_id[-1] as category, null::varchar as product_type,
            null::varchar as manufacturer_id, null::varchar as brand,
            null::varchar as product_name, null::varchar as description, null::date as launched_date, null::date as discontinued_date,
            true as is_merchandise, true as is_in_catalogue
        from marts.order_lines group by product_id;
    create table marts.customers as
        select customer_id, null::boolean as has_marketing_consent, null::timestamp as registered_at, min(order_date) as first_order_date
        from marts.order_lines group by all;
    create table marts.product_interactions (
        interaction_date date, customer_id varchar, product_id varchar, customer_known_at timestamp, count_list_clicks bigint,
        count_promotion_clicks bigint, count_views bigint, count_searches bigint, count_carts bigint
    );
    create table marts.reviews (
        review_id varchar, product_id varchar, customer_id varchar, review_date date, rating integer, title varchar, body varchar
    );
    create table marts.product_prices (product_id varchar, valid_from_date date, valid_to_date date, discount_share double, price_cents bigint);
    create table marts.promotions (
        product_id varchar, week_start_date date, week_end_date date, count_stores bigint, count_stores_displayed bigint,
        count_stores_mailed bigint, discount_share double
    );
    create table marts.competitor_prices (product_id varchar, known_at timestamp, valid_to_at timestamp, price_cents bigint);
    create table marts.stock_levels (product_id varchar, stock_date date, units_on_hand bigint, units_on_order bigint, is_out_of_stock boolean);
    create table marts.supplier_offers (product_id varchar, lead_time_days integer, updated_at timestamp);
    create table marts.brand_sentiment (brand varchar, sentiment_date date, known_at timestamp, valid_to_at timestamp, sentiment double);
"""


def write_marts(run: Run, first_day: date = FIRST_DAY) -> None:
    """The marts that features read, from `first_day` to the day before the run's date."""
    frame = lines(first_day, run.as_of_date)
    with warehouse.connect(run) as connection:
        connection.register("lines", frame)
        connection.execute(MARTS)


def lines(first_day: date, until: date) -> pd.DataFrame:
    chance = random.Random(7)
    rows = []
    for customer in range(COUNT_CUSTOMERS):
        favourites = chance.sample(range(COUNT_PRODUCTS), 8)
        interval = chance.choice([4, 7, 11, 20])
        leaves = first_day + timedelta(days=chance.randrange(100, 500))
        day = first_day + timedelta(days=chance.randrange(interval))
        while day < min(until, leaves):
            basket = {product for place, product in enumerate(favourites) if chance.random() < 1 / (1 + place)}
            basket.add(chance.randrange(COUNT_PRODUCTS))
            rows += [(f"{customer}-{day}", f"p{product:02}", f"c{customer:02}", day, chance.randrange(1, 4)) for product in sorted(basket)]
            day += timedelta(days=max(1, round(chance.gauss(interval, interval / 4))))
    return pd.DataFrame(rows, columns=["order_id", "product_id", "customer_id", "order_date", "units"])


def ask(run: Run, query: str) -> list[tuple]:
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        return connection.sql(query).fetchall()


def change(run: Run, statement: str) -> None:
    with warehouse.connect(run) as connection:
        connection.execute(statement)


def write(run: Run, table: str, frame: pd.DataFrame) -> None:
    """A table of the training set."""
    with warehouse.connect(run) as connection:
        connection.register("frame", frame)
        connection.execute(f"create table training.{table} as select * replace (as_of_date::date as as_of_date) from frame")
