"""A source that is not what it should be stops the run, says which file, what was expected and what was found, and changes nothing."""

import duckdb


def test_a_source_that_cannot_be_read_stops_the_run_and_changes_nothing_published(house):
    """What else may be wrong with a file, tests/faults tells."""
    before = house.published.resolve(), house.published.read_bytes()
    file = house.source / "transactions.parquet"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    said = " ".join(house.run(expect=1).split())
    assert "complete_journey.transactions" in said
    assert "transactions.parquet" in said
    assert "expected a whole Parquet file" in said
    assert "Traceback" not in said
    assert (house.published.resolve(), house.published.read_bytes()) == before


def make_negative(file, share):
    duckdb.sql(f"select * replace (if(basket_id % {share} = 0, -5, quantity) as quantity) from '{file}'").write_parquet(f"{file}.new")
    file.with_name(file.name + ".new").replace(file)
    return duckdb.sql(f"select count(*) from '{file}' where quantity < 0").fetchone()[0]


def test_a_source_of_which_many_rows_are_bad_stops_the_run_and_the_last_version_keeps_serving(house):
    before = house.published.resolve(), house.published.read_bytes()
    make_negative(house.source / "transactions.parquet", 3)
    said = " ".join(house.run(expect=1).split())
    assert "expected at most 5% of its" in said
    assert "quantity: below 0" in said
    assert "Traceback" not in said
    assert (house.published.resolve(), house.published.read_bytes()) == before


def test_a_red_gate_stops_the_run_and_the_last_version_keeps_serving(house):
    """Each row is as declared; that two of them are one product is for the gate to find."""
    before = house.published.resolve(), house.published.read_bytes()
    file = house.source / "products.parquet"
    duckdb.sql(f"from '{file}' union all (from '{file}' order by product_id limit 1)").write_parquet(f"{file}.new")
    file.with_name("products.parquet.new").replace(file)
    said = " ".join(house.run(expect=1).split())
    assert "gate landing" in said
    assert "product_id" in said
    assert "Traceback" not in said
    assert (house.published.resolve(), house.published.read_bytes()) == before


def test_a_few_bad_rows_are_quarantined_with_their_reason_and_the_run_goes_on(house):
    count = make_negative(house.source / "transactions.parquet", 997)
    assert count > 0
    house.run()
    warehouse = house.data / house.shop / "warehouse" / "warehouse.duckdb"
    assert house.ask("select entity, reason, count_rows from landing.quarantine", warehouse) == [
        ("transactions", "quantity: below 0", count)
    ]
    assert house.ask("select rows - accepted, quarantined, dropped from landing.loads where entity = 'transactions'", warehouse) == [
        (count, count, 0)
    ]


def test_where_nothing_has_landed_nothing_is_trained_and_what_to_do_is_told(new_house):
    said = new_house().run("--train", expect=1)
    assert "nothing has landed yet; `make run`" in " ".join(said.split())
    assert "Traceback" not in said
