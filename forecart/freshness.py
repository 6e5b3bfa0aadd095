"""Is there anything new? Fingerprints of what marts and predictions are made from, and a token that keeps two builds apart."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from forecart import settings, warehouse
from forecart.errors import ForecartError
from forecart.run import Run
from forecart.versions import Versions

# What each question's answers are published as.
TABLES = {"purchase": "product_recommendations", "demand": "demand_forecast", "value": "customer_value", "churn": "churn_risk"}
KNOWN_LIMITS = settings.ROOT / "docs" / "known_limits.yml"


def marts_are_new(run: Run) -> bool:
    """Whether building the marts would give other marts than those that are there, or there are none."""
    with warehouse.connect(run) as connection:
        mark = _mark(connection)
        return mark is None or not mark.is_built or mark.fingerprint != _marts_fingerprint(connection, run)


def mark_marts_building(run: Run) -> str:
    """From here on the marts are neither the old ones nor the new. Returns the new generation.

    What they are made from is noted now: what lands during the build is new to the next one.
    """
    generation = uuid.uuid4().hex
    with warehouse.connect(run) as connection:
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create or replace table meta.marts (generation varchar, fingerprint varchar, is_built boolean, as_of_date date)"
        )
        mark = [generation, _marts_fingerprint(connection, run), run.as_of_date]
        connection.execute("insert into meta.marts values (?, ?, false, ?)", mark)
    return generation


def mark_marts_built(run: Run) -> None:
    """The marts are complete and have passed their gate."""
    with warehouse.connect(run) as connection:
        connection.execute("update meta.marts set is_built = true")


def generation(run: Run) -> str:
    """The token of the marts as they are. Raises ForecartError where they are not built."""
    with warehouse.connect(run) as connection:
        return _built(connection, run).generation


def check_generation(run: Run, token: str) -> None:
    """Raises ForecartError if the marts are no longer those that `token` was read from."""
    with warehouse.connect(run) as connection:
        check(connection, run, token)


def check(connection: duckdb.DuckDBPyConnection, run: Run, token: str) -> None:
    """`check_generation` for who holds the warehouse already."""
    found = _built(connection, run).generation
    if found != token:
        raise ForecartError(f"{run.key}: expected the marts of generation {token}, found {found}: rebuilt meanwhile; run this again")


def predictions_key(run: Run) -> str:
    """Fingerprint of what would be published now: marts, champions, the code that predicts and checks, the known limits."""
    from ml import registry

    with warehouse.connect(run) as connection:
        unanswered = of_nobody(connection)
        serving = {question: version for question, version in registry.serving_versions(run).items() if question not in unanswered}
        return _predictions_key(_marts_fingerprint(connection, run), serving)


def predictions_are_new(run: Run) -> bool:
    """Whether publishing now would give another version than the newest made, or what should be serving is damaged or gone.

    The newest made, not the one that serves: what was rolled back does not come back by itself.
    """
    versions = Versions.of(run)
    newest = versions.manifest(versions.newest_made())
    return newest is None or versions.manifest(versions.serving()) is None or newest["key"] != predictions_key(run)


def key_of_predictions(connection: duckdb.DuckDBPyConnection, run: Run) -> str:
    """The key of the predictions that lie in the warehouse: from the marts as built and the models named in their rows."""
    made_by = {question: model_version(connection, question) for question in questions(connection)}
    return _predictions_key(_built(connection, run).fingerprint, made_by)


def questions(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The questions that have been answered in this database, warehouse or published file."""
    return [question for question, is_answered in _asked(connection).items() if is_answered]


def of_nobody(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The questions that there was nobody to answer for, as where a shop knows no customers: their tables are there without a row."""
    return [question for question, is_answered in _asked(connection).items() if not is_answered]


def _asked(connection: duckdb.DuckDBPyConnection) -> dict[str, bool]:
    """question -> whether its table holds a row, of tables that are there."""
    there = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'predictions'"
    ).fetchall()
    return {
        question: connection.execute(f"select exists (from predictions.{table})").fetchone()[0]
        for question, table in TABLES.items()
        if (table,) in there
    }


def model_version(connection: duckdb.DuckDBPyConnection, question: str) -> str:
    """The one model whose answers are there."""
    found = connection.execute(f"select distinct model_version from predictions.{TABLES[question]} order by all").fetchall()
    if len(found) != 1:
        raise ForecartError(f"predictions.{TABLES[question]}: expected rows of one model_version, found {len(found)}")
    return found[0][0]


class _Mark(NamedTuple):
    generation: str
    fingerprint: str
    is_built: bool
    as_of_date: date


def _mark(connection: duckdb.DuckDBPyConnection) -> _Mark | None:
    try:
        row = connection.execute("select generation, fingerprint, is_built, as_of_date from meta.marts").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):  # none yet, or those of an earlier version of Forecart
        return None
    return _Mark(*row) if row else None


def _built(connection: duckdb.DuckDBPyConnection, run: Run) -> _Mark:
    mark = _mark(connection)
    if mark is None or not mark.is_built:
        raise ForecartError(f"{run.key}: expected finished marts that passed their gate, found none; run build_marts first")
    if mark.as_of_date != run.as_of_date:
        raise ForecartError(f"{run.key}: expected marts of that date, found those of {mark.as_of_date}; run build_marts first")
    return mark


def _marts_fingerprint(connection: duckdb.DuckDBPyConnection, run: Run) -> str:
    """Of the loads that the warehouse shows, the shop, its date, dbt's files, who and what is one, what the gates ask."""
    files = _files("dbt_project", "*.sql", "*.yml", "*.csv") + _files("expectations", "*.py")
    files += _files("privacy", "*.py", "*.yml") + _files("matching", "*.py")
    # The build itself trains the first model of identities; one that was trained anew is new to it.
    files += sorted((run.shop.folder / "identity").glob("model-*.json"))[1:]
    systems = [settings.systems_folder() / f"{system}.yml" for system in run.shop.systems]
    return _sha256([run.key, repr(run.shop), *_registered_loads(connection, run), *_contents(files + systems)])


def _predictions_key(marts_fingerprint: str, model_versions: dict[str, str]) -> str:
    files = [*_files("ml", "*.py", "*.yml"), settings.ROOT / "forecart" / "consent.py", KNOWN_LIMITS]
    return _sha256([marts_fingerprint, *map(str, sorted(model_versions.items())), *_contents(files)])


def _registered_loads(connection: duckdb.DuckDBPyConnection, run: Run) -> list[str]:
    """Not the loads of the landing zone: one that has not passed its gate may lie there already."""
    try:
        loads = connection.execute("select concat_ws(' ', system, entity, load_id, data_sha256) from landing.loads order by all").fetchall()
    except duckdb.CatalogException:
        loads = []
    if not loads:
        raise ForecartError(
            f"{run.key}: expected landed files in schema landing, found none; `make run` or the DAG land_sources takes them in"
        )
    return [load for (load,) in loads]


def _files(folder: str, *patterns: str) -> list[Path]:
    root = settings.ROOT / folder
    found = {path for pattern in patterns for path in root.rglob(pattern)}
    return sorted(path for path in found if not {"target", "logs"} & set(path.relative_to(root).parts))


def _contents(files: Iterable[Path]) -> list[str]:
    return [f"{path.parent.name}/{path.name}: {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]


def _sha256(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
