"""Laws of the sample shop's database: what it holds, in SQLite and in PostgreSQL, and what of it lands."""

import duckdb
import pytest
import sqlalchemy

from sample_shop.sources import shop_db
from tests.ingest.test_databases import postgres  # noqa: F401 - a fixture
from tests.sample_shop import small_shop


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return small_shop.tell(tmp_path_factory.mktemp("told"))


def location(told) -> str:
    return f"sqlite:///{told.folder / 'shop_db' / 'shop.db'}"


@pytest.fixture
def house(told, tmp_path, monkeypatch):
    return small_shop.House(tmp_path / "house", monkeypatch, crm=str(told.folder / "crm"), shop_db=location(told))


def dump(url: str) -> dict[str, list[tuple]]:
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as database:
        tables = {name: [tuple(row) for row in database.exec_driver_sql(f"select * from {name}")] for name in shop_db.TABLES}
    engine.dispose()
    return tables


def test_sqlite_and_postgresql_hold_the_same_rows(told, tmp_path, request):
    url = request.getfixturevalue("postgres")
    small_shop.tell(tmp_path, url)
    by_text = lambda rows: sorted(map(str, rows))  # noqa: E731
    theirs, ours = dump(url), dump(location(told))
    assert all(by_text(theirs[name]) == by_text(ours[name]) for name in shop_db.TABLES)


def test_the_same_rows_land_from_postgresql_and_from_sqlite(told, tmp_path, monkeypatch, request):
    url = request.getfixturevalue("postgres")
    small_shop.tell(tmp_path / "told", url)
    rows = {}
    for name, where in [("sqlite", location(told)), ("postgresql", url)]:
        house = small_shop.House(tmp_path / name, monkeypatch, shop_db=where)
        for table, (key, *_) in shop_db.TABLES.items():
            house.land("shop_db", table)
            rows[name, table] = house.landed_rows("shop_db", table)
            rows[name, f"{table} refused"] = house.refused("shop_db", table, key)
    for table in shop_db.TABLES:
        assert rows["postgresql", table] == rows["sqlite", table] != []
        assert rows["postgresql", f"{table} refused"] == rows["sqlite", f"{table} refused"]


def test_the_same_seed_writes_the_same_rows(told, tmp_path):
    small_shop.tell(tmp_path)
    assert dump(location(told)) == dump(f"sqlite:///{tmp_path / 'shop_db' / 'shop.db'}")


def test_every_true_row_is_there(told, tmp_path):
    for table, (letter, key) in {
        "orders": ("O", "order_id"),
        "order_lines": ("L", "order_line_id"),
        "payments": ("Z", "payment_id"),
        "shipments": ("S", "shipment_id"),
        "returns": ("R", "return_id"),
    }.items():
        true = {f"{letter}{number:09}" for (number,) in told.rows(f"select {key} from world.{table}")}
        rows = dump(location(told))[table]
        assert true <= {row[0] for row in rows}, table
        extra = {row[0] for row in rows} - true
        recorded = {key for (key,) in told.rows(f"select source_key from planted where system = 'shop_db' and entity = '{table}'")}
        assert extra <= recorded, f"{table}: rows that never were, and that nobody recorded"


def test_without_errors_the_database_says_what_is_true(tmp_path):
    clean = small_shop.tell(tmp_path, least=0.0, most=0.0)
    lines = {row[0]: row for row in dump(location(clean))["order_lines"]}
    true = clean.rows(
        "select order_line_id, product_id, quantity, quantity * unit_price_cents, currency"
        " from world.order_lines join world.orders using (order_id)"
    )
    assert len(lines) == len(true)
    for line, product, quantity, cents, currency in true:
        _, _, code, units, _, amount, _ = lines[f"L{line:09}"]
        assert (code, units) == (f"P{product:06}", quantity)
        assert currency != "EUR" or round(100 * float(amount)) == cents
    assert clean.rows("select count(*) from planted") == [(0,)]


def test_another_currency_is_worth_the_same_at_the_rate_of_the_day(told):
    amounts = {row[0]: row[5] for row in dump(location(told))["order_lines"]}
    comma = told.planted("line_amount_decimal_comma")
    checked = 0
    for line, cents, rate in told.rows(
        """
        select 'L' || lpad(cast(order_line_id as varchar), 9, '0'), quantity * unit_price_cents, rate
        from world.order_lines join world.orders as orders using (order_id)
        join world.exchange_rates as rates on rates.currency = orders.currency and rate_date = cast(ordered_at as date)
        """
    ):
        if line not in comma and line not in told.planted("line_older_version"):
            assert abs(100 * float(amounts[line]) * rate - cents) <= rate, line
            checked += 1
    assert checked > 20


def test_local_time_and_utc_land_as_the_same_instant(told, house):
    house.land("shop_db", "orders")
    landed = dict(duckdb.sql(f"select order_id, ordered_at from {house.landed('shop_db', 'orders')}").fetchall())
    true = dict(told.rows("select 'O' || lpad(cast(order_id as varchar), 9, '0'), date_trunc('second', ordered_at) from world.orders"))
    assert {key: landed[key] for key in true} == true
    assert told.planted("order_time_local")


def test_a_customer_is_one_subject_in_both_systems_however_the_number_is_written(told, house):
    house.land("crm", "customers")
    house.land("shop_db", "orders")
    landed = dict(duckdb.sql(f"select order_id, customer_id from {house.landed('shop_db', 'orders')}").fetchall())
    ours = house.subjects()
    true = told.rows(
        "select 'O' || lpad(cast(order_id as varchar), 9, '0'), 'C' || lpad(cast(customer_number as varchar), 7, '0') from order_customers"
    )
    assert told.planted("order_customer_padded")
    assert all(landed[order] == ours[customer] for order, customer in true)
    known = {subject for (subject,) in duckdb.sql(f"select customer_id from {house.landed('crm', 'customers')}").fetchall()}
    assert {landed[order] for order, _ in true} <= known


def test_what_cannot_be_true_is_refused_and_nothing_else(told, house):
    for table, key, errors in [
        ("orders", "order_id", ["order_in_future", "order_without_customer"]),
        ("order_lines", "order_line_id", ["line_quantity_impossible"]),
        ("payments", "payment_id", []),
        ("shipments", "shipment_id", []),
        ("returns", "return_id", []),
    ]:
        house.land("shop_db", table)
        expected = set().union(*(told.planted(error) & {row[0] for row in dump(location(told))[table]} for error in errors))
        assert {refused for refused, _ in house.refused("shop_db", table, key)} == expected, table
        assert bool(expected) == bool(errors)


def test_no_address_is_in_the_open_part(told, house):
    house.land("shop_db", "shipments")
    opened = {str(value).strip().lower() for row in duckdb.sql(f"from {house.landed('shop_db', 'shipments')}").fetchall() for value in row}
    for column in ["recipient", "street", "house_number", "postcode", "city"]:
        theirs = {
            str(value).strip().lower() for (value,) in told.rows(f"select distinct {column} from shop_shipments where length({column}) > 2")
        }
        assert not opened & theirs, column


def test_a_late_order_lands_and_no_row_twice(tmp_path, monkeypatch):
    told = small_shop.tell(tmp_path)
    house = small_shop.House(tmp_path / "house", monkeypatch, shop_db=location(told))
    engine = sqlalchemy.create_engine(location(told))
    with engine.begin() as database:
        newest = database.exec_driver_sql("select max(updated_at) from orders").scalar_one()
        held = database.exec_driver_sql(
            "select * from orders where updated_at >= datetime(?, '-2 day') and updated_at < ? order by updated_at limit 1",
            (newest, newest),
        ).fetchall()
        assert held
        database.exec_driver_sql("delete from orders where order_id = ?", (held[0][0],))
    before = house.land("shop_db", "orders")["rows"]
    with engine.begin() as database:
        database.exec_driver_sql("insert into orders values (?, ?, ?, ?, ?, ?, ?)", tuple(held[0]))
    engine.dispose()
    assert house.land("shop_db", "orders")["rows"] == before + 1
    assert house.land("shop_db", "orders") == {"rows": before + 1, "loads": 2, "is_new": False, "stale": None}
