"""Identity as a step of a run: from personal files to the warehouse, day after day."""

import json
from datetime import date

import duckdb
import pytest

from forecart import settings
from forecart.errors import ForecartError
from forecart.run import Run
from forecart.shop import Shop
from privacy.identity import step

SHOP = Shop("people", "A shop for tests", "Europe/Berlin", "EUR", ("register",))
DECLARED = """
system: register
description: Customers
licence: none
location: "{data}/register"
entities:
  customers:
    description: One row per customer
    file: "customers_{batch}.csv"
    key: [customer_id]
    columns:
      customer_id: {type: varchar, meaning: The customer, subject: register}
      first_name: {type: varchar, meaning: First name, personal: true}
      last_name: {type: varchar, meaning: Last name, personal: true}
      birth_date: {type: varchar, meaning: Birth, personal: true}
      email: {type: varchar, meaning: E-mail, personal: true}
      phone: {type: varchar, meaning: Telephone, personal: true}
      postcode: {type: varchar, meaning: Postcode, personal: true}
      gender: {type: varchar, meaning: Gender}
      consent: {type: varchar, meaning: Consent}
      updated_at: {type: timestamp, meaning: Version}
"""
# Three accounts of the Webers; strangers, so that there is something to learn from.
ANNA = ("a1", "Anna", "Weber", "1980-03-01", "anna@web.de", "030 1234567", "10115", "f", "ja")
AGAIN = ("a2", "Anna", "Weber", "1980-03-01", "anna@web.de", "030 1234567", "10115", None, None)
JONAS = ("j1", "Jonas", "Weber", "1979-05-11", "jonas@web.de", "030 1234567", "10115", "m", "nein")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECART_DATA", str(tmp_path))
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems" / "register.yml").write_text(DECLARED)
    monkeypatch.setattr(settings, "systems_folder", lambda: tmp_path / "systems")
    return SHOP


def _land(day: int, *people: tuple) -> Run:
    """These people, and 300 couples under one roof, in the place of what landed before."""
    folder = SHOP.personal / "register" / "customers" / f"{day}"
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.sql(
            """
            create table told as
            select 's' || range as customer_id, 'Name' || range as first_name, 'Berg' || range // 2 as last_name,
                (date '1950-01-01' + (range * 3571 % 15000)::integer)::varchar as birth_date, 'berg' || range || '@web.de' as email,
                '030 9' || (100000 + range // 2) as phone, (10000 + range // 2)::varchar as postcode, null::varchar as gender, 'ja' as consent,
                timestamp '2025-01-01' as updated_at
            from range(600)
            """
        )
        connection.executemany("insert into told values (?, ?, ?, ?, ?, ?, ?, ?, ?, timestamp '2025-01-01')", list(people))
        # Some of the strangers twice: of them the weights are learned.
        twice = "select * replace ('t' || customer_id as customer_id) from told where customer_id like 's%' and hash(customer_id) % 5 = 0"
        connection.sql(f"insert into told {twice}")
        connection.sql(f"copy told to '{folder / 'personal.parquet'}' (format parquet)")
    landing = SHOP.landing / "register" / "customers"
    (landing / f"{day}").mkdir(parents=True)
    (landing / f"{day}" / "manifest.json").write_text("{}")
    delivery = {"name": "customers_1.csv", "batch": "1", "version": day, "stamp": "", "sha256": f"{day}", "load_id": f"{day}"}
    (landing / "deliveries.json").write_text(json.dumps({"deliveries": [delivery], "failure": None}))
    run = Run(SHOP, date(2025, 1, 1 + day))
    run.warehouse.parent.mkdir(parents=True, exist_ok=True)
    return run


def _ask(run: Run, query: str) -> list[tuple]:
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        return connection.sql(query).fetchall()


def _groups(run: Run) -> set[str]:
    rows = _ask(run, "select string_agg(subject_id, ' ' order by subject_id) from identity.crosswalk group by customer_id")
    return {ids for (ids,) in rows}


def test_three_days_with_a_merge_a_split_and_a_correction_end_as_a_run_from_nothing(shop):
    step.resolve_customers(_land(1, ANNA, JONAS))
    merged = _land(2, ANNA, AGAIN, JONAS)
    step.resolve_customers(merged)
    assert {"a1 a2", "j1"} <= _groups(merged)
    corrected = ("a2", "Maria", "Weber", "1955-08-30", "maria@web.de", "030 1234567", "10115", "f", None)
    split = _land(3, ANNA, corrected, JONAS)
    events = step.resolve_customers(split)["events"]
    assert events == {"new": 1, "split": 1}
    kept = _groups(split)
    assert {"a1", "a2", "j1"} <= kept
    assert _ask(split, "select event, count(*) from identity.log where event <> 'new' group by 1") == [("split", 1)]

    assert step.resolve_customers(split)["events"] == {}  # a rerun
    for file in (SHOP.folder / "identity").glob("identity.duckdb*"):
        file.unlink()
    step.resolve_customers(split)
    assert _groups(split) == kept


def test_the_warehouse_sees_ids_weights_and_coarse_attributes_only(shop):
    run = _land(1, ANNA, AGAIN, JONAS)
    step.resolve_customers(run)
    assert _ask(run, "from identity.attributes where customer_id = 'a1'") == [("a1", "1980-1989", "10", "f", None, True)]
    assert _ask(run, "select count(*) > 100 from identity.match_weights") == [(True,)]
    for (table,) in _ask(run, "select table_name from duckdb_tables() where schema_name = 'identity'"):
        for value in ("anna@web.de", "Weber", "weber", "1980-03-01"):
            assert _ask(run, f"select count(*) from identity.{table} as t where contains(t::varchar, '{value}')") == [(0,)], table
    assert "anna" in (SHOP.personal / "identity" / "match_weights.html").read_text()


def test_a_model_trained_anew_is_the_next_runs_and_a_broken_one_says_so(shop):
    run = _land(1, ANNA, JONAS)
    step.resolve_customers(run)
    assert step.retrain(run)["model"] == "model-0002.json"
    step.models(SHOP)[-1].write_text('{"levels": {}}')
    with pytest.raises(ForecartError, match="no saved model"):
        step.resolve_customers(run)


def test_a_historical_run_keeps_nothing(shop):
    run = _land(1, ANNA, JONAS)
    step.resolve_customers(run)
    before = (SHOP.folder / "identity" / "identity.duckdb").read_bytes()
    past = Run(SHOP, date(2025, 1, 1), is_historical=True)
    past.warehouse.parent.mkdir(parents=True)
    assert step.resolve_customers(past)["records"] == 0  # all of it was told on that day
    assert (SHOP.folder / "identity" / "identity.duckdb").read_bytes() == before


def test_a_shop_without_personal_columns_passes_one_to_one(shop, tmp_path):
    run = _land(1, ANNA)
    (tmp_path / "systems" / "register.yml").write_text(DECLARED.replace(", personal: true", ""))
    assert step.resolve_customers(run)["records"] == 0
    assert _ask(run, "select count(*) from identity.crosswalk") == [(0,)]
