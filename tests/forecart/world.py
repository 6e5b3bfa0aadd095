"""A shop in miniature with a finished run in its warehouse; made in a moment, also in a process of its own."""

import json
import os
from datetime import date
from pathlib import Path

import duckdb
import yaml

from forecart import dbt, freshness, publish
from forecart.run import Run
from forecart.settings import ROOT
from forecart.shop import load_shop

SHOP = "corner"
AS_OF_DATE = date(2018, 1, 1)
RUN_ID = "run-1"


def make(folder: Path) -> Run:
    """A shop under `folder`, which becomes FORECART_DATA, with marts, predictions and green gates."""
    folder.mkdir(parents=True, exist_ok=True)
    use(folder)
    shop = {"description": "a corner shop", "timezone": "America/New_York", "currency": "USD", "systems": ["complete_journey"]}
    (folder / "shops.yml").write_text(yaml.safe_dump({SHOP: shop}))
    run = a_run()
    _land(run)
    _finish(run)
    return run


def use(folder: Path) -> None:
    os.environ |= {"FORECART_DATA": str(folder), "FORECART_SHOPS": str(folder / "shops.yml"), "FORECART_THREADS": "1"}


def a_run(as_of_date: date = AS_OF_DATE, is_historical: bool = False) -> Run:
    return Run(load_shop(SHOP), as_of_date, is_historical)


def make_historical(as_of_date: date) -> Run:
    run = a_run(as_of_date, is_historical=True)
    _finish(run)
    return run


def change(run: Run, sql: str) -> None:
    with duckdb.connect(str(run.warehouse)) as connection:
        connection.execute(sql)


def rebuild_marts(run: Run) -> str:
    """As the DAG does it; returns the generation."""
    freshness.mark_marts_building(run)
    freshness.mark_marts_built(run)
    return freshness.generation(run)


def train_anew(run: Run, number: int) -> None:
    """The next publication differs from the last by its purchase model."""
    change(run, f"update predictions.product_recommendations set model_version = 'purchase-v{number}-catboost'")


def publish_next(run: Run, number: int) -> dict:
    train_anew(run, number)
    return publish.publish(run, RUN_ID, freshness.generation(run))


def _land(run: Run) -> None:
    """What landing leaves: a current load of every source table with its manifest."""
    from ingest.landing import entities

    for entity in entities(run.shop):
        folder = run.shop.landing / entity["system"] / entity["entity"]
        (folder / "load1").mkdir(parents=True)
        delivery = {"name": "file", "batch": "", "version": 0, "stamp": "", "sha256": "0", "load_id": "load1"}
        (folder / "deliveries.json").write_text(json.dumps({"deliveries": [delivery]}))
        (folder / "load1" / "manifest.json").write_text(json.dumps({"data_until": "2017-12-31"}))


def _finish(run: Run) -> None:
    run.warehouse.parent.mkdir(parents=True)
    sql = (Path(__file__).parent / "world.sql").read_text()
    told = {"as_of_date": run.as_of_date, "run_key": run.key}
    for name, value in told.items():
        sql = sql.replace(f"{{{name}}}", str(value))
    change(run, sql)
    dbt.manifest(run).parent.mkdir(parents=True)
    dbt.manifest(run).write_text(json.dumps(_descriptions()))
    rebuild_marts(run)


def _descriptions() -> dict:
    """The part of dbt's manifest that publishing reads, from the project's own files."""
    models = yaml.safe_load((ROOT / "dbt_project/models/marts/_marts.yml").read_text())["models"]
    sources = yaml.safe_load((ROOT / "dbt_project/models/_published.yml").read_text())["sources"]
    nodes = [_node(model, "marts") | {"resource_type": "model", "alias": model["name"]} for model in models]
    tables = [_node(table, source["schema"]) | {"identifier": table["name"]} for source in sources for table in source["tables"]]
    return {"nodes": dict(enumerate(nodes)), "sources": dict(enumerate(tables))}


def _node(declared: dict, schema: str) -> dict:
    columns = {column["name"]: {"description": column["description"]} for column in declared["columns"]}
    return {"schema": schema, "description": declared["description"], "columns": columns}
