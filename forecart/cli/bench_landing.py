"""How far landing is from DuckDB alone: a CSV of five million rows, landed with every check, against a typed COPY of the same file."""

import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml

from forecart import settings
from forecart.shop import load_shop

ROWS = 5_000_000
COLUMNS: dict[str, dict[str, Any]] = {
    "line_id": {"type": "bigint", "meaning": "The line", "required": True},
    "order_id": {"type": "varchar", "meaning": "The order", "required": True},
    "customer": {"type": "varchar", "meaning": "The customer", "subject": "bench"},
    "email": {"type": "varchar", "meaning": "Where to write to", "personal": True},
    "product": {"type": "varchar", "meaning": "The product", "required": True},
    "quantity": {"type": "integer", "meaning": "Units", "required": True, "min": 1, "max": 1000},
    "price": {"type": "decimal(12,2)", "meaning": "Price of one", "required": True, "min": 0.01},
    "currency": {"type": "varchar", "meaning": "ISO 4217 code", "values": ["EUR", "USD"]},
    "ordered_at": {"type": "timestamp", "meaning": "Time of order", "required": True, "min": "2020-01-01", "max": "now"},
}


def measure(rows: int = ROWS) -> dict[str, Any]:
    """Seconds of both, the best of two each, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="forecart-bench-") as name:
        folder = Path(name)
        file = folder / "delivered" / "lines_1_v1.csv"
        file.parent.mkdir()
        _write(file, rows)
        copying = min(_copy(file, folder / f"copy{number}.parquet") for number in range(2))
        landing = min(_land(folder, number) for number in range(2))
    return {
        "rows": rows,
        "typed_copy_seconds": round(copying, 2),
        "landing_seconds": round(landing, 2),
        "landing_in_typed_copies": round(landing / copying, 2),
    }


def _connect() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={"threads": settings.threads(), "memory_limit": settings.memory_limit(), "preserve_insertion_order": "false"}
    )


def _write(file: Path, rows: int) -> None:
    with _connect() as connection:
        connection.sql(
            f"""
            copy (
                select range as line_id, 'O' || (range // 3) as order_id, 'C' || (hash(range // 3) % 200_000) as customer,
                    'c' || (hash(range // 3) % 200_000) || '@example.org' as email, 'P' || (hash(range) % 20_000) as product,
                    1 + hash(range, 1) % 5 as quantity, cast(1 + (hash(range, 2) % 10_000) / 100 as decimal(12, 2)) as price,
                    if(hash(range, 3) % 10 = 0, 'USD', 'EUR') as currency,
                    timestamp '2023-01-01' + to_seconds(cast(range * 18 as bigint)) as ordered_at
                from range({rows})
            ) to '{file}' (header)
            """
        )


def _copy(file: Path, to: Path) -> float:
    started = time.perf_counter()
    kinds = ", ".join(f"'{name}': '{column['type']}'" for name, column in COLUMNS.items())
    with _connect() as connection:
        connection.sql(
            f"copy (from read_csv('{file}', header = true, auto_detect = false, columns = {{{kinds}}})) to '{to}' (compression zstd)"
        )
    return time.perf_counter() - started


def _land(folder: Path, number: int) -> float:
    """In a data folder of its own, so that nothing is known of the file or of anybody in it."""
    from ingest import landing

    (folder / "systems").mkdir(exist_ok=True)
    entity = {"description": "Lines", "file": "lines_{batch}_v{version}.csv", "key": ["line_id"], "columns": COLUMNS}
    system = {"description": "Bench", "licence": "none", "location": str(folder / "delivered"), "entities": {"lines": entity}}
    (folder / "systems" / "bench.yml").write_text(yaml.safe_dump(system))
    shops = {"bench": {"description": "Bench", "timezone": "UTC", "currency": "EUR", "systems": ["bench"]}}
    (folder / "shops.yml").write_text(yaml.safe_dump(shops))
    with settings.environment(
        FORECART_DATA=str(folder / f"data{number}"),
        FORECART_SHOPS=str(folder / "shops.yml"),
        FORECART_SYSTEMS=str(folder / "systems"),
    ):
        started = time.perf_counter()
        landed = landing.land(load_shop("bench"), "bench", "lines")
        seconds = time.perf_counter() - started
    assert landed["rows"], "nothing landed"
    return seconds


if __name__ == "__main__":
    print(measure())
