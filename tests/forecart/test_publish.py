"""What a published version is, and when there is a new one."""

import hashlib
import json
from datetime import date

import duckdb
import pytest

from forecart import freshness, publish
from forecart.errors import ForecartError
from forecart.versions import KEPT
from tests.forecart import world
from tests.forecart.conftest import look, serving


def ask(run, sql):
    with duckdb.connect(str(publish.published_file(run)), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_the_file_holds_what_the_warehouse_held_and_only_for_analysts(run):
    published = world.publish_next(run, 1)
    with duckdb.connect(str(run.warehouse), read_only=True) as warehouse:
        for table in ("marts.order_lines", "marts.customers", "predictions.product_recommendations", "quality.gate_results"):
            assert ask(run, f"from {table} order by all") == warehouse.sql(f"from {table} order by all").fetchall()
    assert ask(run, "select distinct schema_name from duckdb_tables() order by all") == [
        ("main",),
        ("marts",),
        ("predictions",),
        ("quality",),
    ]
    assert published["version"] == 1
    assert published["is_new"]


def test_what_landing_and_conformed_kept_out_is_told_and_adds_up(run):
    world.publish_next(run, 1)
    assert ask(run, "select stage, entity, reason, count_rows from quality.quarantine order by all") == [
        ("conformed", "order_lines", "order unknown", 4),
        ("landing", "transactions", "quantity: below 0", 2),
    ]
    assert ask(run, "from quality.reconciliation order by all") == [
        ("conformed", None, "order_lines", 327, 320, 4, 3),
        ("landing", "complete_journey", "transactions", 330, 327, 2, 1),
    ]
    assert ask(run, "from quality.dropped") == [("order_lines", "exact duplicate", 3)]
    assert ask(run, "select repair, count_rows from quality.repairs") == [("sales_value: decimal comma", 3)]


def test_the_manifest_tells_the_file(run):
    world.publish_next(run, 1)
    file = publish.published_file(run)
    manifest = json.loads(file.with_name("manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert manifest["bytes"] == file.stat().st_size
    assert manifest["rows"]["marts.order_lines"] == ask(run, "select count(*) from marts.order_lines")[0][0]
    assert (manifest["shop"], manifest["as_of_date"], manifest["run_id"]) == ("corner", "2018-01-01", world.RUN_ID)
    assert manifest["data_until"] == dict.fromkeys(manifest["data_until"], "2017-12-31")
    assert [path.name for path in sorted(file.parent.iterdir())] == ["forecart.duckdb", "manifest.json"]


def test_every_table_and_column_has_its_comment(run):
    world.publish_next(run, 1)
    assert ask(run, "select table_name from duckdb_tables() where comment is null") == []
    assert ask(run, "select table_name, column_name from duckdb_columns() where comment is null and not internal") == []
    assert ask(run, "select comment from duckdb_tables() where table_name = 'orders'")[0][0].endswith("One row per order.")


def test_a_column_without_a_description_is_not_published(run):
    world.publish_next(run, 1)
    world.change(run, "alter table marts.orders add column mystery integer")
    with pytest.raises(ForecartError, match=r"marts\.orders\.mystery"):
        world.publish_next(run, 2)
    assert serving(run) == 1


def test_about_tells_freshness_gates_models_and_limits(run):
    world.publish_next(run, 1)
    rows = ask(run, "from about")
    about = {(topic, item): value for topic, item, value in rows}
    assert about["version", "as_of_date"].startswith("2018-01-01")
    assert about["data until", "complete_journey.transactions"] == "2017-12-31"
    assert about["gate", "marts"] == "passed: 3 checks, 1 warning"
    assert about["model", "purchase, precision_at_10"] == "0.42, baseline 0.40"
    assert about["drift", "churn"] == "scores lie far from those of the training of 2017-12-02: PSI 0.46"
    assert about["training", "churn"] == "planned: its scores have drifted: PSI 0.46"
    assert [item for topic, item in about if topic == "drift"] == ["churn"]
    assert any(topic == "known limit" and "Simulated" in value for topic, _, value in rows)


def test_a_shop_without_customers_is_published_and_told_why_nothing_is_said_of_them(run):
    for table in ("product_recommendations", "discoveries", "churn_risk", "customer_value", "retention_offers"):
        world.change(run, f"delete from predictions.{table}")
    world.publish_next(run, 1)
    about = {(topic, item): value for topic, item, value in ask(run, "from about")}
    assert about["model", "demand"].startswith("version ")
    for question in ("purchase", "value", "churn"):
        assert "orders name no customer" in about["model", question]


def test_the_same_is_published_once(run):
    world.publish_next(run, 1)
    again = world.publish_next(run, 1)
    assert (again["version"], again["is_new"]) == (1, False)
    assert world.publish_next(run, 2)["version"] == 2


def test_a_damaged_file_is_published_anew(run):
    world.publish_next(run, 1)
    publish.published_file(run).unlink()
    assert world.publish_next(run, 1)["version"] == 2
    assert serving(run) == 2


def test_five_versions_are_kept(run):
    for number in range(1, KEPT + 3):
        world.publish_next(run, number)
    kept = sorted(int(folder.name) for folder in (run.folder / "versions").iterdir())
    assert kept == [3, 4, 5, 6, 7]


def test_marts_rebuilt_since_the_predictions_are_not_published_with_them(run):
    generation = freshness.generation(run)
    world.rebuild_marts(run)
    with pytest.raises(ForecartError, match="rebuilt meanwhile"):
        publish.publish(run, world.RUN_ID, generation)
    assert not publish.published_file(run).exists()


def test_half_built_marts_are_not_published(run):
    token = freshness.mark_marts_building(run)
    with pytest.raises(ForecartError, match="finished marts"):
        publish.publish(run, world.RUN_ID, token)


def test_predictions_of_another_run_are_not_published(run):
    with pytest.raises(ForecartError, match="found run-1 of 2018-01-01"):
        publish.publish(run, "run-2", freshness.generation(run))


@pytest.mark.parametrize("gate", publish.GATES)
def test_what_no_gate_passed_is_not_published(gate, run):
    world.publish_next(run, 1)
    world.change(run, f"update quality.gate_results set is_success = false where gate = '{gate}'")
    with pytest.raises(ForecartError, match=f"gate {gate} was passed, found 2 failed"):
        world.publish_next(run, 2)
    world.change(run, f"delete from quality.gate_results where gate = '{gate}'")
    with pytest.raises(ForecartError, match=f"gate {gate} was passed, found no check"):
        world.publish_next(run, 2)
    assert serving(run) == 1


def test_only_the_last_check_of_a_gate_counts(run):
    world.change(
        run,
        "insert into quality.gate_results select * replace (checked_at - interval 1 hour as checked_at, false as is_success)"
        " from quality.gate_results",
    )
    assert world.publish_next(run, 1)["version"] == 1


def test_a_historical_run_never_touches_the_live_file(run):
    world.publish_next(run, 1)
    live = publish.published_file(run)
    before = live.resolve(), live.stat().st_mtime_ns, sorted((run.folder / "versions").rglob("*"))
    past = world.make_historical(date(2017, 12, 2))
    published = world.publish_next(past, 7)
    assert published["path"] == str(run.folder / "as_of" / "2017-12-02" / "forecart.duckdb")
    assert look(past.folder / "published")[1]["as_of_date"].startswith("2017-12-02")
    assert json.loads((past.folder / "manifest.json").read_text())["as_of_date"] == "2017-12-02"
    assert (live.resolve(), live.stat().st_mtime_ns, sorted((run.folder / "versions").rglob("*"))) == before


def test_one_question_alone_can_be_published(run):
    world.change(
        run,
        "create temp table kept as from predictions.product_recommendations; drop schema predictions cascade; create schema predictions; "
        "create table predictions.product_recommendations as from kept",
    )
    world.publish_next(run, 1)
    assert ask(run, "select table_name from duckdb_tables() where schema_name = 'predictions'") == [("product_recommendations",)]
