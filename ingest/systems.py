"""A source system is declared in ingest/systems/<system>.yml; declaring it is all."""

import importlib.util
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from forecart import settings
from forecart.errors import ForecartError


@dataclass(frozen=True)
class Column:
    """`type` is DuckDB's name; `required` means never null; `min`, `max` and `values` bound what is in it."""

    type: str
    meaning: str
    required: bool = False
    min: float | None = None
    max: float | None = None
    values: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Entity:
    """`data_until` is an SQL aggregate over the entity that gives the last day (DATE, shop time) it tells of."""

    system: str
    name: str
    file: str
    format: str
    description: str
    key: tuple[str, ...]
    expected_rows: dict[str, int]
    columns: dict[str, Column]
    key_is_unique: bool = True
    is_clock: bool = False
    data_until: str | None = None

    @property
    def full_name(self) -> str:
        return f"{self.system}.{self.name}"


@dataclass(frozen=True)
class System:
    name: str
    description: str
    licence: str
    location: Path
    entities: dict[str, Entity] = field(default_factory=dict)


def load_system(name: str) -> System:
    path = settings.ROOT / "ingest" / "systems" / f"{name}.yml"
    if not path.exists():
        raise ForecartError(f"source system {name!r} is not declared: {path.relative_to(settings.ROOT)} was expected")
    declared = yaml.safe_load(path.read_text())
    return System(
        name=name,
        description=declared["description"].strip(),
        licence=declared["licence"],
        location=_location(name, declared["location"]),
        entities={entity: _entity(name, entity, fields) for entity, fields in declared["entities"].items()},
    )


def _entity(system: str, name: str, fields: dict[str, Any]) -> Entity:
    columns = {column: Column(**described) for column, described in fields["columns"].items()}
    return Entity(**{**fields, "system": system, "name": name, "key": tuple(fields["key"]), "columns": columns})


def _location(system: str, declared: str) -> Path:
    """A folder, or one inside an installed package (`package:name/folder`); FORECART_LOCATION_<SYSTEM> overrides it."""
    declared = os.environ.get(f"FORECART_LOCATION_{system.upper()}", declared)
    if not declared.startswith("package:"):
        return (settings.ROOT / declared).resolve()
    package, _, folder = declared.removeprefix("package:").partition("/")
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ForecartError(f"{system}: the package {package!r} that holds its data is not installed; run `make setup`")
    return Path(found.submodule_search_locations[0]) / folder
