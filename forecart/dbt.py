"""dbt by layer: one `dbt build` a layer, in this process, on the run's warehouse."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from forecart import settings, timing, warehouse
from forecart.errors import ForecartError
from forecart.run import Run
from forecart.shop import Shop

PROJECT = settings.ROOT / "dbt_project"


def build(
    run: Run, layer: str, as_of_dates: list[date] | None = None, schema: str = "features", variables: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Build and test the models of one layer: staging, conformed, marts or features.

    `as_of_dates` and `schema` say for which dates features are built and where, `variables` are more of dbt's. Returns the
    numbers of models and tests, and the seconds of each model.
    Raises ForecartError naming every model and test that failed.
    """
    select = [f"path:models/staging/{system}" for system in run.shop.systems] if layer == "staging" else [f"path:models/{layer}"]
    days = [day.isoformat() for day in as_of_dates or [run.as_of_date]]
    words = {"as_of_dates": days, "features_schema": schema, "planned_days": planned_days(run.shop), **(variables or {})}
    with timing.spent(timing.DBT), warehouse.locked(run):
        results = invoke(run, ["build", "--select", *select, "--exclude-resource-type", "unit_test"], words)
    timing.move(sum(_execution_seconds(result) for result in results), timing.DBT, timing.DUCKDB)
    failed = [result for result in results if result.status in ("error", "fail", "runtime error")]
    if failed:
        told = "\n".join(f"  {result.node.name}: {_first_lines(result)}" for result in failed)
        raise ForecartError(f"dbt could not build {layer}:\n{told}")
    return {
        "models": sum(result.node.resource_type == "model" for result in results),
        "tests": sum(result.node.resource_type == "test" for result in results),
        "seconds": {result.node.name: round(_execution_seconds(result), 2) for result in results if result.node.resource_type == "model"},
    }


def of_the_shop(shop: Shop) -> dict[str, Any]:
    """The variables that are a shop's, whatever is run."""
    return {"timezone": shop.timezone, "currency": shop.currency, "staged": staged(shop)}


def staged(shop: Shop) -> dict[str, list[str]]:
    """entity: the shop's systems that have a staging model of it, found by the model's name."""
    found: dict[str, list[str]] = {}
    for system in shop.systems:
        prefix = f"stg_{system}__"
        for path in sorted((PROJECT / "models" / "staging" / system).glob(f"{prefix}*.sql")):
            found.setdefault(path.stem.removeprefix(prefix), []).append(system)
    return found


def planned_days(shop: Shop) -> int:
    """How many days ahead all the shop's plans of promotions are known for sure: what each system that has promotions declares, the least of them."""
    from ingest import systems

    plans = [systems.load_system(system).entities.values() for system in staged(shop).get("promotions", [])]
    return min((max(entity.planned_days for entity in entities) for entities in plans), default=0)


def contract() -> dict[str, dict[str, dict[str, Any]]]:
    """What conformed asks of staging: entity, its columns, the words (type, required, meaning) of each."""
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["entities"]


def manifest(run: Run) -> Path:
    """Where dbt describes what it built: every model and column with its description."""
    return run.folder / "dbt" / "manifest.json"


def invoke(run: Run, arguments: list[str], words: dict[str, Any], parsed: Any = None) -> list[Any]:
    """One dbt command on the run's warehouse: the result of every node. `words` are variables beside the run's own.

    `parsed` is a project's manifest that an earlier `parse` returned; without one dbt reads the project first.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    variables = {"as_of_date": run.as_of_date.isoformat()} | of_the_shop(run.shop) | words
    aside = str(run.folder / "dbt")
    options = ["--vars", json.dumps(variables), "--target-path", aside, "--log-path", aside]
    options += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet", "--no-use-colors", "--no-version-check"]
    try:
        with settings.environment(**_profile(run)):
            outcome = dbtRunner(manifest=parsed).invoke([*arguments, *options])
    finally:
        # dbt keeps its connection, and with it the file's lock, for as long as the process lives.
        environment = DuckDBConnectionManager._ENV
        if environment is not None:
            environment.close()
        DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        raise ForecartError(f"dbt could not start: {outcome.exception}") from outcome.exception
    return outcome.result if arguments[0] == "parse" else list(outcome.result)


def _profile(run: Run) -> dict[str, str]:
    """What profiles.yml reads."""
    return {
        "FORECART_WAREHOUSE": str(run.warehouse),
        "FORECART_SPILL": str(run.warehouse.parent / "spill"),
        "FORECART_MEMORY": settings.memory_limit(),
        "FORECART_THREADS": str(settings.threads()),
    }


def _execution_seconds(result: Any) -> float:
    return sum(
        (step.completed_at - step.started_at).total_seconds() for step in result.timing if step.name == "execute" and step.completed_at
    )


def _first_lines(result: Any) -> str:
    return " ".join((result.message or result.status).split())[:400]
