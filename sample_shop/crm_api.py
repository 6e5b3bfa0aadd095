"""The CRM as an API: its records page by page, with a link to the next one, and only those that changed since a time if so asked.

    python -m sample_shop.crm_api --port 8300 &
    FORECART_LOCATION_CRM=http://127.0.0.1:8300 make run SHOP=sample

GET /customers?updated_since=2025-01-31T00:00:00 and GET /logins?logged_in_since=… answer {"data": [...], "next": address or null}. As an API
of a busy house does, it sends every seventh caller away: too many requests (429, with Retry-After), then out of order (503), in turn.
"""

import argparse
import itertools
import json
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import duckdb

from forecart import settings, sql

PAGE = 5_000
TROUBLE_EVERY = 7  # requests
RETRY_AFTER = 1  # seconds
# Collection: its files, the column that orders it, and the parameter that asks for what is newer.
COLLECTIONS = {
    "customers": ("customers_*.csv", "updated_at", "updated_since"),
    "logins": ("logins_*.csv.gz", "logged_in_at", "logged_in_since"),
}


class CrmApi(ThreadingHTTPServer):
    """Serves the files of the CRM's folder, read once, on loopback alone. Port 0 is any free one."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0, page: int = PAGE) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.page = page
        self.requests = itertools.count(1)
        self.troubles: list[int] = []  # the statuses that callers were sent away with
        self.database = duckdb.connect()
        self.database.sql("set TimeZone = 'UTC'")
        for name, (files, column, _) in COLLECTIONS.items():
            rows = f"read_csv({sql.text(folder / files)}, header = true, all_varchar = true)"
            self.database.sql(
                f"create table {name} as select *, row_number() over (order by told_at, record) as number"
                f" from (select {_instant(column)} as told_at, cast(to_json(rows) as varchar) as record from {rows} as rows)"
            )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def server_close(self) -> None:
        super().server_close()
        self.database.close()

    def records(self, name: str, since: datetime | None, after: int) -> tuple[list[dict], int | None]:
        """A page of records, and the number of its last one where more follow."""
        rows = (
            self.database.cursor()
            .execute(
                f"select number, record from {name} where number > ? and (? is null or told_at >= ?) order by number limit ?",
                [after, since, since, self.page + 1],
            )
            .fetchall()
        )
        page = rows[: self.page]
        return [json.loads(record) for _, record in page], page[-1][0] if len(rows) > self.page else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CrmApi

    def do_GET(self) -> None:
        if next(self.server.requests) % TROUBLE_EVERY == 0:
            self.server.troubles.append(503 if len(self.server.troubles) % 2 else 429)
            self._answer(self.server.troubles[-1], {"error": "come again"})
            return
        address = urlsplit(self.path)
        name = address.path.strip("/")
        if name not in COLLECTIONS:
            self._answer(404, {"error": f"there is no {address.path}; there are {', '.join(f'/{one}' for one in COLLECTIONS)}"})
            return
        parameter = COLLECTIONS[name][2]
        asked = {key: values[0] for key, values in parse_qs(address.query).items()}
        try:
            since = _utc(asked[parameter]) if parameter in asked else None
            after = int(asked.get("after", "0"))
        except ValueError as error:
            self._answer(400, {"error": str(error)})
            return
        data, last = self.server.records(name, since, after)
        more = {**({parameter: asked[parameter]} if since else {}), "after": last}
        self._answer(200, {"data": data, "next": f"{self.server.address}/{name}?{urlencode(more)}" if last else None})

    def _answer(self, status: int, content: dict) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", str(RETRY_AFTER))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Says nothing: an address may hold a person's data one day."""


def _utc(text: str) -> datetime:
    """A time, in UTC where it does not say otherwise."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _instant(column: str) -> str:
    """SQL for the time (UTC) that a column of the CRM tells in one of its forms."""
    local = ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S"]
    naive = f"coalesce({', '.join(f'try_strptime({column}, {sql.text(form)})' for form in local)})"
    return f"coalesce({naive} at time zone 'Europe/Berlin', try_cast({column} as timestamptz)) at time zone 'UTC'"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8300)
    parser.add_argument("--folder", type=Path, default=settings.data_folder() / "sample_shop" / "sources" / "crm")
    options = parser.parse_args()
    with CrmApi(options.folder, options.port) as api:
        print(f"The CRM answers at {api.address}; Ctrl-C stops it")
        try:
            api.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
