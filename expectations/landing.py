"""After landing: is what the source sent what its declaration (ingest/systems/<system>.yml) promises?

A value out of its range is the business of staging's quarantine, so a few only warn; many mean that the source has changed.
"""

from collections.abc import Iterator

from expectations.suite import Suite, Tables, Words, between, columns, finite, not_null, one_of, rows, warn
from forecart.run import Run
from ingest.systems import Column, Entity, load_system

NEARLY_ALL = 0.99


def suites(run: Run, tables: Tables) -> Iterator[Suite]:
    for system in run.shop.systems:
        for entity in load_system(system).entities.values():
            yield landed(entity)


def landed(entity: Entity) -> Suite:
    required = [name for name, column in entity.columns.items() if column.required and name not in entity.key]
    decimals = [name for name, column in entity.columns.items() if column.type in ("double", "float")]
    return Suite(
        f"landing.{entity.system}__{entity.name}",
        key=entity.key,
        is_key_unique=entity.key_is_unique,
        source=entity.file,
        expects=[
            columns(*entity.columns),
            rows(entity.expected_rows["min"], entity.expected_rows["max"]),
            not_null(*required),
            finite(*decimals) if decimals else [],
            *(in_range(name, column) for name, column in entity.columns.items()),
        ],
    )


def in_range(name: str, column: Column) -> Words:
    if column.values:
        return one_of(name, column.values)
    if column.min is None and column.max is None:
        return []
    return between(name, column.min, column.max, mostly=NEARLY_ALL) + warn(between(name, column.min, column.max))
