"""Answers given to others at random: as many as there were, and to whoever has the lowest hashes."""

from datetime import date

import duckdb
import pytest

from ml import shuffling

DAYS = [date(2025, 1, 1), date(2025, 1, 31)]


@pytest.mark.parametrize("count", [3, 2000])
def test_as_many_pairs_are_bought_as_before_those_with_the_lowest_hashes(count):
    connection = duckdb.connect()
    connection.execute("create schema training")
    connection.execute(f"""
        create table training.pairs as
        select as_of_date, 'c' || place as customer_id, 'p' || place % 7 as product_id
        from (select unnest([{", ".join(f"date '{day}'" for day in DAYS)}]) as as_of_date), (select unnest(range({count})) as place)
    """)
    connection.execute(
        "create table training.bought as select *, 1 as count_orders_30d from training.pairs where hash(customer_id) % 20 = 0"
    )
    connection.execute("insert into training.bought select as_of_date, 'nobody', 'p1', 1 from training.pairs limit 1")
    expected = connection.sql("""
        with asked as (select as_of_date, count(*) as count_pairs from training.bought semi join training.pairs using (customer_id) group by all)
        select as_of_date, customer_id, product_id from training.pairs inner join asked using (as_of_date)
        qualify row_number() over (partition by as_of_date order by md5(customer_id || product_id || as_of_date::varchar)) <= count_pairs
        order by all
    """).fetchall()
    shuffling.of_pairs(connection, "bought", "pairs")
    assert connection.sql("select as_of_date, customer_id, product_id from training.bought order by all").fetchall() == expected


def test_where_there_is_no_pair_there_is_nothing_to_give_away():
    connection = duckdb.connect()
    connection.execute("create schema training")
    for table in ("pairs", "bought"):
        connection.execute(f"create table training.{table} (as_of_date date, customer_id varchar, product_id varchar)")
    shuffling.of_pairs(connection, "bought", "pairs")
    assert connection.sql("from training.bought").fetchall() == []
