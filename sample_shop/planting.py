"""Which one of several errors befalls a row, and lines of text into files: what the writers of the source systems share."""

import gzip
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlalchemy

from sample_shop.dirt import Dirt

_BATCH = 100_000
_ROWS_AT_ONCE = 20_000  # into a database
_WAITING = 4  # batches that may wait to be packed, so that memory is bounded


def one_of(dirt: Dirt, errors: Iterable[str], key: str) -> str:
    """SQL for the name of the first of `errors` that befalls a row, null for a good row."""
    cases = " ".join(f"when {dirt.hits(error, key)} then '{error}'" for error in errors)
    return f"case {cases} end"


def record(dirt: Dirt, system: str, entity: str, table: str, key: str, column: str = "error") -> None:
    """Note every error that stands in `column` of `table`; `key` is SQL for the source's key."""
    found = dirt.connection.sql(f"select distinct {column} from {table} where {column} is not null order by 1").fetchall()
    for (error,) in found:
        dirt.record(error, system, entity, f"select {key} from {table} where {column} = '{error}'")


def feed(dirt: Dirt, system: str, entity: str, rows: str, errors: list[str], chance: str, source_key: str) -> None:
    """Make the table feed: the relation `rows` with the `error` of each, drawn by the columns `chance`; and note the errors."""
    dirt.connection.sql(f"create or replace temp table feed as select *, {one_of(dirt, errors, chance)} as error from {rows} as rows")
    record(dirt, system, entity, "feed", source_key)


def twice(error: str, column: str = "error") -> str:
    """SQL for the rows of the table feed, and once more those with the error."""
    return f"(from feed union all from feed where {column} = '{error}')"


def plant(
    dirt: Dirt,
    system: str,
    entity: str,
    true: str,
    happened_at: str,
    told: dict[str, str],
    within: dict[str, str],
    beside: dict[str, dict[str, str]],
) -> str:
    """SQL for the rows that a system tells of an entity, with `happened_at`; notes its errors.

    true    the relation of true rows; `told` is SQL for what the system says of each, column by column, the source's key first
    within  errors that `told` plants, and SQL that is true for the rows they befall
    beside  errors that are rows beside the true ones: what differs in them, `happened_at` as well. Chance hangs on the true row's column `hit`,
            where it is given, else on that of the key's name
    """
    key = next(iter(told))
    rows, noted = [f"select {happened_at} as happened_at, {_listed(told)} from {true}"], dict.fromkeys(within, told[key])
    for error, differs in beside.items():
        where = dirt.hits(error, differs.get("hit", key))
        changed = told | {column: value for column, value in differs.items() if column in told}
        rows.append(f"select {differs.get('happened_at', happened_at)}, {_listed(changed)} from {true} where {where}")
        within = within | {error: where}
        noted[error] = changed[key]
    for error, where in within.items():
        dirt.record(error, system, entity, f"select {noted[error]} from {true} where {where}")
    return " union all ".join(rows)


def _listed(told: dict[str, str]) -> str:
    return ", ".join(f"{value} as {column}" for column, value in told.items())


def hits(dirt: Dirt, key: str, *errors: str) -> dict[str, str]:
    return {error: dirt.hits(error, key) for error in errors}


def numbered(prefix: str, number: str, digits: int = 9) -> str:
    """SQL for an id as every system of the shop writes it: letters, and a number of so many digits; null for none."""
    return f"('{prefix}' || lpad(cast({number} as varchar), {digits}, '0'))"


def product(product_id: str) -> str:
    """SQL for a product's number."""
    return numbered("P", product_id, 6)


def customer(customer_number: str) -> str:
    """SQL for a customer number; null for nobody."""
    return numbered("C", customer_number, 7)


def day(date: str, is_dotted: str) -> str:
    """SQL for a date as text; as 31.12.2024 where `is_dotted` holds."""
    return f"if({is_dotted}, strftime({date}, '%d.%m.%Y'), strftime({date}, '%Y-%m-%d'))"


def utc(moment: str) -> str:
    """SQL for a moment as text, to the second."""
    return f"strftime({moment}, '%Y-%m-%dT%H:%M:%SZ')"


def write_lines(connection: duckdb.DuckDBPyConnection, query: str, path: Path, head: str = "", tail: str = "") -> None:
    """Write one line for each row of `query` (one column of text, in order), packed where the name ends in .gz.

    DuckDB makes the next lines while these are packed. The same lines give the same bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    is_packed = path.suffix == ".gz"
    with path.open("wb") as raw, ThreadPoolExecutor(max_workers=1) as packer:
        file = gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) if is_packed else raw
        waiting: list[Future] = []
        file.write(head.encode())
        for batch in connection.sql(f"select concat(line, chr(10)) as line from ({query}) as lines(line)").to_arrow_reader(_BATCH):
            waiting.append(packer.submit(file.write, _bytes(batch.column(0))))
            if len(waiting) > _WAITING:
                waiting.pop(0).result()
        for packed in waiting:
            packed.result()
        file.write(tail.encode())
        if is_packed:
            file.close()


def write_parts(connection: duckdb.DuckDBPyConnection, rows: str, part: str, line: str, order: str, path: Path) -> None:
    """Write the relation `rows` as a file for each value of `part`, which stands for {} in the path's name; `line` is SQL for a row's text."""
    for (value,) in connection.sql(f"select distinct {part} from {rows} as rows order by 1").fetchall():
        query = f"select {line} from {rows} as rows where {part} = '{value}' order by {order}"
        write_lines(connection, query, path.with_name(path.name.format(value)))


def write_csv(connection: duckdb.DuckDBPyConnection, query: str, path: Path, delimiter: str = ",", encoding: str = "utf-8") -> None:
    """Write the rows of `query`, which are text, with a header, in order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path if encoding == "utf-8" else path.with_suffix(".tmp")
    packed = ", compression gzip" if path.suffix == ".gz" else ""
    connection.sql(f"copy ({query}) to '{target}' (format csv, header, delimiter '{delimiter}'{packed})")
    if target != path:
        path.write_text(target.read_text("utf-8"), encoding)
        target.unlink()


def write_tables(connection: duckdb.DuckDBPyConnection, rows: dict[str, str], url: str) -> None:
    """Write tables anew into the database at `url`; `rows` is SQL for those of each. Integers stay integers, all else is text."""
    engine = sqlalchemy.create_engine(url)
    mark = "?" if engine.dialect.paramstyle == "qmark" else "%s"
    try:
        for name, query in rows.items():
            found = connection.execute(query)
            columns = {column: sqlalchemy.BigInteger if kind == "BIGINT" else sqlalchemy.Text for column, kind, *_ in found.description}
            table = sqlalchemy.Table(name, sqlalchemy.MetaData(), *(sqlalchemy.Column(*column) for column in columns.items()))
            insert = f"insert into {name} ({', '.join(columns)}) values ({', '.join([mark] * len(columns))})"
            with engine.begin() as database:
                table.drop(database, checkfirst=True)
                table.create(database)
                while some := found.fetchmany(_ROWS_AT_ONCE):
                    database.exec_driver_sql(insert, some)
    finally:
        engine.dispose()


def number_products(connection: duckdb.DuckDBPyConnection, system: str, rows: str) -> None:
    """Keep aside which product a system's number means; `rows` is SQL for source_id and product_id."""
    connection.sql("create table if not exists product_numbers (system varchar, source_id varchar, product_id bigint)")
    connection.sql(f"insert into product_numbers select '{system}', source_id, product_id from ({rows}) as numbers order by ALL")


def _bytes(texts: pa.Array) -> memoryview:
    """The texts behind one another, without a copy."""
    texts = texts if pa.types.is_large_string(texts.type) else texts.cast(pa.large_string())
    _, offsets, content = texts.buffers()
    places = memoryview(offsets).cast("q")
    return memoryview(content)[places[texts.offset] : places[texts.offset + len(texts)]]
