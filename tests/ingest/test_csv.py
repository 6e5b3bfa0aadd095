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


@pytest.mark.parametrize(("before", "after", "place"), [(",", "", 1), ("", ",", 6)], ids=["an index", "a last delimiter"])
def test_a_column_without_a_name_is_told_by_its_place(tmp_path, monkeypatch, before, after, place):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"))
    (tmp_path / "source").mkdir()
    lines = [before + line.strip() + after + "\n" for line in (HEADER, GOOD.format(number=1))]
    (tmp_path / "source" / "orders_1.csv").write_text("".join(lines))
    with pytest.raises(ForecartError, match=f"expected a name for every column, found none for number {place} of 6"):
        elsewhere.land()


def test_columns_of_one_name_but_for_its_capitals_are_named(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "orders_1.csv").write_text(HEADER.strip() + ",Amount\nO1,C1,,1,2025-01-01 10:00:00,2\n")
    with pytest.raises(ForecartError, match="expected every column once, found Amount, amount twice"):
        elsewhere.land()


def test_a_line_that_is_cut_short_is_not_shown(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "orders_1.csv").write_text(HEADER + "O1,C1,anna@example.org")
    with pytest.raises(ForecartError, match="expected a whole last line, found one that ends after 22 characters") as told:
        elsewhere.land()
    assert "anna" not in str(told.value)


def test_a_month_to_date_takes_its_own_place_where_that_is_declared(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), loads="replace")
    (tmp_path / "source").mkdir()
    january, february = (tmp_path / "source" / f"orders_{month}.csv" for month in ("2025-01", "2025-02"))
    january.write_text(HEADER + GOOD.format(number=1))
    for rows in (1, 2):
        february.write_text(HEADER + "".join(GOOD.format(number=number) for number in range(2, 2 + rows)))
        landed = elsewhere.land()
        assert (landed["rows"], landed["loads"]) == (1 + rows, 2)


@pytest.mark.parametrize(("older", "newer"), [("9", "10"), ("2025-9", "2025-10"), ("2025-12-31", "2026-01-01"), ("w9", "w10")])
def test_the_newest_of_the_deliveries_serves_where_that_is_declared(tmp_path, monkeypatch, older, newer):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), loads="latest")
    (tmp_path / "source").mkdir()
    for number, batch in ((1, older), (2, newer)):
        (tmp_path / "source" / f"orders_{batch}.csv").write_text(HEADER + GOOD.format(number=number))
    elsewhere.land()
    assert elsewhere.rows() == [("O2",)]


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


@pytest.mark.parametrize("zone", ["Z", "+00", "+0000", "+00:00", " UTC", " Etc/UTC", ".5+00"])
def test_a_time_that_says_its_zone_is_not_taken_for_a_local_one(tmp_path, monkeypatch, zone):
    """As PostgreSQL (+00) and BigQuery (UTC) write times into a file."""
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), timezone="Europe/Berlin")
    (tmp_path / "source").mkdir()
    lines = f"O1,C1,,1,2025-01-10 10:00:00{zone}\nO2,C1,,1,2025-01-10 11:00\nO3,C1,,1,2025-01-10\n"
    (tmp_path / "source" / "orders_1.csv").write_text(HEADER + lines)
    elsewhere.land()
    told = elsewhere.rows("order_id, date_trunc('second', updated_at)::varchar")
    assert told == [("O1", "2025-01-10 10:00:00"), ("O2", "2025-01-10 10:00:00"), ("O3", "2025-01-09 23:00:00")]
