"""CSV against an explicit header: DuckDB's sniffer guesses wrong silently, so nothing is guessed."""

import csv
from pathlib import Path

import duckdb

from forecart import sql
from forecart.errors import ForecartError
from ingest import file_scan
from ingest.readers import Raw, without_column
from ingest.systems import Entity

LONGEST_LINE = 4 << 20
DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


def read(connection: duckdb.DuckDBPyConnection, entity: Entity, path: Path, about: str, scratch: Path) -> Raw:
    scan = file_scan.scan(path, about, scratch, entity.csv.encoding, entity.csv.quote, entity.csv.delimiter)
    header = _header(entity, scan.plain, about)
    file_scan.refuse_half_a_line(scan, about, lambda line: _is_whole(entity, line, len(header)))
    for kept in ("reject_errors", "reject_scans"):  # DuckDB keeps those of every file that a connection has read
        connection.sql(f"drop table if exists {kept}")
    wanted = {column.source or name: name for name, column in entity.columns.items()}
    added = [found for found in header if found not in wanted]
    kinds = ", ".join(f"{sql.text(found)}: 'VARCHAR'" for found in header)
    # store_rejects keeps the lines that are no rows; without a limit, and with the line itself.
    mark, delimiter = sql.text(entity.csv.quote), sql.text(entity.csv.delimiter)
    relation = f"""read_csv({sql.text(scan.plain)}, auto_detect = false, header = true, columns = {{{kinds}}}, delim = {delimiter},
        quote = {mark}, escape = {mark}, strict_mode = true, max_line_size = {LONGEST_LINE}, buffer_size = {8 * LONGEST_LINE},
        store_rejects = true, rejects_limit = 0, hive_partitioning = false)"""
    reasons = (
        "case error_type when 'MISSING COLUMNS' then 'the row: too few columns' when 'TOO MANY COLUMNS' then 'the row: too many columns' \
when 'INVALID ENCODING' then 'the row: not in the declared encoding' when 'LINE SIZE OVER MAXIMUM' then 'the row: too long' \
else 'the row: quotes that do not match' end"
    )
    return Raw(
        relation=relation,
        columns={name: sql.name(found) if found in header else None for found, name in wanted.items()},
        rows=max(scan.records - 1, 0),
        schema=dict.fromkeys(header, "VARCHAR"),
        added={found: sql.name(found) for found in added},
        rejects=f"""select min({reasons}) as reason, any_value(to_json({{'_line': trim(csv_line, chr(10))}})::varchar) as raw
            from reject_errors group by line""",
        row_problem=_nul(header) if scan.has_nul else None,
        is_ascii=scan.is_ascii,
        repairs=scan.repairs,
    )


def _is_whole(entity: Entity, line: str, fields: int) -> bool:
    """With a quote too many it is the end of a record of several lines, which the scan has found to be closed."""
    parts = next(csv.reader([line], delimiter=entity.csv.delimiter, quotechar=entity.csv.quote))
    return line.count(entity.csv.quote) % 2 == 1 or len(parts) >= fields


def _nul(header: list[str]) -> str:
    tests = " or ".join(f"coalesce(contains({sql.name(column)}, chr(0)), false)" for column in header)
    return f"case when {tests} then 'the row: a NUL character' end"


def _header(entity: Entity, path: Path, about: str) -> list[str]:
    """The names in the first line, in their order there."""
    expected = [column.source or name for name, column in entity.columns.items()]
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        line = file.readline(LONGEST_LINE)
        if not line.strip():
            raise ForecartError(f"{about}: expected a header line with {', '.join(expected)}, found an empty file")
        file.seek(0)
        header = [found.strip() for found in next(csv.reader(file, delimiter=entity.csv.delimiter, quotechar=entity.csv.quote))]
    if "" in header:  # of an index, or after a last delimiter
        raise ForecartError(f"{about}: expected a name for every column, found none for number {header.index('') + 1} of {len(header)}")
    folded = [name.casefold() for name in header]  # DuckDB makes no difference between them
    repeated = sorted({name for name, same in zip(header, folded, strict=True) if folded.count(same) > 1})
    if repeated:
        raise ForecartError(f"{about}: expected every column once, found {', '.join(repeated)} twice")
    required = {column.source or name for name, column in entity.columns.items()}
    missing = [name for name in expected if name in required and name not in header]
    if missing:
        others = [found for found in header if found not in expected]
        hint = ""
        if len(header) == 1 and len(expected) > 1:
            used = [words for mark, words in DELIMITERS.items() if mark in header[0] and mark != entity.csv.delimiter]
            hint = f"; the columns seem to be parted by {used[0]}" if used else ""
        raise without_column(about, missing, others, hint)
    return header
