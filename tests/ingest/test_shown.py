"""What the warehouse shows of an entity's loads is what lies in them, be they few (a view) or many (a table)."""

import shutil

import duckdb
import pytest

from forecart import warehouse
from forecart.durable import sha256_of
from ingest import landing, shown
from tests.ingest.connected import Elsewhere

HEADER = "order_id,customer,email,amount,updated_at\n"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Elsewhere:
    """Three files of two orders each, where two are the most that a view shows."""
    monkeypatch.setattr(shown, "MANY", 2)
    (tmp_path / "source").mkdir()
    made = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), file="orders_{batch}_v{version}.csv")
    made.source = tmp_path / "source"
    for day in (1, 2, 3):
        deliver(made, day, amount=day)
    return made


def deliver(elsewhere: Elsewhere, day: int, amount: float, version: int = 1) -> None:
    rows = "".join(f"{day}-{number},c1,c1@example.org,{amount},2024-03-0{day} 10:00:00\n" for number in range(2))
    (elsewhere.source / f"orders_{day}_v{version}.csv").write_text(HEADER + rows)
    elsewhere.land()


def seen(elsewhere: Elsewhere) -> tuple[str, list[tuple]]:
    """Kind of relation, and its rows."""
    run = landing.plan_run("far")
    landing.register(run)
    with warehouse.connect(run) as connection:
        kind = connection.sql("select table_type from information_schema.tables where table_name = 'elsewhere__orders'").fetchone()[0]
        return kind, connection.sql("select order_id, amount, load_id from landing.elsewhere__orders order by all").fetchall()


def landed(elsewhere: Elsewhere) -> list[tuple]:
    files = [str(elsewhere.ledger.data(load)) for load in elsewhere.ledger.serving()]
    where = "split_part(filename, '/', -2)"
    return duckdb.sql(f"select order_id, amount, {where} from read_parquet({files}, filename = true) order by all").fetchall()


def test_many_loads_are_shown_as_a_table_that_follows_them(elsewhere):
    assert seen(elsewhere) == ("BASE TABLE", landed(elsewhere))
    deliver(elsewhere, 4, amount=4)
    assert seen(elsewhere) == ("BASE TABLE", landed(elsewhere))
    deliver(elsewhere, 2, amount=20, version=2)  # a corrected file takes the place of the first one
    assert seen(elsewhere) == ("BASE TABLE", landed(elsewhere))
    assert [float(amount) for _, amount, _ in landed(elsewhere)] == [1, 1, 20, 20, 3, 3, 4, 4]


def test_few_loads_are_a_view_again(elsewhere, monkeypatch):
    seen(elsewhere)
    monkeypatch.setattr(shown, "MANY", 9)
    assert seen(elsewhere) == ("VIEW", landed(elsewhere))


def test_a_load_that_landed_again_is_shown_as_it_is_now(elsewhere):
    """Under the same name, with other rows: judged by a newer version of Forecart, or on a day on which a date lies no more in the future."""
    seen(elsewhere)
    ledger = elsewhere.ledger
    load = ledger.serving()[0]
    folder = ledger.folder / load
    rows = duckdb.sql(f"select * from read_parquet('{ledger.data(load)}') limit 1")
    kept = folder.with_name("kept.parquet")
    rows.write_parquet(str(kept))
    ledger.data(load).chmod(0o644)
    shutil.move(kept, ledger.data(load))
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(manifest.replace(ledger.manifest(load)["data_sha256"], sha256_of(ledger.data(load))))
    assert seen(elsewhere) == ("BASE TABLE", landed(elsewhere))
    assert len(landed(elsewhere)) == 5


def test_a_run_killed_between_showing_and_telling_of_it_is_made_good(elsewhere, monkeypatch):
    seen(elsewhere)
    deliver(elsewhere, 4, amount=4)
    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        patch.setattr(landing.Accounts, "keep", lambda self: (_ for _ in ()).throw(RuntimeError("killed")))
        seen(elsewhere)
    assert seen(elsewhere) == ("BASE TABLE", landed(elsewhere))


@pytest.mark.parametrize("count", [1, 2, 3], ids=["one load", "a view", "a table"])
@pytest.mark.parametrize("place", ["source", "data"])
def test_what_a_folder_is_called_is_no_value_of_a_column(tmp_path, monkeypatch, place, count):
    """DuckDB takes amount=7 in a path for a value of the column, in place of the file's."""
    monkeypatch.setattr(shown, "MANY", 2)
    folder = tmp_path / "amount=7"
    folder.mkdir()
    made = Elsewhere(tmp_path, monkeypatch, str(folder if place == "source" else tmp_path / "source"), file="orders_{batch}_v{version}.csv")
    made.source = folder if place == "source" else tmp_path / "source"
    made.source.mkdir(exist_ok=True)
    if place == "data":
        monkeypatch.setenv("FORECART_DATA", str(folder / "data"))
    for day in range(1, 1 + count):
        deliver(made, day, amount=1)
    _, rows = seen(made)
    assert {int(amount) for _, amount, _ in rows} == {1}
