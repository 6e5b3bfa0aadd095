"""Rows that a wrong declaration kept out come back once it is put right, and go where it turns out to have been right."""

import json
from datetime import date, datetime, timedelta

import duckdb
import pytest
import yaml

from forecart.cli import replay
from forecart.shop import load_shop
from ingest import landing
from ingest import replay as replaying
from ingest.ledger import Ledger
from ingest.systems import load_system
from tests.faults import judge
from tests.faults.writing import LINES, RECORD, RECORDS, csv, jsonl, with_value


@pytest.fixture
def declare(tmp_path, monkeypatch):
    """A shop of four landed lines, one of them with 20,000 units; called with the most units that a line may have."""
    for name, value in judge.environment(tmp_path, "csv").items():
        monkeypatch.setenv(name, value)
    (tmp_path / "delivered" / "lines_1_v1.csv").write_bytes(csv(with_value("quantity", "20000"), *LINES[1:]))
    monkeypatch.setattr("sys.argv", ["replay", "--shop", "faults"])

    def declare(most: int, **words_of_lines) -> int:
        file = tmp_path / "systems" / "faults.yml"
        words = yaml.safe_load(file.read_text())
        words["entities"]["csv"]["columns"]["quantity"]["max"] = most
        words["entities"]["csv"] |= words_of_lines
        file.write_text(yaml.safe_dump(words))
        return landing.land(load_shop("faults"), "faults", "csv")["rows"]

    return declare


def test_rows_come_back_with_the_declaration_and_go_with_it(declare, capsys):
    for most, rows, said in [
        (10_000, 3, "0 rows re-admitted.\n"),
        (30_000, 4, "1 row re-admitted. `make run` takes them on.\n"),
        (10_000, 3, "0 rows re-admitted.\n"),
    ]:
        declare(most)
        assert replay.main() == 0
        assert capsys.readouterr().out.endswith(said)
        assert declare(most) == rows


@pytest.mark.parametrize(
    ("entity", "bad"),
    [
        ("csv", csv(with_value("customer", "C\0"), *LINES[1:])),
        ("jsonl", jsonl('{"line_id": "L9", ' + json.dumps(RECORD)[1:], *RECORDS[1:])),
    ],
    ids=["a NUL", "a key that comes twice"],
)
def test_a_row_that_is_wrong_as_a_whole_stays_out(tmp_path, monkeypatch, entity, bad):
    """Of the kept values nobody sees it any more."""
    for name, value in judge.environment(tmp_path, entity).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "delivered" / f"lines_1_v1.{entity}").write_bytes(bad)
    shop = load_shop("faults")
    assert landing.land(shop, "faults", entity)["rows"] == 3
    (replayed,) = replaying.replay(shop)
    assert (replayed["readmitted"], replayed["quarantined"]) == (0, 1)
    assert landing.land(shop, "faults", entity)["rows"] == 3


def test_fewer_rows_than_the_source_has_come_back(declare, capsys):
    whole = {"file": "lines_1_v1.csv", "expected_rows": {"min": 3, "max": 100}}
    assert declare(10_000, **whole) == 3
    declare(30_000)
    assert replay.main() == 0
    assert capsys.readouterr().out.endswith("1 row re-admitted. `make run` takes them on.\n")
    assert declare(30_000) == 4


def test_a_time_that_is_declared_in_another_zone_lands_anew(declare):
    def first_order() -> datetime:
        ledger = Ledger.of(load_shop("faults"), load_system("faults").entities["csv"])
        (load,) = ledger.serving()
        return duckdb.sql(f"select min(ordered_at) from '{ledger.data(load)}'").fetchone()[0]

    declare(10_000)
    of_london = first_order()
    declare(10_000, timezone="Europe/Berlin")
    assert first_order() == of_london - timedelta(hours=1)


def test_a_last_day_that_is_declared_otherwise_is_told_anew(declare):
    def until() -> str:
        ledger = Ledger.of(load_shop("faults"), load_system("faults").entities["csv"])
        return ledger.manifest(ledger.serving()[0])["data_until"]

    declare(10_000, data_until="max(ordered_at)::date")
    whole = until()
    declare(10_000, data_until="max(ordered_at)::date - 21")
    assert date.fromisoformat(until()) == date.fromisoformat(whole) - timedelta(days=21)


def test_where_nothing_was_kept_out_nothing_is_judged(declare, capsys):
    declare(30_000)
    assert replay.main() == 0
    assert capsys.readouterr().out == "No row is in quarantine.\n"
