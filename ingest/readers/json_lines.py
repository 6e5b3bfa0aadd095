"""JSON, one object a line; a document that holds an array of objects is taken apart into such lines first."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb

from forecart import sql
from forecart.errors import ForecartError
from ingest import file_scan
from ingest.readers import Raw, without_column
from ingest.systems import Entity

LARGEST_OBJECT = 16 << 20
# `$.event_params[key=ga_session_id].value.int_value`: of the objects in a list the one of that name, wherever it stands.
NAMED = re.compile(r"(?P<list>[$].*?)\[(?P<key>\w+)=(?P<name>[^\]]+)\](?P<rest>.*)")


def read(connection: duckdb.DuckDBPyConnection, entity: Entity, path: Path, about: str, scratch: Path) -> Raw:
    scan = file_scan.scan(path, about, scratch)
    file_scan.refuse_half_a_line(scan, about, lambda line: line.rstrip().endswith("}"))
    return _rows(connection, entity, scan, about)


def read_document(connection: duckdb.DuckDBPyConnection, entity: Entity, path: Path, about: str, scratch: Path) -> Raw:
    """`records` of the declaration names the array in the document; without it the document is the array."""
    folder = scratch / "document"
    folder.mkdir(exist_ok=True)
    plain = file_scan.scan(path, about, folder).plain
    try:
        document = json.loads(plain.read_text(encoding="utf-8"), object_pairs_hook=_Pairs)
        records = dict(document)[entity.records] if entity.records else document
        if not isinstance(records, list) or isinstance(records, _Pairs):
            raise TypeError(entity.records)
        lines = scratch / "lines.jsonl"
        with lines.open("w", encoding="utf-8") as file:
            file.writelines(_text(record) + "\n" for record in records)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        where = f"an array {entity.records!r} in a JSON document" if entity.records else "a JSON array"
        raise ForecartError(f"{about}: expected {where}, found none that can be read: {type(error).__name__}") from error
    scan = file_scan.scan(lines, about, scratch)
    if scan.records != len(records):
        raise ForecartError(f"{about}: expected {len(records)} records, found {scan.records}")
    return _rows(connection, entity, scan, about)


class _Pairs(list):
    """An object as its pairs, so that a key that comes twice is still there twice."""


def _text(value: Any) -> str:
    if isinstance(value, _Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {_text(inner)}" for key, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_text(inner) for inner in value) + "]"
    return json.dumps(value)


def _rows(connection: duckdb.DuckDBPyConnection, entity: Entity, scan: file_scan.Scan, about: str) -> Raw:
    lines = f"read_ndjson_objects({sql.text(scan.plain)}, ignore_errors = true, maximum_object_size = {LARGEST_OBJECT})"
    paths = {name: _path(column.source or name) for name, column in entity.columns.items()}
    named = {name: found for name, path in paths.items() if (found := NAMED.fullmatch(path))}
    plain = {name: path for name, path in paths.items() if name not in named}
    places = {name: f"parts[{place}]" for place, name in enumerate(plain, start=1)}
    lists = list(dict.fromkeys((found["list"], found["key"]) for found in named.values()))
    for name, found in named.items():
        places[name] = _named(found, lists.index((found["list"], found["key"])))
    # One parse of a line for all its plain parts, and two for each list.
    parts = [f"json_extract_string(json, {sql.texts(plain.values())}::varchar[]) as parts"]
    for number, (path, key) in enumerate(lists):
        parts.append(f"json_extract(json, {sql.text(f'{path}[*]')}) as items_{number}")
        parts.append(f"json_extract_string(json, {sql.text(f'{path}[*].{key}')}) as names_{number}")
    relation = f"""(
        select json as "_json", {", ".join(f"{place} as {sql.name(name)}" for name, place in places.items())}
        from (select json, {", ".join(parts)} from {lines}) as lines
    )"""
    try:
        found = connection.sql(
            f"select distinct unnest(json_keys(json)) from (from {lines} where json_type(json) = 'OBJECT' limit 1000)"
        ).fetchall()
    except duckdb.Error as error:
        raise ForecartError(
            f"{about}: expected one JSON object a line, found what cannot be read: {str(error).splitlines()[0][:200]}"
        ) from error
    keys = sorted(key for (key,) in found)
    tops = {top(column.source or name) for name, column in entity.columns.items()}
    missing = [name for name, column in entity.columns.items() if column.required and top(column.source or name) not in keys]
    if missing and scan.records:
        others = [key for key in keys if key not in tops]
        raise without_column(about, missing, others)
    return Raw(
        relation=relation,
        columns={name: sql.name(name) for name in paths},
        rows=scan.records,
        schema=dict.fromkeys(keys, "JSON"),
        added={key: f'json_extract_string("_json", {sql.text(_path(key))})' for key in keys if key not in tops},
        row_problem="""case when "_json" is null then 'the row: no JSON' when json_type("_json") <> 'OBJECT' then 'the row: no JSON object'
            when length(json_keys("_json")) <> length(list_distinct(json_keys("_json"))) then 'the row: a key that comes twice' end""",
        is_ascii=False,
        repairs=scan.repairs,
    )


def _named(found: re.Match[str], number: int) -> str:
    """SQL for a part of the first object of a list that has the name asked for. The names stand at their objects' places if all have one."""
    items, names, name = f"items_{number}", f"names_{number}", sql.text(found["name"])
    of_some = f"list_filter({items}, lambda item: json_extract_string(item, {sql.text('$.' + found['key'])}) = {name})[1]"
    item = f"case when len({names}) = len({items}) then {items}[list_position({names}, {name})] else {of_some} end"
    return f"json_extract_string({item}, {sql.text('$' + found['rest'])})"


def _path(source: str) -> str:
    return source if source.startswith("$") else '$."' + source.replace('"', '\\"') + '"'


def top(source: str) -> str:
    """The column that a path begins with."""
    return source.removeprefix("$.").split(".")[0].split("[")[0].strip('"') if source.startswith("$") else source
