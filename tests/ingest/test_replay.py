"""Rows that a wrong declaration kept out come back once it is put right, and go where it turns out to have been right."""

import pytest
import yaml

from forecart.cli import replay
from forecart.shop import load_shop
from ingest import landing
from tests.faults import judge
from tests.faults.writing import LINES, csv, with_value


@pytest.fixture
def declare(tmp_path, monkeypatch):
    """A shop of four landed lines, one of them with 20,000 units; called with the most units that a line may have."""
    for name, value in judge.environment(tmp_path, "csv").items():
        monkeypatch.setenv(name, value)
    (tmp_path / "delivered" / "lines_1_v1.csv").write_bytes(csv(with_value("quantity", "20000"), *LINES[1:]))
    monkeypatch.setattr("sys.argv", ["replay", "--shop", "faults"])

    def declare(most: int) -> int:
        file = tmp_path / "systems" / "faults.yml"
        words = yaml.safe_load(file.read_text())
        words["entities"]["csv"]["columns"]["quantity"]["max"] = most
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


def test_where_nothing_was_kept_out_nothing_is_judged(declare, capsys):
    declare(30_000)
    assert replay.main() == 0
    assert capsys.readouterr().out == "No row is in quarantine.\n"
