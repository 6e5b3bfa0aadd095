"""`make bench`, as JSON: how far landing is from DuckDB alone, what a day's load costs after a short history and a long one, how a first run grows
with the shop, and seconds and memory of a first run from raw files and of a second one with nothing new, beside a yardstick."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from forecart import settings
from forecart.cli import bench_growth, bench_history, bench_landing
from forecart.cli.arguments import of_a_shop
from forecart.cli.bench_run import house
from forecart.errors import ForecartError
from forecart.shop import load_shop
from sample_shop import world


def main() -> None:
    parser = of_a_shop("bench", __doc__)
    parser.add_argument("--output", type=Path, default=settings.ROOT / "build" / "bench.json")
    arguments = parser.parse_args()
    try:
        measured = _measure(load_shop(arguments.shop).name)
    except ForecartError as error:
        sys.exit(str(error))
    measured["first_run_in_yardsticks"] = round(measured["first_run"]["total_seconds"] / measured["yardstick_seconds"], 1)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(measured, indent=2) + "\n")
    print(json.dumps(measured, indent=2))
    print(f"written to {arguments.output}")


def _measure(shop: str) -> dict[str, Any]:
    """The shop's own runs come first: where its sources are not there, that is told at once."""
    with house() as own:
        if shop == world.HOUSE:
            own.call("sample_shop")
        return {
            "shop": shop,
            "threads": settings.threads(),
            "first_run": own.timed_run(shop),
            "second_run": own.timed_run(shop),
            "yardstick_seconds": _yardstick(own.data / shop / "landing"),
            "landing": bench_landing.measure(),
            "daily_load": bench_history.measure(),
            "growth": bench_growth.measure(),
        }


def _yardstick(landing: Path) -> float:
    """What this machine can do just now: seconds for DuckDB to hash and group every landed row, by all columns."""
    started = time.perf_counter()
    for entity in sorted(landing.glob("*/*/")):
        with duckdb.connect(config={"threads": settings.threads(), "memory_limit": settings.memory_limit()}) as connection:
            files = f"read_parquet('{entity}/*/data.parquet', union_by_name = true)"
            connection.sql(f"select count(*) from (select distinct * from {files})").fetchall()
    return round(time.perf_counter() - started, 2)


if __name__ == "__main__":
    main()
