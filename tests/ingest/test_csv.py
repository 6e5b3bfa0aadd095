"""Laws of landing from CSV that one file alone does not show."""

import duckdb
import pytest

from forecart.errors import ForecartError
from ingest.loads import QUARANTINE
from tests.ingest.connected import Elsewhere

HEADER = "order_id,customer,email,amount,updated_at\n"
GOOD = "O{number},C1,,1,2025-01-0{number} 10:00:00\n"


def test_rows_that_are_none_are_kept_by_the_file_that_they_stand_in(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"))
    (tmp_path / "source").mkdir()
    for number, broken in ((1, "first,broken\n"), (2, "second,broken\n"), (3, "")):
        (tmp_path / "source" / f"orders_{number}.csv").write_text(HEADER + broken + GOOD.format(number=number))
    assert elsewhere.land()["rows"] == 3
    kept = [elsewhere.ledger.personal / load / QUARANTINE for load in elsewhere.ledger.serving()]
    lines = duckdb.sql(f"select raw->>'_line' from read_parquet({[str(file) for file in kept if file.exists()]}) order by all").fetchall()
    assert lines == [("first,broken",), ("second,broken",)]


def test_a_month_to_date_takes_its_own_place_where_that_is_declared(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), loads="replace")
    (tmp_path / "source").mkdir()
    january, february = (tmp_path / "source" / f"orders_{month}.csv" for month in ("2025-01", "2025-02"))
    january.write_text(HEADER + GOOD.format(number=1))
    for rows in (1, 2):
        february.write_text(HEADER + "".join(GOOD.format(number=number) for number in range(2, 2 + rows)))
        landed = elsewhere.land()
        assert (landed["rows"], landed["loads"]) == (1 + rows, 2)


def test_a_file_with_other_content_is_told_how_it_may_come_again(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"))
    (tmp_path / "source").mkdir()
    for number in (1, 2):
        (tmp_path / "source" / "orders_1.csv").write_text(HEADER + GOOD.format(number=number))
        if number == 1:
            elsewhere.land()
    with pytest.raises(ForecartError, match="loads: replace"):
        elsewhere.land()
    assert elsewhere.rows() == [("O1",)]
