"""Answers given to others at random, for the gate that asks what a model reaches where there is nothing to learn."""

import duckdb

from ml.frames import lowest


def of_customers(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Each customer's answers of a cut-off become those of another one of that cut-off."""
    connection.execute(f"""
        create or replace table training.{table} as
        with customers as (select distinct as_of_date, customer_id from training.{table}),
        places as (
            select *, row_number() over (partition by as_of_date order by customer_id) as place,
                row_number() over (partition by as_of_date order by md5(customer_id || as_of_date::varchar)) as other_place
            from customers
        )
        select answers.* replace (others.customer_id as customer_id)
        from training.{table} as answers
        inner join places using (as_of_date, customer_id)
        inner join places as others on places.as_of_date = others.as_of_date and places.other_place = others.place
    """)


def of_pairs(connection: duckdb.DuckDBPyConnection, table: str, candidates: str) -> None:
    """As many candidate pairs of each cut-off as were bought, whichever: what sells well and who buys much says nothing any more."""
    counts = connection.execute(f"""
        select as_of_date, count(labels.product_id), count(*)
        from training.{candidates} left join training.{table} as labels using (as_of_date, customer_id, product_id) group by all
    """).fetchall()
    if not counts:
        return
    # Those with the lowest hashes. Ten standard errors more than are asked for are put in order, not the tens of millions of a large shop.
    shares = {day: (bought + 10 * bought**0.5 + 100) / count for day, bought, count in counts}
    below = " ".join(f"when date '{day}' then '{lowest(share)}'" for day, share in shares.items())
    hashed = "md5(customer_id || product_id || as_of_date::varchar)"
    connection.execute(f"""
        create or replace table training.{table} as
        with pairs as (
            select *, row_number() over (partition by as_of_date order by {hashed}) as place
            from (
                select as_of_date, customer_id, product_id from training.{candidates}
                where {hashed} < case as_of_date {below} end
            )
        ),
        bought as (
            select *, row_number() over (partition by as_of_date order by customer_id, product_id) as place
            from training.{table} semi join training.{candidates} using (as_of_date, customer_id, product_id)
        )
        select bought.* exclude (place) replace (pairs.customer_id as customer_id, pairs.product_id as product_id)
        from bought inner join pairs using (as_of_date, place)
    """)


def of_products(connection: duckdb.DuckDBPyConnection, among: str, tables: dict[str, tuple[str, str]]) -> None:
    """Each product's days and sums of a window become another one's of that cut-off, the same one in every table; at each cut-off another,
    since a product can be told by its price, and what it was given once would be its own ever after.

    `among`: a query of as_of_date and product_id. `tables`: name -> column of the product, and which rows of `answers` belong to a cut-off
    of `others`.
    """
    connection.execute(f"""
        create temp table others as
        with places as (
            select as_of_date, product_id, row_number() over (partition by as_of_date order by product_id) as place,
                row_number() over (partition by as_of_date order by md5(product_id || as_of_date::varchar)) as other_place
            from ({among})
        )
        select places.as_of_date, dates.label_until_date, places.product_id, others.product_id as other_id
        from places
        inner join places as others on places.as_of_date = others.as_of_date and places.place = others.other_place
        inner join training.as_of_dates as dates on places.as_of_date = dates.as_of_date
    """)
    for table, (key, rows) in tables.items():
        connection.execute(
            f"update training.{table} as answers set {key} = others.other_id from others where answers.{key} = others.product_id and {rows}"
        )
    connection.execute("drop table others")
