"""Laws of landing from an API, against a server on loopback that pages, throttles, fails and cuts answers short."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from forecart.errors import ForecartError
from ingest import landing
from ingest.connectors import rest
from tests.ingest.connected import Elsewhere

PAGE = 4


class Api(ThreadingHTTPServer):
    """Serves `orders` page by page; `trouble` is what the next requests meet instead: a status, or "cut"."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.orders = [
            {"order_id": f"O{n}", "customer": "C1", "email": None, "amount": n, "updated_at": f"2025-01-{n:02}T10:00:00Z"}
            for n in range(1, 11)
        ]
        self.trouble: list[int | str] = []
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        trouble = self.server.trouble.pop(0) if self.server.trouble else None
        if isinstance(trouble, int):
            self.send_response(trouble)
            if trouble == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        query = parse_qs(urlsplit(self.path).query)
        since, start = query.get("updated_since", [""])[0], int(query.get("start", ["0"])[0])
        orders = [order for order in self.server.orders if order["updated_at"].replace("T", " ") >= since]
        more = f"{self.server.address}/orders?start={start + PAGE}&updated_since={since}" if start + PAGE < len(orders) else None
        body = json.dumps({"data": orders[start : start + PAGE], "next": more}).encode()
        self._answer(body, len(body) // 2 if trouble == "cut" else len(body))

    def _answer(self, body: bytes, until: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:until])
        self.close_connection = until is not None and until < len(body)

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def api(monkeypatch):
    monkeypatch.setattr(rest, "SECONDS_BETWEEN", 0.01)
    server = Api()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def elsewhere(api, tmp_path, monkeypatch):
    return Elsewhere(tmp_path, monkeypatch, api.address)


def test_every_page_lands(elsewhere, api):
    assert elsewhere.land()["rows"] == 10
    assert len(api.asked) == 3


def test_only_what_is_new_is_asked_for_and_nothing_lands_twice(elsewhere, api):
    elsewhere.land()
    api.asked.clear()
    api.orders.append(api.orders[0] | {"order_id": "O11", "updated_at": "2025-01-11T10:00:00Z"})
    landed = elsewhere.land()
    assert (landed["rows"], landed["loads"]) == (11, 2)
    assert "updated_since=2025-01-08" in api.asked[0]
    assert len(elsewhere.rows()) == 11


@pytest.mark.parametrize("look_back_days", [0, 2])
def test_an_answer_without_what_landed_before_is_nothing_new_only_where_no_look_back_asks_for_it(
    api, tmp_path, monkeypatch, look_back_days
):
    elsewhere = Elsewhere(tmp_path, monkeypatch, api.address, cursor={"column": "updated_at", "look_back_days": look_back_days})
    elsewhere.land()
    api.orders.clear()
    if look_back_days:
        with pytest.raises(ForecartError, match="expected at least the newest rows that landed before, found none"):
            elsewhere.land()
    else:
        assert not elsewhere.land()["is_new"]
    assert len(elsewhere.rows()) == 10


@pytest.mark.parametrize("trouble", [[500], [503, 503], [429, 429, 429], ["cut"]], ids=str)
def test_trouble_that_passes_is_waited_out(elsewhere, api, trouble):
    api.trouble += trouble
    assert elsewhere.land()["rows"] == 10
    assert len(elsewhere.rows("distinct order_id")) == 10


@pytest.mark.parametrize("trouble", [[500] * 99, [404]], ids=["always failing", "not there"])
def test_trouble_that_stays_stops_the_source_and_nothing_lands(elsewhere, api, trouble):
    api.trouble += trouble
    with pytest.raises(ForecartError, match=r"elsewhere.orders: expected pages of orders at http://127.0.0.1"):
        elsewhere.land()
    assert not elsewhere.ledger.serving()


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(
    ("body", "found"),
    [('{"error": "down for maintenance"}', "an answer without 'data': .*maintenance"), ("<html>Maintenance</html>", "no JSON: <html>")],
)
def test_an_answer_that_is_none_is_no_empty_page(elsewhere, api, monkeypatch, page, body, found):
    answer = Handler._answer
    pages = iter(range(1, 99))
    monkeypatch.setattr(Handler, "_answer", lambda self, usual, until=None: answer(self, body.encode() if next(pages) == page else usual))
    with pytest.raises(ForecartError, match=f"expected pages of orders at http://127.0.0.1.*found: {found}"):
        elsewhere.land()
    assert not elsewhere.ledger.serving()


@pytest.mark.parametrize("cut", [None, -5], ids=["a list under another name", "cut short"])
def test_an_answer_that_is_none_tells_of_nobody(elsewhere, monkeypatch, cut):
    answer = Handler._answer
    body = json.dumps({"items": [{"email": "anna@example.org"}]}).encode()[:cut]
    monkeypatch.setattr(Handler, "_answer", lambda self, usual, until=None: answer(self, body))
    with pytest.raises(ForecartError, match="an answer without 'data': items|no JSON: 37 characters") as told:
        elsewhere.land()
    assert "anna" not in str(told.value)


def test_an_optional_source_that_fails_serves_its_last_good_load_marked_stale(api, tmp_path, monkeypatch, caplog):
    elsewhere = Elsewhere(tmp_path, monkeypatch, api.address, is_required=False)
    elsewhere.land()
    api.trouble += [404]
    landed = elsewhere.land()
    assert landed["rows"] == 10
    assert "expected pages of orders" in landed["stale"]
    assert f"{landed['stale']}; the last good loads serve" in caplog.text  # all that the web UI shows of it
    assert elsewhere.ledger.failure
    api.trouble.clear()
    assert elsewhere.land()["stale"] is None
    assert elsewhere.ledger.failure is None


def test_a_file_that_cannot_be_read_leaves_what_served_before(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), file="orders.csv", loads="latest", is_required=False)
    (tmp_path / "source").mkdir()
    file = tmp_path / "source" / "orders.csv"
    header = "order_id,customer,email,amount,updated_at\n"
    file.write_text(header + "O1,C1,,1,2025-01-01 10:00:00\nO2,C1,,2,2025-01-02 10:00:00\n")
    elsewhere.land()
    file.write_text("something,else\n1,2\n")
    landed = elsewhere.land()
    assert (landed["rows"], landed["loads"]) == (2, 1)
    assert landed["stale"]
    assert elsewhere.rows() == [("O1",), ("O2",)]
    file.write_text(header + "O3,C1,,1,2025-01-03 10:00:00\n")
    assert elsewhere.land()["stale"] is None
    assert elsewhere.rows() == [("O3",)]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(116, "Stale file handle")], ids=str)
def test_an_optional_file_that_the_system_does_not_give_leaves_what_served_before(tmp_path, monkeypatch, error):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), is_required=False)
    (tmp_path / "source").mkdir()
    for number in (1, 2):
        lines = f"order_id,customer,email,amount,updated_at\nO{number},C1,,1,2025-01-01 10:00:00\n"
        (tmp_path / "source" / f"orders_{number}.csv").write_text(lines)
        if number == 1:
            elsewhere.land()
            monkeypatch.setattr(landing, "sha256_of", lambda path: (_ for _ in ()).throw(error))
    landed = elsewhere.land()
    assert (landed["rows"], landed["stale"]) == (1, f"elsewhere.orders: {error}")


def test_a_link_to_nothing_is_told(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "orders_1.csv").symlink_to("gone.csv")
    with pytest.raises(ForecartError, match=r"orders_1.csv: expected a file, found a link to gone.csv, which is not there"):
        elsewhere.land()


def test_a_folder_that_is_not_there_any_more_is_no_day_without_files(tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "orders_1.csv").write_text("order_id,customer,email,amount,updated_at\nO1,C1,,1,2025-01-01 10:00:00\n")
    elsewhere.land()
    (tmp_path / "source" / "orders_1.csv").unlink()
    assert elsewhere.land()["rows"] == 1
    (tmp_path / "source").rmdir()
    with pytest.raises(ForecartError, match="expected a folder .*source, found none; is what holds it not mounted"):
        elsewhere.land()


def test_who_we_are_is_sent_and_never_told(api, tmp_path, monkeypatch):
    elsewhere = Elsewhere(tmp_path, monkeypatch, api.address.replace("//", "//:secret@"))
    api.trouble += [404]
    with pytest.raises(ForecartError) as error:
        elsewhere.land()
    assert "secret" not in str(error.value)
