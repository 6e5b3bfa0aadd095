"""When there is something new to build or to publish, and when not."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from forecart import freshness, publish, settings
from forecart.errors import ForecartError
from forecart.publish import rollback
from ml import registry
from tests.forecart import world

CHAMPIONS = {"purchase": "purchase-v1-catboost", "demand": "demand-v1-catboost", "value": "value-v1-catboost", "churn": "churn-v1-baseline"}


@pytest.fixture
def champions(monkeypatch) -> dict[str, str]:
    """What the registry would name, which the tests may change."""
    serving = dict(CHAMPIONS)
    monkeypatch.setattr(registry, "serving_versions", lambda run: serving)
    return serving


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the repository's declarations, to be edited."""
    root = tmp_path / "root"
    for folder in ("dbt_project", "ingest", "expectations", "forecart", "ml", "docs"):
        shutil.copytree(settings.ROOT / folder, root / folder, ignore=shutil.ignore_patterns("target", "__pycache__"))
    monkeypatch.setattr(settings, "ROOT", root)
    monkeypatch.setattr(freshness, "KNOWN_LIMITS", root / "docs" / "known_limits.yml")
    return root


def edit(path):
    with path.open("a") as file:
        file.write("\n")


def test_built_marts_are_not_new(run):
    assert not freshness.marts_are_new(run)


def test_a_new_load_makes_marts_and_predictions_new(run, champions):
    world.publish_next(run, 1)
    landed = run.shop.landing / "complete_journey" / "transactions"
    shutil.copytree(landed / "load1", landed / "load2")
    assert not freshness.marts_are_new(run), "a load that no gate has passed is not registered"
    world.change(run, "update landing.loads set load_id = 'load2'")
    assert freshness.marts_are_new(run)
    assert freshness.predictions_are_new(run)


def test_a_load_that_landed_otherwise_under_its_name_makes_marts_new(run):
    world.change(run, "update landing.loads set data_sha256 = 'bb'")
    assert freshness.marts_are_new(run)


@pytest.mark.parametrize(
    "file",
    [
        "dbt_project/models/marts/orders.sql",
        "dbt_project/macros/money.sql",
        "dbt_project/models/marts/_marts.yml",
        "expectations/marts.py",
        "ingest/systems/complete_journey.yml",
    ],
)
def test_what_the_marts_are_made_with_makes_them_new(file, project, run, champions):
    world.rebuild_marts(run)
    world.publish_next(run, 1)
    assert not freshness.marts_are_new(run)
    edit(project / file)
    assert freshness.marts_are_new(run)
    assert freshness.predictions_are_new(run)


def test_marts_of_another_date_are_not_those_that_were_asked_for(run):
    later = replace(run, as_of_date=run.as_of_date + timedelta(days=1))
    assert freshness.generation(run)
    with pytest.raises(ForecartError, match=f"found those of {run.as_of_date}; run build_marts first"):
        freshness.generation(later)


@pytest.mark.parametrize("file", ["ml/__init__.py", "forecart/consent.py", "docs/known_limits.yml"])
def test_what_the_predictions_are_made_with_makes_only_them_new(file, project, run, champions):
    world.rebuild_marts(run)
    world.publish_next(run, 1)
    assert not freshness.predictions_are_new(run)
    edit(project / file)
    assert not freshness.marts_are_new(run)
    assert freshness.predictions_are_new(run)


def test_another_shop_declaration_makes_the_marts_new(run):
    shops = settings.shops_file()
    shops.write_text(shops.read_text().replace("America/New_York", "Europe/Berlin"))
    assert freshness.marts_are_new(world.a_run())


def test_marts_left_half_built_are_new(run):
    freshness.mark_marts_building(run)
    assert freshness.marts_are_new(run)
    with pytest.raises(ForecartError, match="finished marts"):
        freshness.generation(run)


def test_each_build_has_a_generation_of_its_own(run):
    token = freshness.generation(run)
    freshness.check_generation(run, token)
    assert world.rebuild_marts(run) != token
    with pytest.raises(ForecartError, match="rebuilt meanwhile"):
        freshness.check_generation(run, token)


def test_published_predictions_are_not_new(run, champions):
    assert freshness.predictions_are_new(run)
    world.publish_next(run, 1)
    assert not freshness.predictions_are_new(run)


def test_published_predictions_are_not_new_where_there_is_nobody_to_predict_for(run, champions):
    world.change(run, "delete from predictions.customer_value")
    world.publish_next(run, 1)
    assert not freshness.predictions_are_new(run)


def test_a_new_champion_makes_the_predictions_new(run, champions):
    world.publish_next(run, 1)
    champions["churn"] = "churn-v2-catboost"
    assert freshness.predictions_are_new(run)


def test_after_a_rollback_nothing_is_new(run, champions):
    world.publish_next(run, 0)
    world.publish_next(run, 1)
    rollback(run.shop)
    assert not freshness.predictions_are_new(run)


@pytest.mark.parametrize("damage", ["unlink", "truncate"])
def test_a_damaged_file_makes_the_predictions_new(damage, run, champions):
    world.publish_next(run, 1)
    file = publish.published_file(run)
    file.chmod(0o644)
    if damage == "unlink":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1])
    assert freshness.predictions_are_new(run)


def test_without_landed_views_there_is_a_message(run):
    world.change(run, "drop schema landing cascade")
    with pytest.raises(ForecartError, match="`make run` or the DAG land_sources takes them in"):
        freshness.marts_are_new(run)
