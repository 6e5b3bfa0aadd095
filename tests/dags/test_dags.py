"""The five DAGs as they stand: what the web UI shows, what the scheduler may do with them."""

import subprocess
import sys
from datetime import timedelta

import pytest

from forecart.settings import ROOT

OURS = ["land_sources", "build_marts", "train_models", "train_identity", "predict_purchases"]
# Every other task opens the warehouse, or might one day.
TASKS_WITHOUT_WAREHOUSE = {
    ("land_sources", "list_sources"),
    ("land_sources", "land"),
    ("land_sources", "plan_run"),
    ("build_marts", "plan_run"),
    ("build_marts", "announce"),
    ("train_models", "plan_run"),
    ("train_identity", "plan_run"),
    ("predict_purchases", "plan_run"),
    ("predict_purchases", "train_first"),  # it waits for tasks that need the slot
}
HEAVY = ["duckdb", "catboost", "great_expectations", "dbt", "mlflow", "pandas", "numpy", "sklearn"]


@pytest.mark.parametrize("dag_id", OURS)
def test_each_dag_tells_the_data_engineer_what_it_is(dag_id, dags):
    dag = dags[dag_id]
    assert "**Runs**" in dag.doc_md
    assert "**When it is red**" in dag.doc_md
    assert dag.owner == "data engineering"
    assert "forecart" in dag.tags


@pytest.mark.parametrize("dag_id", OURS)
def test_each_dag_has_one_active_run_and_does_not_catch_up(dag_id, dags):
    assert (dags[dag_id].max_active_runs, dags[dag_id].catchup) == (1, False)


@pytest.mark.parametrize("dag_id", OURS)
def test_each_dag_is_one_chain(dag_id, dags):
    tasks = dags[dag_id].topological_sort()
    assert [task.downstream_task_ids for task in tasks] == [{task.task_id} for task in tasks[1:]] + [set()]


@pytest.mark.parametrize("dag_id", OURS)
def test_each_task_is_tried_again_and_ends_in_time(dag_id, dags):
    for task in dags[dag_id].tasks:
        assert task.retries == (0 if task.task_id == "train_first" else 2), task.task_id
        assert task.execution_timeout <= timedelta(hours=3), task.task_id


def test_each_task_that_opens_the_warehouse_holds_its_one_slot(dags, session):
    from airflow.models.pool import Pool

    without = {(dag_id, task.task_id) for dag_id in OURS for task in dags[dag_id].tasks if task.pool != "duckdb"}
    assert without == TASKS_WITHOUT_WAREHOUSE
    assert Pool.get_pool("duckdb", session=session).slots == 1


def test_dags_are_named_as_their_files(dags):
    assert {path.stem for path in (ROOT / "dags").glob("*.py")} == set(OURS) <= set(dags)


def test_reading_a_dag_file_imports_nothing_heavy():
    read = f"""
import sys
from forecart import airflow_env
airflow_env.configure()
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({str(ROOT / "dags")!r})
assert not bag.import_errors and len(bag.dags) == {len(OURS)}, bag.import_errors
print("imported:", *[name for name in {HEAVY} if name in sys.modules])
"""
    told = subprocess.run([sys.executable, "-c", read], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.strip().splitlines()[-1].strip() == "imported:"
