"""Laws of a source that carries types of its own."""

from datetime import datetime

import duckdb
import pytest

from ingest.systems import Entity
from tests.ingest.connected import ORDERS, Elsewhere

NOBODY = {name: word for name, word in ORDERS["columns"].items() if name in ("order_id", "updated_at")}
ROWS = """
    select * from (values
        ('summer', 'C1', 'a@b.de', 1::decimal(10,2), timestamp '2025-07-01 00:30:00'),
        ('twice', 'C2', 'c@d.de', 2::decimal(10,2), timestamp '2025-10-26 02:30:00')
    ) as orders (order_id, customer, email, amount, updated_at)
"""


@pytest.fixture
def orders(tmp_path, monkeypatch):
    (tmp_path / "source").mkdir()
    monkeypatch.delitem(ORDERS, "cursor")
    duckdb.sql(ROWS).write_parquet(str(tmp_path / "source" / "orders_1.parquet"))

    def orders(**words) -> Elsewhere:
        declared = {"format": "parquet", "file": "orders_{batch}.parquet", **words}
        return Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), **declared)

    return orders


@pytest.mark.parametrize("columns", [ORDERS["columns"], NOBODY], ids=["with persons", "a copy otherwise"])
def test_a_time_without_a_zone_is_in_the_declared_one(orders, columns):
    landed = orders(timezone="Europe/Berlin", columns=columns)
    landed.land()
    assert landed.rows("order_id, updated_at") == [("summer", datetime(2025, 6, 30, 22, 30)), ("twice", datetime(2025, 10, 26, 1, 30))]
    assert landed.ledger.manifest(landed.ledger.serving()[0])["repaired"] == {"updated_at: of two such hours the later": 1}


def test_a_column_has_its_own_zone(orders):
    own = NOBODY | {"updated_at": NOBODY["updated_at"] | {"timezone": "America/New_York"}}
    landed = orders(timezone="Europe/Berlin", columns=own)
    landed.land()
    assert ("summer", datetime(2025, 7, 1, 4, 30)) in landed.rows("order_id, updated_at")


def test_where_no_zone_is_declared_a_time_is_utc(orders):
    landed = orders()
    landed.land()
    assert ("summer", datetime(2025, 7, 1, 0, 30)) in landed.rows("order_id, updated_at")


def test_what_was_taken_for_utc_once_lands_anew(orders, monkeypatch):
    landed = orders(timezone="Europe/Berlin")
    with monkeypatch.context() as before:
        before.setattr(Entity, "local_zone", lambda *_: None)
        landed.land()
        assert ("summer", datetime(2025, 7, 1, 0, 30)) in landed.rows("order_id, updated_at")
    assert landed.land()["is_new"]
    assert ("summer", datetime(2025, 6, 30, 22, 30)) in landed.rows("order_id, updated_at")
