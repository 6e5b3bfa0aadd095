"""What a day's load costs when ten times as much has come before: from landing to conformed, after 100 daily files and after 1,000.

A day costs what Python and dbt take to start and to read the project, whatever there is to do, and the work itself: to find and land the
file, to show it to the warehouse, to build and test. A large constant would hide a slow growth, so the work's ratio stands by itself.
"""

import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from forecart import dbt, settings, timing
from forecart.shop import load_shop
from ingest import landing

SHOP, SYSTEM, ENTITY = "online_retail", "online_retail", "transactions"
LAST_DAY = date(2011, 12, 9)
FILES, ROWS_A_DAY = 100, 5_400  # 0.54 M rows; a day is 0.1 % of ten times as many
MEASURED = 3  # days


def measure(times: int = 10) -> dict[str, Any]:
    """Seconds of a day's load after a short history and one `times` as long: the medians of three days each, in turns, and their ratios.

    `total` is the work and dbt's start; `cpu` what both cores together did for it, which a busy machine disturbs less.
    """
    with tempfile.TemporaryDirectory(prefix="forecart-bench-") as name:
        houses = [_House(Path(name) / f"{years}", years) for years in (1, times)]
        days = [[house.load_a_day() for house in houses] for _ in range(MEASURED)]
    short, long = ({what: round(statistics.median(day[place][what] for day in days), 2) for what in days[0][0]} for place in (0, 1))
    return {
        "rows_of_history": [house.rows for house in houses],
        "rows_of_load": ROWS_A_DAY,
        "seconds": {what: [short[what], long[what]] for what in short},
        "ratio": {what: round(long[what] / short[what], 2) for what in ("total", "cpu", "work")},
    }


class _House:
    """All days have landed and are built, but for the last ones."""

    def __init__(self, folder: Path, times: int) -> None:
        self.folder, self.source = folder, folder / "source"
        self.source.mkdir(parents=True)
        files = list(_write(folder, times))
        self.rows = (len(files) - MEASURED) * ROWS_A_DAY
        self.coming = files[-MEASURED:]
        for file in files[:-MEASURED]:
            shutil.move(file, self.source)
        self._land_to_conformed()

    def load_a_day(self) -> dict[str, float]:
        shutil.move(self.coming.pop(0), self.source)
        return self._land_to_conformed()

    def _land_to_conformed(self) -> dict[str, float]:
        with settings.environment(FORECART_DATA=str(self.folder / "data"), FORECART_LOCATION_ONLINE_RETAIL=str(self.source)):
            return _land_to_conformed()


def _land_to_conformed() -> dict[str, float]:
    shop, seconds = load_shop(SHOP), {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        done = work()
        seconds[step] = time.perf_counter() - started
        return done

    cpu, of_dbt = time.process_time(), timing.totals().get(timing.DBT, 0)
    timed("land", lambda: landing.land(shop, SYSTEM, ENTITY))
    run = timed("plan", lambda: landing.plan_run(SHOP))
    timed("register", lambda: landing.register(run))
    for layer in ("staging", "conformed"):
        timed(f"dbt {layer}", lambda layer=layer: dbt.build(run, layer))
    total = sum(seconds.values())
    work = total - (timing.totals()[timing.DBT] - of_dbt)  # dbt's models and tests are charged to DuckDB
    return seconds | {"total": total, "work": work, "cpu": time.process_time() - cpu}


def _write(folder: Path, times: int) -> Iterator[Path]:
    """A file a day, oldest first, made up in the manner of online_retail: invoices of 20 lines, 1 in 60 a cancellation of an earlier sale."""
    connection = duckdb.connect()
    for number in range(times * FILES):
        day = LAST_DAY - timedelta(days=times * FILES - 1 - number)
        file = folder / f"{day}.csv.gz"
        connection.sql(
            f"""
            copy (
                with lines as (
                    select {number} * 1000 + range // 20 as invoice, range, hash({number}, range) as h, hash({number}, range // 20) as hi
                    from range({ROWS_A_DAY})
                ),
                sold as (
                    select
                        500000 + invoice as invoice_no, 10000 + h % 4000 as stock_code, 'THING ' || (h % 4000) as description, 1 + h % 12 as quantity,
                        timestamp '{day}' + interval 9 hour + to_minutes(cast(range // 20 as bigint)) as invoiced_at,
                        (100 + h % 4000 % 900) / 100 as unit_price, case when hi % 4 > 0 then 12000 + hi % {4000 * times} end as customer_id,
                        range % 60 = 0 and hi % 4 > 0 as comes_back
                    from lines
                )
                select
                    case when comes_back then 'C' else '' end || invoice_no as "InvoiceNo", stock_code as "StockCode", description as "Description",
                    case when comes_back then -quantity::bigint else quantity::bigint end as "Quantity",
                    case when comes_back then invoiced_at + interval 1 hour else invoiced_at end as "InvoiceDate",
                    unit_price as "UnitPrice", customer_id as "CustomerID", 'United Kingdom' as "Country"
                from (from sold union all by name select * replace (false as comes_back) from sold where comes_back) as written
            ) to '{file}' (format csv, header, compression gzip)
            """
        )
        yield file


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
