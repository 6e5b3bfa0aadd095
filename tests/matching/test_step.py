"""The step hands dbt the product of each supplier's offer, as the run may know it, and gives the same again."""

from datetime import date

import duckdb
import pytest

from forecart.run import Run
from forecart.shop import Shop
from matching.step import match_products

SHOP = Shop("matched", "A shop for tests", "Europe/Berlin", "EUR", ("catalogue", "supplier"))
PRODUCTS = "product_source_id varchar, product_name varchar, brand varchar, gtin varchar, list_price_cents bigint, updated_at timestamp"
OFFERS = (
    "supplier varchar, supplier_sku varchar, product_name varchar, gtin varchar, price_cents bigint, currency varchar, updated_at timestamp"
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECART_DATA", str(tmp_path))
    run = Run(SHOP, date(2024, 3, 1))
    run.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(run.warehouse)) as connection:
        connection.sql(f"""
            create schema staging;
            create table staging.stg_catalogue__products ({PRODUCTS});
            create table staging.stg_supplier__supplier_offers ({OFFERS});
            insert into staging.stg_catalogue__products values
                ('a', 'Acme mug blue', 'Acme', '4006381333931', 500, '2024-01-01'),
                ('b', 'Acme kettle steel KX100', 'Acme', null, 9900, '2024-01-01')""")
    return run


def offered(run: Run, *rows: str) -> list[tuple]:
    with duckdb.connect(str(run.warehouse)) as connection:
        connection.sql("delete from staging.stg_supplier__supplier_offers")
        for row in rows:
            connection.sql(f"insert into staging.stg_supplier__supplier_offers values ({row})")
    match_products(run)
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        return connection.sql("select supplier, supplier_sku, product_source_id from matching.supplier_products order by all").fetchall()


MUG = "'Becher', '4006381333931', 250, 'EUR'"


def test_each_supplier_may_offer_the_same_product(run):
    found = offered(run, f"'one', 'x1', {MUG}, '2024-02-01'", f"'two', 'x1', {MUG}, '2024-02-01'")
    assert found == [("one", "x1", "a"), ("two", "x1", "a")]


def test_an_offer_of_nothing_in_the_catalogue_has_no_product(run):
    assert offered(run, "'one', 'x1', 'Garden hose 20 m', '036000291452', 900, 'EUR', '2024-02-01'") == []


def test_what_is_not_known_before_as_of_date_is_not_matched(run):
    assert offered(run, f"'one', 'x1', {MUG}, '2024-02-29 23:00:00'") == []  # midnight in Berlin
    assert offered(run, f"'one', 'x1', {MUG}, '2024-02-29 22:59:59'") == [("one", "x1", "a")]


def test_the_newest_version_of_an_offer_counts(run):
    found = offered(run, f"'one', 'x1', {MUG}, '2024-02-01'", "'one', 'x1', 'Kettle steel KX-100 Acme', null, 5000, 'EUR', '2024-02-02'")
    assert found == [("one", "x1", "b")]


def test_without_offers_the_table_is_there_and_empty(run):
    assert offered(run) == []


def test_a_shop_without_suppliers_is_passed_through(run):
    alone = Run(Shop("matched", "A shop for tests", "Europe/Berlin", "EUR", ("catalogue",)), run.as_of_date)
    assert match_products(alone) == {"products": 2, "offers": 0, "matched": 0}


def test_two_products_under_one_identifier_give_an_offer_one_product(run):
    with duckdb.connect(str(run.warehouse)) as connection:
        connection.sql("insert into staging.stg_catalogue__products values ('c', 'Mug', 'Acme', '4006381333931', 500, '2024-01-01')")
    assert offered(run, f"'one', 'x1', {MUG}, '2024-02-01'") == [("one", "x1", "a")]
