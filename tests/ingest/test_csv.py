"""Laws of landing from CSV that one file alone does not show."""

import duckdb

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
