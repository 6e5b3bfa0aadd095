"""Laws of the sample shop's CRM: what it tells, what of it lands, and that its API tells the same as its files."""

import threading
from datetime import date

import duckdb
import pytest
import requests

from ingest.connectors import rest
from sample_shop import crm_api
from tests.sample_shop import small_shop

PERSONAL = ["first_name", "last_name", "birth_date", "email", "phone", "street", "house_number", "postcode", "city"]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return small_shop.tell(tmp_path_factory.mktemp("told"))


@pytest.fixture
def house(told, tmp_path, monkeypatch):
    return small_shop.House(tmp_path / "house", monkeypatch, crm=str(told.folder / "crm"))


@pytest.fixture
def api(told, monkeypatch):
    monkeypatch.setattr(rest, "SECONDS_BETWEEN", 0.01)
    monkeypatch.setattr(crm_api, "RETRY_AFTER", 0)
    server = crm_api.CrmApi(told.folder / "crm", page=50)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_account_is_used_by_its_person_and_not_before_it_exists(told):
    for uses, events, at in [
        ("session_customers", "(from world.sessions where person_id is not null)", "started_at"),
        ("order_customers", "world.orders", "ordered_at"),
        ("review_customers", "world.reviews", "reviewed_at"),
    ]:
        key = told.rows(f"describe {uses}")[0][0]
        (counts,) = told.rows(
            f"""
            select count(*), count(distinct {key}), count(accounts.person_id) filter (events.person_id = accounts.person_id),
                count(*) filter (is_main or accounts.registered_at <= {at})
            from {events} as events left join {uses} using ({key}) left join customer_numbers as accounts using (customer_number)
            """
        )
        assert len(set(counts)) == 1, (uses, counts)
        assert counts[0] > 0, uses


def test_second_accounts_are_used_and_recorded(told):
    kinds = told.rows("select kind, count(*) from customer_numbers where not is_main group by kind")
    assert sum(count for _, count in kinds) == sum(len(told.planted(f"second_account_{kind}")) for kind, _ in kinds) > 0
    used = "select count(*) from order_customers join customer_numbers using (customer_number) where not is_main"
    assert told.rows(used) != [(0,)]


def test_the_same_seed_writes_the_same_bytes(told, tmp_path):
    again = small_shop.tell(tmp_path)
    files = sorted(path.name for path in (told.folder / "crm").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "crm").iterdir())
    assert all((told.folder / "crm" / name).read_bytes() == (tmp_path / "crm" / name).read_bytes() for name in files)
    assert told.rows("from planted order by all") == again.rows("from planted order by all")


def test_nothing_of_a_person_is_in_the_open_part(told, house):
    house.land("crm", "customers")
    opened = duckdb.sql(f"from {house.landed('crm', 'customers')}").fetchall()
    values = {str(value).strip().lower() for row in opened for value in row}
    for column in ["customer_number", *PERSONAL]:  # of house numbers those that no number of ours could be
        theirs = {
            str(value).strip().lower() for (value,) in told.rows(f"select distinct {column} from crm_changes where length({column}) > 2")
        }
        assert theirs
        assert not values & theirs, column


def test_a_row_of_nobody_or_of_the_future_is_refused_and_every_other_one_lands(told, house):
    landed = house.land("crm", "customers")
    missing, future = told.planted("customer_number_missing"), told.planted("customer_registered_in_future")
    expected = {(key, "customer_id: missing") for key in missing} | {(key, "registered_at: above now") for key in future}
    assert house.refused("crm", "customers", "change_id") == expected
    assert missing and future
    assert landed["rows"] == told.rows("select count(*) from crm_changes")[0][0] - len(expected)


def test_times_in_every_form_are_read_as_the_instant_they_mean(told, house):
    house.land("crm", "customers")
    house.land("crm", "logins")
    landed = duckdb.sql(f"select distinct change_id, registered_at from {house.landed('crm', 'customers')}").fetchall()
    true = dict(
        told.rows("select 'X' || lpad(cast(change_number as varchar), 9, '0'), date_trunc('second', registered_at) from crm_true_changes")
    )
    assert {key: at for key, at in landed if key in true} == true
    assert len(told.planted("customer_date_form")) > 0
    landed = duckdb.sql(f"select distinct login_id, logged_in_at from {house.landed('crm', 'logins')}").fetchall()
    true = dict(
        told.rows("select 'G' || lpad(cast(login_number as varchar), 9, '0'), date_trunc('second', logged_in_at) from crm_true_logins")
    )
    assert {key: at for key, at in landed if key in true} == true


def test_an_impossible_birth_date_leaves_the_age_unknown_and_keeps_the_row(told, house):
    house.land("crm", "customers")
    age = dict(duckdb.sql(f"select change_id, age_band from {house.landed('crm', 'customers')}").fetchall())
    impossible = told.planted("customer_birth_date_impossible")
    born = dict(told.rows("select 'X' || lpad(cast(change_number as varchar), 9, '0'), birth_date from crm_true_changes"))
    assert impossible
    assert {age[key] for key in impossible} == {None}
    assert all((age[key] is None) == (born[key] is None) for key in born if key not in impossible)
    ledger = house.ledger("crm", "customers")
    repaired = sum(
        count for load in ledger.serving() for what, count in ledger.manifest(load)["repaired"].items() if what.startswith("birth_date: ")
    )
    assert repaired >= len(impossible)


def test_the_open_part_tells_the_age_but_not_the_birthday(told, house):
    house.land("crm", "customers")
    found = duckdb.sql(f"select change_id, age_band from {house.landed('crm', 'customers')}").fetchall()
    true = {
        key: (born, at.date())
        for key, born, at in told.rows(
            "select 'X' || lpad(cast(change_number as varchar), 9, '0'), birth_date, updated_at from crm_true_changes"
        )
    }
    checked = 0
    for key, band in found:
        if key in true:
            born, at = true[key]
            if band is not None:
                low, high = (int(band.rstrip("+").split("-")[0]), 120 if band == "65+" else int(band.split("-")[1]))
                assert low <= _age(born, at) <= high, (key, band)
                checked += 1
    assert checked > 50


def _age(born: date, at: date) -> int:
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def test_the_api_that_pages_throttles_and_fails_tells_the_same_as_the_files(told, tmp_path, monkeypatch, api):
    rows = {}
    for name, location in [("files", str(told.folder / "crm")), ("api", api.address)]:
        house = small_shop.House(tmp_path / name, monkeypatch, crm=location)
        for entity, key in [("customers", "change_id"), ("logins", "login_id")]:
            house.land("crm", entity)
            rows[name, entity] = house.landed_rows("crm", entity)
            rows[name, f"{entity} refused"] = house.refused("crm", entity, key)
    for entity in ("customers", "customers refused", "logins", "logins refused"):
        assert rows["api", entity] == rows["files", entity]
    assert len(rows["api", "customers"]) > 100
    assert {429, 503} <= set(api.troubles)


def test_the_api_is_asked_only_for_what_may_be_new(tmp_path, monkeypatch, api):
    house = small_shop.House(tmp_path / "house", monkeypatch, crm=api.address)
    first = house.land("crm", "customers")
    again = house.land("crm", "customers")
    assert (again["rows"], again["is_new"]) == (first["rows"], False)
    monkeypatch.setattr(crm_api, "TROUBLE_EVERY", 10**9)
    late = requests.get(f"{api.address}/customers", params={"updated_since": "2025-12-01 00:00:00"}, timeout=10).json()["data"]
    assert late and min(record["updated_at"] for record in late) >= "2025-12-01"
    assert requests.get(f"{api.address}/customers", params={"updated_since": "soon"}, timeout=10).status_code == 400
    assert requests.get(f"{api.address}/passwords", timeout=10).status_code == 404
