"""What each gate lets through and what it stops."""

import importlib
from dataclasses import replace

import duckdb
import pytest

from expectations import GateFailed, gate, landing, validation
from expectations.runner import GATES
from forecart import dbt
from tests.expectations.planted import CASES, sent


def failures(run, gate_name, table, words):
    """Asks the one question only: a whole gate takes longer."""
    module, function = GATES[gate_name]

    def suites(*asked):
        (suite,) = [suite for suite in getattr(importlib.import_module(f"expectations.{module}"), function)(*asked) if suite.table == table]
        written = [expectation for group in suite.expects for expectation in group]
        return [replace(suite, expects=[[one for one in written if words in one.description] or written[:1]])]

    (checked,) = validation.check(run, gate_name, suites)
    return [result for result in checked.results if not result.is_success]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]}: {case[3]}")
def test_a_planted_error_is_caught_by_the_expectation_that_is_there_for_it(run, plant, case):
    gate_name, table, error, words = case
    plant(error.replace("{table}", table))
    failed = failures(run, gate_name, table, words)
    assert [result for result in failed if words in result.expectation and "an error" not in result.observed], failed


@pytest.mark.parametrize("gate_name", GATES)
def test_every_expectation_of_a_gate_holds_in_a_sound_shop_and_has_an_error_planted_against_it(run, gate_name):
    assert gate(run, gate_name)["warnings"] == []
    with duckdb.connect(str(run.warehouse)) as connection:
        asked = connection.execute("select table_name, column_name, expectation from quality.gate_results").fetchall()
    guarded = {words for _, _, _, words in CASES}
    of_many = ("is always known", "the table has", "is never repeated", "where known, is at", "finite", "never negative")
    unguarded = [expectation for *_, expectation in asked if not any(words in expectation for words in (*guarded, *of_many))]
    assert not unguarded


def test_a_shop_whose_customers_have_bought_all_that_it_sells_has_nothing_to_discover(run, plant):
    plant("""
        insert into marts.order_lines select lines.* replace (customers.customer_id as customer_id, sold.product_id as product_id)
        from (from marts.order_lines where is_purchase limit 1) as lines, marts.customers,
            (select distinct product_id from marts.order_lines) as sold;
        delete from predictions.discoveries;
    """)
    assert failures(run, "predictions", "predictions.discoveries", "it is empty only where") == []


OF_CUSTOMERS = [
    ("marts", "marts.customers"),
    ("marts", "marts.customer_sources"),
    ("features", "features.features_customer"),
    ("features", "features.features_customer_product"),
    ("training", "training.labels_churn"),
    ("predictions", "predictions.product_recommendations"),
    ("predictions", "predictions.churn_risk"),
]


@pytest.mark.parametrize(("gate_name", "table"), OF_CUSTOMERS)
def test_a_shop_that_knows_no_customers_need_have_none_and_one_that_does_must(run, plant, monkeypatch, gate_name, table):
    def is_stopped() -> bool:
        found = failures(run, gate_name, table, "the table has")
        return any(result.expectation == "the table has a row or more" for result in found)

    plant(f"delete from {table}")
    assert is_stopped()
    staged = dbt.staged(run.shop)
    monkeypatch.setattr(dbt, "staged", lambda shop: {entity: systems for entity, systems in staged.items() if entity != "customers"})
    assert not is_stopped()


@pytest.mark.parametrize(("gate_name", "table"), OF_CUSTOMERS)
def test_whom_an_order_names_must_be_there_though_no_source_tells_of_customers(run, plant, monkeypatch, gate_name, table):
    def is_stopped() -> bool:
        found = failures(run, gate_name, table, "the table has")
        return any("only where no order names a customer" in result.expectation for result in found)

    monkeypatch.setattr(dbt, "staged", lambda shop: {"order_lines": list(shop.systems)})
    plant(f"delete from {table}")
    assert is_stopped()
    plant("update marts.order_lines set customer_id = null")
    assert not is_stopped()


def test_of_a_shop_that_knows_no_customers_other_tables_must_not_be_empty(run, plant, monkeypatch):
    monkeypatch.setattr(dbt, "staged", lambda shop: {"order_lines": list(shop.systems)})
    plant("delete from marts.products")
    assert failures(run, "marts", "marts.products", "the table has")


def test_who_bought_just_now_need_not_be_expected_to_do_so_again(run, plant):
    """All who are active have bought lately: what they spend next is held against what those active a month ago spent since."""
    plant("update predictions.customer_value set sales_cents_30d = 100000")
    assert not failures(run, "predictions", "predictions.customer_value", "half to twice")


def test_what_the_shop_buys_no_more_of_need_not_last(run, plant):
    plant("update predictions.restock_plan set order_units = 0, advice = 'discontinued' where product_id = '1'")
    assert not failures(run, "predictions", "predictions.restock_plan", "after the order")


def test_a_failed_gate_says_in_few_lines_what_was_expected_where_and_what_was_found(run, plant):
    plant("update marts.orders set sales_cents = 1 where order_id = '1004'; update marts.products set is_in_catalogue = null")
    with pytest.raises(GateFailed) as failed:
        gate(run, "marts")
    message = str(failed.value)
    assert "gate marts of corner|2018-01-01" in message
    assert "marts.orders, sales_cents: expected that an order's lines, units, sales" in message
    assert "found 1 row, such as order_id=1004, sales_cents=1, sales_cents_of_lines=" in message
    assert "marts.products, is_in_catalogue: expected that is_in_catalogue is always known; found 41 of 41 rows" in message
    assert len(message.splitlines()) <= 7


def test_the_landing_gate_names_the_source_file(run, plant):
    plant(sent("* rename (quantity as amount)"))
    with pytest.raises(
        GateFailed, match=r"complete_journey__transactions \(transactions.parquet\): expected .* quantity.*; found no quantity"
    ):
        gate(run, "landing")


def test_a_warning_does_not_stop_but_is_told_and_kept(run, plant, caplog):
    plant("update conformed.reconciliation set quarantined = 50, accepted = 948")
    (warning,) = gate(run, "marts")["warnings"]
    assert "at most one row in a hundred is quarantined; found 1 row, such as entity=order_lines" in warning
    assert warning in caplog.text
    with duckdb.connect(str(run.warehouse)) as connection:
        kept = connection.execute("select severity, column_name from quality.gate_results where not is_success").fetchall()
    assert kept == [("warning", "quarantined")]


def test_a_clock_that_stands_still_stops_a_live_run_where_it_is_declared_to(run, monkeypatch):
    """What is measured against as_of_date cannot tell, for that date is the clock's own."""
    declared = list(landing.declared_entities(run.shop))

    def limited(days):
        clocks = [replace(entity, current_within_days=days if entity.is_clock else None) for entity in declared]
        monkeypatch.setattr(landing, "declared_entities", lambda shop: clocks)
        return clocks

    limited(100_000)
    assert gate(run, "landing")["warnings"] == []
    clocks = limited(1)
    with pytest.raises(GateFailed, match=r"as near to today as they are declared to; found 1 row, such as .*transactions"):
        gate(run, "landing")
    historical = landing.sources(clocks, replace(run, is_historical=True))
    assert not [one for words in historical.expects for one in words if "today" in one.description]
