"""A case of bad input, and how what it delivers is written."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

ACCEPT, REPAIR, QUARANTINE, STOP = "accept", "repair with a record", "quarantine the row", "stop the batch"

HEADER = "line_id,customer,email,product,quantity,price,weight,currency,ordered_at"
GOOD = "L{},C1,a@example.org,P1,2,9.99,0.5,EUR,2025-01-0{} 10:00:00"
LINES = [GOOD.format(number, number) for number in range(1, 5)]
RECORD = {
    "line_id": "L1",
    "customer": "C1",
    "email": "a@example.org",
    "product": "P1",
    "quantity": 2,
    "price": 9.99,
    "weight": 0.5,
    "currency": "EUR",
    "ordered_at": "2025-01-01 10:00:00",
}
RECORDS = [RECORD | {"line_id": f"L{number}"} for number in range(1, 5)]


@dataclass(frozen=True)
class Case:
    """`files` are written one after another, each landed before the next; the last is what is judged.

    `accepted` counts the rows that serve in the end, `words` must be in the message, the reason or the repair. `holds` is SQL over
    the view `{view}` that must give true.
    """

    name: str
    expected: str
    accepted: int
    files: tuple[tuple[str, bytes | Callable[[Path], None]], ...]
    words: str = ""
    entity: str = "csv"
    holds: str | None = None
    rows: int | None = field(default=None)


def csv(*lines: str, header: str = HEADER, end: str = "\n") -> bytes:
    return (end.join([header, *lines]) + end).encode()


def with_value(column: str, value: str, line: int = 0) -> str:
    """A good line with another value in one column."""
    values = LINES[line].split(",")
    values[HEADER.split(",").index(column)] = value
    return ",".join(values)


def one(name: str, expected: str, accepted: int, content: bytes | Callable, words: str = "", entity: str = "csv", **more) -> Case:
    endings = {"gzip": "csv.gz", "jsonl": "jsonl", "json": "json", "parquet": "parquet"}
    file = "lines.csv" if entity == "whole" else f"lines_1_v1.{endings.get(entity, 'csv')}"
    return Case(name, expected, accepted, ((file, content),), words, entity, **more)


def value(name: str, expected: str, column: str, bad: str, words: str = "", entity: str = "csv", **more) -> Case:
    """Three good lines and one with this value."""
    good = 3 if expected == QUARANTINE else 4
    return one(name, expected, good, csv(with_value(column, bad), *LINES[1:]), words, entity, **more)


def jsonl(*records: dict | str) -> bytes:
    return "".join((record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)) + "\n" for record in records).encode()


def parquet(select: str) -> Callable[[Path], None]:
    typed = """select line_id, customer, email, product, quantity::int as quantity, price::decimal(10,2) as price, weight::double as weight,
        currency, ordered_at::timestamp as ordered_at from rows"""

    def write(path: Path) -> None:
        with duckdb.connect() as connection:
            source = path.with_suffix(".rows")
            source.write_bytes(csv(*LINES))
            connection.sql(f"create table rows as from read_csv('{source}', all_varchar = true)")
            connection.sql(f"create table typed as {typed}")
            connection.sql(f"copy ({select}) to '{path}' (format parquet)")
            source.unlink()

    return write


def cut(content: bytes, share: float) -> bytes:
    return content[: int(len(content) * share)]


def flip_a_bit(content: bytes) -> bytes:
    return content[:-6] + bytes([content[-6] ^ 1]) + content[-5:]


def bomb(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write((HEADER + "\n").encode())
        for _ in range(70):
            file.write(b"\n" * (4 << 20))


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../lines.csv", content)
    return packed.getvalue()


def link_out(path: Path) -> None:
    outside = path.parent.parent / "outside.csv"
    outside.write_bytes(csv(*LINES))
    path.symlink_to(outside)


def deep(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels
