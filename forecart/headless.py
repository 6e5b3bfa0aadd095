"""Runs DAGs without a scheduler: their real tasks, one after the other, in this process, against the database that the web UI shows.

Airflow and the heavy libraries are imported once, where a scheduler starts a process a task. It does what `dag.test()` does, but for a run
that is there already (with its partition key), and each task's log is written where the web UI looks for it.

Airflow must be configured (`airflow_env`) before this is imported, and the caller must be the only scheduler (`scheduling`).
"""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from airflow import settings
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.models.taskinstance import TaskInstance
from airflow.sdk import DAG, timezone
from airflow.sdk.definitions.dag import _run_task
from airflow.sdk.execution_time import task_runner
from airflow.sdk.log import configure_logging
from airflow.utils.state import DagRunState, TaskInstanceState
from sqlalchemy.orm import Session

from forecart import airflow_env
from forecart.dag_runs import Step, fail_abandoned_runs, find, log_of, serialized, step_of, told
from forecart.errors import ForecartError
from forecart.terminal import send_output_to


def log_as_json() -> None:
    """Airflow's log lines go to stdout in the form that the web UI reads; call it after stdout has been sent to a file."""
    configure_logging(json_output=True, output=os.fdopen(1, "wb", buffering=0, closefd=False))
    *processors, renderer = structlog.get_config()["processors"]
    structlog.configure(processors=[*processors, _name_errors, renderer])
    logging.getLogger("airflow.sdk.definitions.dag").setLevel(logging.WARNING)  # it says of each task that this is a test


def _name_errors(_logger, _method: str, event: dict) -> dict:
    """The web UI shows a traceback where it finds `error_detail`; with a scheduler, a task's supervisor renames it."""
    if "exception" in event:
        event["error_detail"] = event.pop("exception")
    return event


def load_dags() -> dict[str, DAG]:
    """Read the DAG files and tell the database what they say now."""
    manager = DagBundlesManager()
    manager.sync_bundles_to_db()
    dags: dict[str, DAG] = {}
    for bundle in manager.get_all_dag_bundles():
        bundle.initialize()
        bag = BundleDagBag(dag_folder=bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        if bag.import_errors:
            raise ForecartError("\n".join(f"{file}: {error}" for file, error in bag.import_errors.items()))
        sync_bag_to_db(bag, bundle.name, bundle.version)
        dags |= bag.dags
    return dags


def execute(dag: DAG, run_id: str, starting: Callable[[str, str], None]) -> Iterator[Step]:
    """Run what is ready until the run has ended; one step is one try of one task. `starting` hears of each beforehand."""
    with settings.Session() as session:
        run = find(dag.dag_id, run_id, session)
        run.dag = serialized(dag.dag_id, session)
        while run.state == DagRunState.RUNNING:
            session.expire_all()
            for ready in run.update_state(session=session)[0]:
                ready.try_number += 1
                ready.state = TaskInstanceState.SCHEDULED
                ready.scheduled_dttm = timezone.utcnow()
            session.commit()
            scheduled = run.get_task_instances(state=[TaskInstanceState.SCHEDULED], session=session)
            for task in scheduled:
                starting(dag.dag_id, task.task_id)
                yield _run_one(task, dag, session)
            if not scheduled:
                time.sleep(0.05)  # a retry waits for its time


def _run_one(task: TaskInstance, dag: DAG, session: Session) -> Step:
    log = log_of(task)
    send_output_to(log)
    try:
        with _signals_left_alone():
            outcome = _run_task(ti=task, task=dag.task_dict[task.task_id])
    finally:
        send_output_to(airflow_env.logs() / "headless.log")
    session.expire_all()
    return step_of(task, told(outcome.error) if outcome and outcome.error else None, session)


@contextmanager
def _signals_left_alone() -> Iterator[None]:
    """Airflow takes SIGTERM for itself while a task runs, as in a process of its own, and then does nothing. Here it is meant for all of us."""
    take = signal.signal

    def take_unless_airflow(number: int, handler: Any) -> Any:
        is_airflows = getattr(handler, "__module__", None) == task_runner.__name__
        return signal.getsignal(number) if is_airflows else take(number, handler)

    signal.signal = take_unless_airflow
    try:
        yield
    finally:
        signal.signal = take


if __name__ == "__main__":  # what `make ui` has done before its scheduler starts
    load_dags()
    fail_abandoned_runs(also_resumable=False)
