"""Laws of landing from a database, on a real PostgreSQL and on SQLite."""

import errno
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import duckdb
import pytest
import sqlalchemy

from forecart.errors import ForecartError
from ingest import landing, loads
from tests.ingest.connected import ORDERS, Elsewhere

BINARIES = next((str(path.parent) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None) or (
    str(Path(found).parent) if (found := shutil.which("initdb")) else None
)
ROWS = [(f"O{number}", f"C{number % 3}", "a@example.org", 10 + number, f"2025-01-{number:02} 10:00:00") for number in range(1, 11)]


@pytest.fixture(scope="session")
def postgres():
    """A server of our own on a free port; ends with the tests. Not in pytest's folder, which another pytest shuts to other users."""
    if BINARIES is None:
        pytest.skip("PostgreSQL is not installed: `apt install postgresql` has initdb and pg_ctl")
    with tempfile.TemporaryDirectory(prefix="forecart-postgres-") as folder:
        yield from _serving(folder)


def _serving(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    is_root = subprocess.run(["id", "-u"], capture_output=True, text=True, check=True).stdout.strip() == "0"
    as_user = ["runuser", "-u", "postgres", "--"] if is_root else []  # PostgreSQL refuses to run as root
    if is_root:
        shutil.chown(folder, "postgres")
    run = lambda *command: subprocess.run([*as_user, *command], check=True, capture_output=True, cwd=folder)  # noqa: E731
    run(f"{BINARIES}/initdb", "-D", f"{folder}/db", "-U", "postgres", "--auth=trust", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    run(f"{BINARIES}/pg_ctl", "-D", f"{folder}/db", "-l", f"{folder}/log", "-o", options, "-w", "start")
    yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    run(f"{BINARIES}/pg_ctl", "-D", f"{folder}/db", "-m", "immediate", "stop")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    location = f"sqlite:///{tmp_path / 'shop.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    engine = sqlalchemy.create_engine(location)
    time = "timestamp" if request.param == "postgresql" else "text"
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table if exists orders")
        connection.exec_driver_sql(
            f"create table orders (order_id text, customer text, email text, amount numeric(10, 2), updated_at {time})"
        )
    yield engine
    engine.dispose()


def insert(engine, rows):
    with engine.begin() as connection:
        for row in rows:
            connection.exec_driver_sql("insert into orders values ({})".format(", ".join(f"'{value}'" for value in row)))


@pytest.fixture
def elsewhere(database, tmp_path, monkeypatch):
    insert(database, ROWS)
    return Elsewhere(tmp_path, monkeypatch, database.url.render_as_string(hide_password=False))


def test_rows_land_typed_and_without_persons(elsewhere):
    assert elsewhere.land()["rows"] == 10
    (row,) = [row for row in elsewhere.rows("order_id, amount, updated_at::varchar") if row[0] == "O7"]
    assert tuple(map(str, row)) == ("O7", "17.00", "2025-01-07 10:00:00")
    assert len(elsewhere.rows("distinct customer")) == 3
    assert not {("C0",), ("C1",), ("C2",)} & set(elsewhere.rows("customer"))
    with pytest.raises(Exception, match="email"):
        elsewhere.rows("email")


def test_nothing_new_is_no_new_load(elsewhere):
    elsewhere.land()
    again = elsewhere.land()
    assert (again["rows"], again["loads"], again["is_new"]) == (10, 1, False)


def test_only_what_is_new_is_taken_and_nothing_twice(elsewhere, database):
    elsewhere.land()
    insert(database, [("O11", "C1", "", 5, "2025-01-11 10:00:00")])
    landed = elsewhere.land()
    assert (landed["rows"], landed["loads"]) == (11, 2)
    newest = elsewhere.ledger.manifest(elsewhere.ledger.serving()[-1])
    balance = {load: elsewhere.ledger.manifest(load) for load in elsewhere.ledger.serving()}
    assert all(one["rows"] == one["accepted"] + one["quarantined"] + one["dropped"] for one in balance.values())
    assert min(one["rows"] for one in balance.values()) < 10, "the second time the whole table was asked for"
    assert newest["watermark"]


def test_a_row_that_comes_late_is_not_lost(elsewhere, database):
    elsewhere.land()
    insert(database, [("late", "C1", "", 5, "2025-01-09 08:00:00")])
    elsewhere.land()
    assert ("late",) in elsewhere.rows()


def test_a_row_without_a_cursor_is_not_lost_and_lands_once(database, tmp_path, monkeypatch):
    columns = {**ORDERS["columns"], "updated_at": {"type": "timestamp", "meaning": "The row's version"}}
    elsewhere = Elsewhere(tmp_path, monkeypatch, database.url.render_as_string(hide_password=False), columns=columns)
    insert(database, ROWS)
    for order in ("first", "second"):
        with database.begin() as connection:
            connection.exec_driver_sql(f"insert into orders values ('{order}', 'C1', '', 5, null)")
        elsewhere.land()
    assert not elsewhere.land()["is_new"]
    assert len(elsewhere.rows()) == 12
    assert {("first",), ("second",)} < set(elsewhere.rows())


@pytest.mark.parametrize("time", ["date", "text"])
def test_a_row_that_comes_or_changes_later_on_the_newest_day_is_not_lost(tmp_path, monkeypatch, time):
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create table orders (order_id text, customer text, email text, amount numeric, updated_at {time})")
    columns = {**ORDERS["columns"], "updated_at": {"type": "date", "meaning": "The row's day"}}
    cursor = {"column": "updated_at", "look_back_days": 0}
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(engine.url), columns=columns, cursor=cursor)
    for order in ("morning", "evening"):
        insert(engine, [(order, "C1", "", 5, "2025-01-10")])
        elsewhere.land()
    assert elsewhere.rows() == [("evening",), ("morning",)]
    with engine.begin() as connection:
        connection.exec_driver_sql("update orders set amount = 99 where order_id = 'morning'")
    elsewhere.land()
    assert not elsewhere.land()["is_new"]
    assert elsewhere.rows("order_id, amount::int") == [("evening", 5), ("morning", 5), ("morning", 99)]


def test_a_changed_row_lands_beside_its_older_version(elsewhere, database):
    elsewhere.land()
    with database.begin() as connection:
        connection.exec_driver_sql("update orders set amount = 99, updated_at = '2025-01-12 00:00:00' where order_id = 'O2'")
    elsewhere.land()
    assert [str(amount) for order, amount in elsewhere.rows("order_id, amount") if order == "O2"] == ["12.00", "99.00"]


@pytest.mark.parametrize("change", ["drop column amount", "rename column amount to total"])
def test_a_column_that_was_dropped_or_renamed_stops_the_source(elsewhere, database, change):
    elsewhere.land()
    with database.begin() as connection:
        connection.exec_driver_sql(f"alter table orders {change}")
    with pytest.raises(ForecartError, match=r"table orders: expected column amount, found (nothing|total) in place of it"):
        elsewhere.land()
    assert elsewhere.rows("count(amount)") == [(10,)]


def test_a_row_of_the_future_does_not_keep_out_what_comes_after_it(elsewhere, database):
    elsewhere.land()
    insert(database, [("mistaken", "C1", "", 5, "2199-01-01 00:00:00")])
    elsewhere.land()
    insert(database, [("O11", "C1", "", 5, "2025-01-11 10:00:00")])
    elsewhere.land()
    assert {("O11",), ("mistaken",)} <= set(elsewhere.rows())
    assert len(elsewhere.rows()) == 12


@pytest.mark.parametrize("damaged", [0, 1, 3], ids=["first", "between", "last"])
def test_a_damaged_load_is_asked_for_again_though_newer_ones_have_passed_it_by(elsewhere, database, damaged):
    elsewhere.land()
    for day in (20, 25, 30):
        insert(database, [(f"O{day}", "C1", "", 5, f"2025-01-{day} 10:00:00")])
        elsewhere.land()
    before = elsewhere.rows()
    elsewhere.ledger.data(elsewhere.ledger.deliveries[damaged].load_id).write_bytes(b"damaged")
    with pytest.raises(ForecartError, match="is not what its manifest says"):
        landing.register(landing.plan_run("far"))
    elsewhere.land()
    assert elsewhere.rows() == before
    assert not elsewhere.land()["is_new"], "asked for once"


@pytest.mark.parametrize(
    "change", ["delete from orders", "delete from orders where updated_at > '2025-01-05'"], ids=["emptied", "restored"]
)
def test_a_source_that_has_lost_what_landed_says_so_and_goes_on_with_newer_rows(elsewhere, database, change):
    elsewhere.land()
    with database.begin() as connection:
        connection.exec_driver_sql(change)
    with pytest.raises(
        ForecartError, match="expected at least the newest rows that landed before, found none; has an older state been restored"
    ):
        elsewhere.land()
    assert len(elsewhere.rows()) == 10
    insert(database, [("O11", "C1", "", 5, "2025-01-11 10:00:00")])
    assert elsewhere.land()["rows"] == 11


def test_a_bad_row_is_told_once_though_nothing_else_is_new_and_others_follow(elsewhere, database):
    elsewhere.land()
    with database.begin() as connection:
        connection.exec_driver_sql("insert into orders values (null, 'C1', '', 5, '2025-01-11 10:00:00')")
    assert elsewhere.land()["is_new"]
    assert not elsewhere.land()["is_new"]
    assert sorted(elsewhere.ledger.manifest(load)["quarantined"] for load in elsewhere.ledger.serving()) == [0, 1]
    insert(database, [("O12", "C1", "", 5, "2025-01-12 10:00:00")])
    elsewhere.land()
    manifests = [elsewhere.ledger.manifest(load) for load in elsewhere.ledger.serving()]
    assert sorted(manifest["quarantined"] for manifest in manifests) == [0, 0, 1]
    assert all(one["rows"] == one["accepted"] + one["quarantined"] + one["dropped"] for one in manifests)


def test_a_table_that_was_empty_at_first_lands_once_there_is_something(database, tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, database.url.render_as_string(hide_password=False))
    assert elsewhere.land()["rows"] == 0
    insert(database, ROWS)
    assert elsewhere.land()["rows"] == 10
    insert(database, [("O11", "C1", "", 5, "2025-01-11 10:00:00")])
    assert elsewhere.land()["rows"] == 11


@pytest.mark.parametrize("time", ["timestamp", "timestamptz"])
def test_a_cursor_is_asked_for_in_the_time_of_its_table(postgres, tmp_path, monkeypatch, time):
    """Without a look back the hours between two zones would be lost."""
    engine = sqlalchemy.create_engine(postgres)
    columns = f"order_id text, customer text, email text, amount numeric, updated_at {time}"
    zone = "America/New_York"
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table if exists orders")
        connection.exec_driver_sql(f"create table orders ({columns})")
        connection.exec_driver_sql(f"alter role postgres set timezone = '{zone}'")
    engine.dispose()
    try:
        insert(engine, [("O1", "C1", "", 5, "2025-01-10 10:00:00")])
        words = {**ORDERS["columns"], "updated_at": ORDERS["columns"]["updated_at"] | {"timezone": zone}}
        elsewhere = Elsewhere(tmp_path, monkeypatch, postgres, cursor={"column": "updated_at", "look_back_days": 0}, columns=words)
        elsewhere.land()
        insert(engine, [("O2", "C1", "", 5, "2025-01-10 10:00:00"), ("O3", "C1", "", 5, "2025-01-10 12:00:00")])
        assert elsewhere.land()["rows"] == 3
        assert elsewhere.rows("max(updated_at)::varchar") == [("2025-01-10 17:00:00",)]
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("alter role postgres reset timezone")
        engine.dispose()


@pytest.mark.parametrize("error", [OSError(errno.EROFS, os.strerror(errno.EROFS)), duckdb.IOException("No space left on device")], ids=str)
def test_a_disk_that_takes_nothing_is_not_laid_to_the_source(elsewhere, monkeypatch, error):
    write = loads._write
    monkeypatch.setattr(loads, "_write", lambda *_: (_ for _ in ()).throw(error))
    with pytest.raises(ForecartError, match="orders: expected to write what landed, found: .*(Read-only|No space)"):
        elsewhere.land()
    monkeypatch.setattr(loads, "_write", write)
    assert elsewhere.land()["rows"] == 10


def test_a_cursor_that_is_no_time_is_refused_where_it_is_declared(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, "sqlite:///nowhere.db", cursor={"column": "amount"})
    with pytest.raises(ForecartError, match="expected as cursor one of its columns of type timestamp or date, found amount"):
        elsewhere.land()


def test_a_table_that_is_gone_is_told(elsewhere, database):
    with database.begin() as connection:
        connection.exec_driver_sql("drop table orders")
    with pytest.raises(ForecartError, match="expected a table orders in .*, found: no such table"):
        elsewhere.land()


def test_a_missing_table_is_named_and_no_password_is_told(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, "postgresql+psycopg://shop:secret@127.0.0.1:1/shop")
    with pytest.raises(ForecartError, match=r"elsewhere.orders: expected a table orders in postgresql.*127.0.0.1") as error:
        elsewhere.land()
    assert "secret" not in str(error.value)


def test_an_airflow_connection_says_where(postgres, tmp_path, monkeypatch):
    engine = sqlalchemy.create_engine(postgres)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table if exists orders")
        connection.exec_driver_sql("create table orders (order_id text, customer text, email text, amount numeric, updated_at timestamp)")
    insert(engine, ROWS)
    engine.dispose()
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", postgres.replace("postgresql+psycopg", "postgres"))
    assert Elsewhere(tmp_path, monkeypatch, "airflow:shop_db").land()["rows"] == 10
