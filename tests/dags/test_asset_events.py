"""What Airflow's own scheduler makes of asset events: a run for each key, and none for what `make run` has done already."""

import pytest

KEYS = ["complete_journey|2018-01-01", "complete_journey|2017-12-02|historical"]


@pytest.fixture
def schedule(session):
    """Airflow's scheduler makes the runs that are due; it starts none of their tasks."""
    from airflow.jobs.job import Job
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
    from airflow.utils.sqlalchemy import prohibit_commit

    def make_due_runs():
        with prohibit_commit(session) as guard:
            SchedulerJobRunner(job=Job(), executors=[])._create_dagruns_for_dags(guard, session)

    return make_due_runs


@pytest.fixture
def runs_of(session):
    from airflow.models.dagrun import DagRun

    def keys(dag_id):
        session.expire_all()
        return [run.partition_key for run in DagRun.find(dag_id=dag_id, session=session)]

    return keys


def test_two_events_make_two_runs_that_know_their_keys_where_a_plain_asset_schedule_makes_one(execute, schedule, runs_of):
    for key in KEYS:
        execute("send", conf={"key": key})
    schedule()
    assert sorted(runs_of("receive_partitions")) == sorted(KEYS)
    assert runs_of("receive_plainly") == [None]


@pytest.mark.parametrize(("asset", "dag_id"), [("landing", "build_marts"), ("marts", "predict_purchases")])
def test_each_stage_starts_once_for_each_key_of_the_stage_before(asset, dag_id, session, schedule, runs_of):
    _announce(asset, KEYS, session)
    schedule()
    assert sorted(runs_of(dag_id)) == sorted(KEYS)


def test_a_headless_run_uses_up_the_event_that_asked_for_it(execute, schedule, runs_of):
    key = "complete_journey|2017-11-02|historical"
    execute("send", conf={"key": key})
    run_id = execute("receive_partitions", key=key)
    schedule()
    assert runs_of("receive_partitions").count(key) == 1

    from forecart import dag_runs

    assert dag_runs.result_of("receive_partitions", run_id, "tell") == key


def test_what_a_killed_run_announced_is_picked_up(execute, schedule, runs_of):
    key = "complete_journey|2017-10-03|historical"
    execute("send", conf={"key": key})
    schedule()
    assert runs_of("receive_partitions").count(key) == 1


def _announce(asset, keys, session):
    from airflow.assets.manager import asset_manager
    from airflow.sdk import Asset

    for key in keys:
        asset_manager.register_asset_change(asset=Asset(asset), partition_key=key, session=session)
    session.commit()
