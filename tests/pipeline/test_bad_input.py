"""A source that is not what it should be stops the run, says which file, what was expected and what was found, and changes nothing."""

import duckdb
import pytest


def remove(file):
    file.unlink()
    return "expected a parquet file, found none"


def rename_a_column(file):
    duckdb.read_parquet(str(file)).project("* rename (sales_value as amount)").write_parquet(str(file) + ".new")
    file.with_name(file.name + ".new").replace(file)
    return "expected column sales_value, found amount"


def truncate(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return "expected a whole Parquet file"


def empty(file):
    duckdb.read_parquet(str(file)).limit(0).write_parquet(str(file) + ".new")
    file.with_name(file.name + ".new").replace(file)
    return "found an empty table"


def retype_a_column(file):
    duckdb.read_parquet(str(file)).project("* replace (quantity::varchar as quantity)").write_parquet(str(file) + ".new")
    file.with_name(file.name + ".new").replace(file)
    return "expected column quantity of type bigint but found varchar"


@pytest.mark.parametrize("damage", [remove, rename_a_column, truncate, empty, retype_a_column])
def test_a_bad_source_stops_the_run_and_changes_nothing_published(damage, house):
    before = house.published.resolve(), house.published.read_bytes()
    message = damage(house.source / "transactions.parquet")
    said = " ".join(house.run(expect=1).split())
    assert "complete_journey.transactions" in said
    assert "transactions.parquet" in said
    assert message in said
    assert "Traceback" not in said
    assert (house.published.resolve(), house.published.read_bytes()) == before


def make_negative(file, share):
    duckdb.sql(f"select * replace (if(basket_id % {share} = 0, -5, quantity) as quantity) from '{file}'").write_parquet(f"{file}.new")
    file.with_name(file.name + ".new").replace(file)
    return duckdb.sql(f"select count(*) from '{file}' where quantity < 0").fetchone()[0]


def test_a_red_gate_stops_the_run_and_the_last_version_keeps_serving(house):
    """The columns are as declared; that every third order moved less than nothing is for the gate to find."""
    before = house.published.resolve(), house.published.read_bytes()
    make_negative(house.source / "transactions.parquet", 3)
    said = " ".join(house.run(expect=1).split())
    assert "gate landing" in said
    assert "quantity" in said
    assert "Traceback" not in said
    assert (house.published.resolve(), house.published.read_bytes()) == before


def test_a_few_bad_rows_are_quarantined_with_their_reason_and_the_run_goes_on(house):
    count = make_negative(house.source / "transactions.parquet", 997)
    assert count > 0
    house.run()
    warehouse = house.data / house.shop / "warehouse" / "warehouse.duckdb"
    assert house.ask("select reason, count(*) from conformed.quarantine group by all", warehouse) == [
        ("quantity missing or negative", count)
    ]
    assert house.ask("select quarantined from conformed.reconciliation where entity = 'order_lines'", warehouse) == [(count,)]
