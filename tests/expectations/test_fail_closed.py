"""What could not be checked has not passed."""

import pytest

from expectations import GateFailed, gate, validation
from expectations.suite import Suite, every_row, not_null, warn

PROMOTIONS = Suite("marts.promotions", ("product_id", "week_start_date"), [not_null("count_stores")])


@pytest.mark.parametrize("expectation", [warn(not_null("no_such_column")), warn(every_row("a condition", "no_such_column > 1"))])
def test_an_error_in_an_expectation_stops_the_run_even_if_it_would_only_warn(run, ask, expectation):
    ask(Suite("marts.orders", ("order_id",), [expectation]))
    with pytest.raises(GateFailed, match="1 of 4 expectations failed\nmarts.orders.*; found an error: .*no_such_column"):
        gate(run, "marts")


def test_an_error_in_one_expectation_leaves_the_others_their_own_result(run, ask):
    ask(Suite("marts.orders", ("order_id",), [every_row("a", "1 / (units - units) > 'x'"), not_null("order_date")]))
    with pytest.raises(GateFailed, match="1 of 5 expectations failed"):
        gate(run, "marts")


def test_a_suite_without_expectations_stops_the_run(run, ask):
    ask(Suite("marts.orders", ("order_id",), [[], []]))
    with pytest.raises(GateFailed, match="marts.orders: expected that its suite holds expectations; found none"):
        gate(run, "marts")


def test_a_gate_without_suites_stops_the_run(run, ask):
    ask()
    with pytest.raises(GateFailed, match="expected tables to check, found none"):
        gate(run, "marts")


def test_an_expectation_that_did_not_run_stops_the_run(run, ask, monkeypatch):
    ask(PROMOTIONS)
    whole = validation._validate

    def one_short(*arguments):
        account = whole(*arguments)
        account.results.pop()
        return account

    monkeypatch.setattr(validation, "_validate", one_short)
    with pytest.raises(GateFailed, match="expected that all 5 expectations run; found 4 that ran"):
        gate(run, "marts")


def test_an_empty_table_stops_the_run(run, ask, plant):
    ask(PROMOTIONS)
    plant("delete from marts.promotions")
    with pytest.raises(GateFailed, match="marts.promotions: expected that the table has a row or more; found 0"):
        gate(run, "marts")


def test_a_missing_table_stops_the_run(run, ask, plant):
    ask(PROMOTIONS)
    plant("drop table marts.promotions")
    with pytest.raises(GateFailed, match="marts.promotions: expected that the table is there; found no such table"):
        gate(run, "marts")


def test_a_table_that_cannot_be_read_stops_the_run(run, ask, plant, tmp_path):
    name, file = "landing.complete_journey__products", tmp_path / "gone.parquet"
    plant(f"copy (from {name}) to '{file}'; create or replace view {name} as from read_parquet('{file}')")
    file.unlink()
    ask(Suite(name, ("product_id",), [not_null("brand")], source="products.parquet"))
    with pytest.raises(GateFailed, match=rf"{name} \(products.parquet\): expected that the table can be checked; found .*{file}"):
        gate(run, "marts")


def test_a_missing_warehouse_stops_the_run(run):
    run.warehouse.unlink()
    with pytest.raises(GateFailed, match="expected a warehouse .*, found none"):
        gate(run, "marts")
