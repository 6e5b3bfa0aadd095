"""dbt's own unit tests, and laws over its manifest."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from forecart.settings import ROOT

LAYERS = ["staging", "conformed", "marts", "features"]


def dbt(*arguments: str, environment: dict[str, str], target: Path) -> None:
    project = str(ROOT / "dbt_project")
    where = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(target), "--log-path", str(target)]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments, *where, "--no-use-colors"],
        env=environment,
        cwd=target,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.fixture(scope="session")
def manifest(finished_house, tmp_path_factory) -> dict:
    target = tmp_path_factory.mktemp("dbt")
    dbt("parse", environment=finished_house[0].environment, target=target)
    return json.loads((target / "manifest.json").read_text())


def models(manifest: dict) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(node: dict) -> str:
    return node["fqn"][1]


def test_dbt_unit_tests_pass(house, tmp_path):
    warehouse = house.data / house.shop / "warehouse" / "warehouse.duckdb"
    environment = house.environment | {"FORECART_WAREHOUSE": str(warehouse)}
    dbt("test", "--select", "test_type:unit", environment=environment, target=tmp_path)


def test_data_moves_one_way(manifest):
    """A model reads its own layer or the one before; staging reads the landing alone, and conformed who and what is one."""
    by_id = {node["unique_id"]: node for node in models(manifest)}
    for node in by_id.values():
        for parent in node["depends_on"]["nodes"]:
            if parent in by_id:
                step = LAYERS.index(layer(node)) - LAYERS.index(layer(by_id[parent]))
                assert step in (0, 1), f"{node['name']} ({layer(node)}) reads {by_id[parent]['name']} ({layer(by_id[parent])})"
                assert layer(node) != "staging", f"{node['name']} reads another model"
            else:
                # Who is who comes from identity and which products are one from matching, both to conformed alone.
                between = ("source.forecart.identity.", "source.forecart.matching.")
                allowed = "conformed" if parent.startswith(between) else "staging"
                assert layer(node) == allowed, f"{node['name']} reads {parent}"


def test_every_description_ends_with_what_a_row_is(manifest):
    for node in models(manifest):
        last = node["description"].strip().rstrip(".").rsplit(". ", 1)[-1]
        assert last.startswith("One row per "), f"{node['name']}: {node['description']!r}"


def test_marts_and_features_have_enforced_contracts_with_every_column_described(manifest):
    for node in models(manifest):
        if layer(node) in ("marts", "features"):
            assert node["config"]["contract"]["enforced"], node["name"]
            assert node["columns"], node["name"]
            for column in node["columns"].values():
                assert column["description"], f"{node['name']}.{column['name']}"
