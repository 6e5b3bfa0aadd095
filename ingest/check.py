"""What a shop's declarations and staging models give of what the conformed layer asks for, found out without any of the shop's data.

Staging is built on empty landing tables, made from the declarations alone: a model that names a column which nobody declared fails here,
and not at night.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import holidays

from forecart import dbt, settings, warehouse
from forecart.errors import ForecartError
from forecart.run import Run, parse_date
from forecart.shop import Shop
from ingest import connectors, shown
from ingest.ledger import Ledger
from ingest.loads import try_out, workbench
from ingest.systems import System, declared_entities, load_system

# A shop without these has nothing to predict from.
NEEDED = ("order_lines", "products")


@dataclass
class Given:
    """One entity of one system: the columns of the contract that it lacks, and those that the contract does not know."""

    entity: str
    system: str
    missing: list[str]
    left_out: list[str]
    unknown: list[str]


@dataclass
class Report:
    given: list[Given]
    absent: list[str]
    problems: list[str]

    @property
    def is_complete(self) -> bool:
        return not self.problems and not any(one.missing or one.unknown for one in self.given)


def check(shop: Shop) -> Report:
    """Raises ForecartError where a declaration cannot be understood or staging cannot be built on what is declared."""
    with workbench() as connection:
        for entity in declared_entities(shop):
            try_out(connection, entity)
    contract = dbt.contract()
    staged = dbt.staged(shop)
    columns = _staged_columns(shop)
    given = []
    for entity, systems in staged.items():
        for system in systems:
            has = columns[f"stg_{system}__{entity}"]
            asked = contract.get(entity, {})
            given.append(
                Given(
                    entity=entity,
                    system=system,
                    missing=[name for name, words in asked.items() if words.get("required") and name not in has],
                    left_out=[name for name, words in asked.items() if not words.get("required") and name not in has],
                    unknown=[name for name in has if name not in asked and name not in ("load_id", "load_batch")],
                )
            )
    problems = [f"no system has {entity}: nothing can be predicted without it" for entity in NEEDED if entity not in staged]
    problems += [f"{entity} is no entity that the conformed layer knows" for entity in staged if entity not in contract]
    if not any(entity.is_clock for entity in declared_entities(shop)):
        problems.append("no source table is the clock (`is_clock: true`): its newest day decides what a run predicts from")
    if shop.country and shop.country not in holidays.list_supported_countries():
        problems.append(f"country: nobody knows the public holidays of {shop.country}; two letters were expected (ISO 3166-1), as DE")
    for system in shop.systems:
        problems += _unreachable(shop, load_system(system))
    return Report(given, [entity for entity in contract if entity not in staged], problems)


def _unreachable(shop: Shop, system: System) -> list[str]:
    problems = []
    for entity in system.entities.values():
        try:
            offer = next(iter(connectors.offers(system, Ledger.of(shop, entity))), None)
            if offer and offer.try_out:
                with tempfile.TemporaryDirectory(prefix="forecart-check-") as folder:
                    offer.try_out(Path(folder))
        except ForecartError as error:
            problems.append(str(error))
    return problems


def _staged_columns(shop: Shop) -> dict[str, list[str]]:
    """The columns of each staging model, in a data folder in which nothing has landed."""
    with tempfile.TemporaryDirectory(prefix="forecart-check-") as folder, settings.environment(FORECART_DATA=folder):
        run = Run(shop, parse_date("2020-01-01"), is_historical=False)
        with warehouse.connect(run) as connection:
            connection.sql("create schema landing")
            for entity in declared_entities(shop):
                shown.show(connection, Ledger.of(shop, entity), [])
        dbt.build(run, "staging")
        with warehouse.connect(run) as connection:
            found = connection.sql(
                "select table_name, column_name from duckdb_columns() where schema_name = 'staging' order by table_name, column_index"
            ).fetchall()
    staged: dict[str, list[str]] = {}
    for table, column in found:
        staged.setdefault(table, []).append(column)
    return staged
