"""`make bench`, as JSON: how far landing is from DuckDB alone, what a day's load costs after a short history and a long one, and seconds and memory
of a first run from raw files and of a second one with nothing new, in folders of their own, beside a yardstick."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from forecart import settings
from forecart.cli import bench_history, bench_landing
from forecart.shop import declared_shops


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--shop", default=next(iter(declared_shops())))
    parser.add_argument("--output", type=Path, default=settings.ROOT / "build" / "bench.json")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="forecart-bench-") as folder:
        environment = os.environ | {"FORECART_DATA": f"{folder}/data", "AIRFLOW_HOME": f"{folder}/airflow"}
        # Part of `make setup`, so not of the run.
        subprocess.run([sys.executable, "-m", "forecart.airflow_env"], env=environment, check=True)
        measured = {
            "shop": arguments.shop,
            "threads": settings.threads(),
            "landing": bench_landing.measure(),
            "daily_load": bench_history.measure(),
            "first_run": _timed_run(arguments.shop, Path(folder) / "first.json", environment),
            "second_run": _timed_run(arguments.shop, Path(folder) / "second.json", environment),
            "yardstick_seconds": _yardstick(Path(folder) / "data" / arguments.shop / "landing"),
        }
    measured["first_run_in_yardsticks"] = round(measured["first_run"]["total_seconds"] / measured["yardstick_seconds"], 1)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(measured, indent=2) + "\n")
    print(json.dumps(measured, indent=2))
    print(f"written to {arguments.output}")


def _timed_run(shop: str, timings: Path, environment: dict[str, str]) -> dict:
    subprocess.run([sys.executable, "-m", "forecart.cli.run", "--shop", shop, "--timings", str(timings)], env=environment, check=True)
    return json.loads(timings.read_text())


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
