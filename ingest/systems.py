"""A source system is declared in ingest/systems/<system>.yml; declaring it is all. docs/add-a-source.md teaches the words."""

import codecs
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from forecart import settings
from forecart.errors import ForecartError
from forecart.shop import Shop

FORMATS = ("csv", "jsonl", "json", "parquet")
LOCAL_TIMES = ("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns")
# All loads together are the entity; all of them, of which a file may come again with other content; the newest alone.
APPEND, REPLACE, LATEST = "append", "replace", "latest"
QUARANTINE, EMPTY = "quarantine", "empty"
ANY_NUMBER = {"min": 0, "max": 10**12}


@dataclass(frozen=True)
class Column:
    """`type` is DuckDB's name; `required` means never null; `min`, `max` and `values` bound what is in it.

    `source` is its name there, in JSON a path (`$.price.amount`). `subject` names the space of ids that a person's id comes from.
    A value that cannot be true puts its row into quarantine, or, with `if_bad: empty`, is left out and told as a repair.
    `expression`, SQL over the other columns, makes a column that the source has not: what of a personal one may stay open.
    """

    type: str
    meaning: str
    required: bool = False
    min: float | str | None = None
    max: float | str | None = None
    values: tuple[Any, ...] | None = None
    formats: tuple[str, ...] = ()
    timezone: str | None = None
    personal: bool = False
    subject: str | None = None
    source: str | None = None
    if_bad: str = QUARANTINE
    expression: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may stand where anybody reads."""
        return not self.personal

    @property
    def landed_type(self) -> str:
        return "varchar" if self.subject else self.type


@dataclass(frozen=True)
class Csv:
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    quote: str = '"'


@dataclass(frozen=True)
class Rest:
    """How an API pages: paths in its answer to the `records` and to the address of the `next` page; `since` is the parameter of a cursor."""

    records: str = "data"
    next: str = "next"
    since: str | None = None


@dataclass(frozen=True)
class Cursor:
    """Rows newer than the newest landed one are asked for, and those of `look_back_days` before it: they may have come late."""

    column: str
    look_back_days: int = 3


@dataclass(frozen=True)
class Volume:
    """What a day brings. `day` is an SQL date over the entity's columns; `closed_dates` are MM-DD or YYYY-MM-DD."""

    day: str
    closed_weekdays: tuple[str, ...] = ()
    closed_dates: tuple[str, ...] = ()
    max_ratio: float = 10


@dataclass(frozen=True)
class Entity:
    """`data_until` is an SQL aggregate over the entity that gives the last day (DATE, shop time) it tells of.

    `planned_days`: of a plan, how many days before its first day a row is known for sure; the history that a model learns from must have been
    known so early as well.
    """

    system: str
    name: str
    description: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    file: str | None = None
    table: str | None = None
    path: str | None = None
    format: str = "csv"
    records: str | None = None
    loads: str | None = None
    csv: Csv = field(default_factory=Csv)
    rest: Rest = field(default_factory=Rest)
    cursor: Cursor | None = None
    key_is_unique: bool = True
    is_clock: bool = False
    is_required: bool = True
    data_until: str | None = None
    expected_rows: dict[str, int] = field(default_factory=ANY_NUMBER.copy)
    fresh_within_days: int | None = None
    current_within_days: int | None = None
    volume: Volume | None = None
    planned_days: int = 0
    max_quarantined_share: float = 0.05
    timezone: str = "UTC"

    @property
    def full_name(self) -> str:
        return f"{self.system}.{self.name}"

    @property
    def view(self) -> str:
        return f"landing.{self.system}__{self.name}"

    @property
    def is_append(self) -> bool:
        """Whether all its loads together are the entity, or the newest alone."""
        return (self.loads or (APPEND if self.cursor or "{batch}" in (self.file or "") else LATEST)) != LATEST

    @cached_property
    def shape(self) -> str:
        """What a source's bytes are read as: another reading needs other loads, made of the files that are still there; rows that came through a
        cursor stay as they were read. What a value may be is not part of it; replay sees to that."""
        columns = [
            (name, one.type, one.source, one.personal, one.subject, *(word for word in (one.expression, one.formats, one.timezone) if word))
            for name, one in self.columns.items()
        ]
        unusual = [self.csv] if self.format == "csv" and self.csv != Csv() else []
        told = [word for word in (self.data_until, self.volume and self.volume.day) if word]  # of each load, in its manifest
        if self.format == "parquet":  # whose times were taken for UTC once, whatever was declared
            told += [f"{name} is local" for name, one in self.columns.items() if self.local_zone(one)]
        return repr((self.format, self.records, columns, *unusual, *([self.timezone] if self.timezone != "UTC" else []), *told))

    def local_zone(self, column: Column) -> str | None:
        """The zone of a column's times; None where they say it themselves, where it is UTC, and of what is no time."""
        zone = column.timezone or self.timezone
        return zone if column.landed_type in LOCAL_TIMES and zone != "UTC" else None

    @cached_property
    def sent_columns(self) -> dict[str, Column]:
        """Those that the source has."""
        return {name: column for name, column in self.columns.items() if not column.expression}

    @cached_property
    def derived_columns(self) -> dict[str, Column]:
        return {name: column for name, column in self.columns.items() if column.expression}

    @cached_property
    def open_columns(self) -> dict[str, Column]:
        return {name: column for name, column in self.columns.items() if column.is_open}

    @cached_property
    def personal_columns(self) -> list[str]:
        return [name for name, column in self.columns.items() if column.personal]

    @cached_property
    def subjects(self) -> dict[str, str]:
        """Column: the space of ids that it is from."""
        return {name: column.subject for name, column in self.columns.items() if column.subject}


@dataclass(frozen=True)
class System:
    name: str
    description: str
    licence: str
    location: str
    entities: dict[str, Entity] = field(default_factory=dict)


def load_system(name: str) -> System:
    """Raises ForecartError, naming the file and the word, where the declaration cannot be understood."""
    path = settings.systems_folder() / f"{name}.yml"
    if not path.exists():
        raise ForecartError(f"source system {name!r} is not declared: {path} was expected")
    try:
        declared = yaml.safe_load(path.read_text())
        shared = {word: declared[word] for word in ("timezone", "is_required") if word in declared}
        return System(
            name=name,
            description=declared["description"].strip(),
            licence=declared["licence"],
            location=os.environ.get(
                f"FORECART_LOCATION_{name.upper()}", declared["location"].replace("{data}", str(settings.data_folder()))
            ),
            entities={entity: _entity(name, entity, shared | words) for entity, words in declared["entities"].items()},
        )
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ForecartError(f"{path} cannot be understood: {error}; docs/add-a-source.md has the words") from error


def declared_entities(shop: Shop) -> Iterator[Entity]:
    for system in shop.systems:
        yield from load_system(system).entities.values()


def _entity(system: str, name: str, words: dict[str, Any]) -> Entity:
    about = f"{system}.{name}"
    words = {
        **words,
        "system": system,
        "name": name,
        "key": tuple(words["key"]),
        "columns": {column: _column(f"{about}.{column}", described) for column, described in words["columns"].items()},
    }
    for word, kind in (("csv", Csv), ("rest", Rest), ("cursor", Cursor), ("volume", Volume)):
        if word in words:
            words[word] = _words(kind, f"{about}: {word}", words[word])
    if "expected_rows" in words:
        words["expected_rows"] = ANY_NUMBER | words["expected_rows"]
    entity = _words(Entity, about, words)
    unknown = [column for column in entity.key if column not in entity.columns]
    if entity.format not in FORMATS or unknown or not (entity.file or entity.table or entity.path):
        raise TypeError(f"{about}: expected format {', '.join(FORMATS)}, a file, table or path, and a key among its columns")
    if entity.loads not in (None, APPEND, REPLACE, LATEST) or entity.expected_rows.keys() != ANY_NUMBER.keys():
        raise TypeError(f"{about}: expected loads {APPEND}, {REPLACE} or {LATEST}, and of expected_rows min and max")
    if entity.cursor and not _is_of_time(entity.columns.get(entity.cursor.column)):
        raise TypeError(f"{about}: expected as cursor one of its columns of type timestamp or date, found {entity.cursor.column}")
    if len(entity.csv.delimiter) != 1 or len(entity.csv.quote) != 1:
        raise TypeError(f"{about}: expected a delimiter and a quote of one character each")
    try:
        codecs.lookup(entity.csv.encoding)
        for zone in {entity.timezone, *(column.timezone for column in entity.columns.values() if column.timezone)}:
            ZoneInfo(zone)
    except (LookupError, ValueError, OSError) as error:  # a zone that there is not is a KeyError, which is a LookupError
        raise TypeError(f"{about}: {str(error).strip(chr(39))}") from None
    return entity


def _is_of_time(column: Column | None) -> bool:
    return column is not None and column.type.startswith(("timestamp", "date"))


def _column(about: str, words: dict[str, Any]) -> Column:
    words = {("source" if word == "from" else word): value for word, value in words.items()}
    column = _words(Column, about, {**words, "type": words["type"].lower()})
    if column.if_bad not in (QUARANTINE, EMPTY) or (column.expression and (column.source or column.subject)):
        raise TypeError(f"{about}: expected if_bad {QUARANTINE} or {EMPTY}, and an expression without from and subject")
    return column


def _words(kind: type, about: str, words: dict[str, Any]) -> Any:
    known = {word.name for word in fields(kind)}
    if unknown := [word for word in words if word not in known]:
        raise TypeError(f"{about}: {', '.join(unknown)} is no word of it")
    return kind(**{word: tuple(value) if isinstance(value, list) else value for word, value in words.items()})
