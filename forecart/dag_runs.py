"""DAG runs as a person follows them: started for a run key, told task by task, never left saying that they run when nobody runs them.

Airflow must be configured (`airflow_env`) before this is imported.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow import settings
from airflow.api.common.mark_tasks import set_dag_run_state_to_failed
from airflow.models.asset import AssetEvent, AssetPartitionDagRun, PartitionedAssetKeyLog
from airflow.models.dagrun import DagRun
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.sdk import timezone
from airflow.sdk.exceptions import AirflowFailException
from airflow.utils.helpers import log_filename_template_renderer
from airflow.utils.state import DagRunState, State, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select
from sqlalchemy.orm import Session

from forecart import airflow_env
from forecart.errors import ForecartError
from forecart.scheduling import WEB_UI, holder


@dataclass(frozen=True)
class Step:
    """One try of one task, ended."""

    dag_id: str
    task: str
    is_failed: bool
    seconds: float
    result: Any
    reason: str | None
    log: Path


def create_run(dag_id: str, *, key: str | None = None, conf: dict[str, Any] | None = None, is_scheduled: bool = False) -> str:
    """A run of a DAG, using up what asset events ask for that key. Without `is_scheduled` no scheduler is needed to start it."""
    with settings.Session() as session:
        queued = _queued_by_events(dag_id, key, session)
        run_type = DagRunType.ASSET_TRIGGERED if queued else DagRunType.MANUAL
        now = timezone.utcnow()
        run = serialized(dag_id, session).create_dagrun(
            run_id=DagRun.generate_run_id(run_type=run_type, run_after=now),
            run_after=now,
            start_date=None if is_scheduled else now,
            partition_key=key,
            conf=conf,
            run_type=run_type,
            triggered_by=DagRunTriggeredByType.ASSET if queued else DagRunTriggeredByType.CLI,
            state=DagRunState.QUEUED if is_scheduled else DagRunState.RUNNING,
            session=session,
        )
        session.flush()
        for waiting in queued:
            run.consumed_asset_events.extend(_events_of(waiting, session))
            waiting.created_dag_run_id = run.id
        session.commit()
        return run.run_id


def run_started_by_event(dag_id: str, key: str, since: datetime, timeout: float = 120) -> str:
    """The run that a scheduler made of an asset event; waits for it."""
    waited_until = time.monotonic() + timeout
    while time.monotonic() < waited_until:
        _check_scheduler()
        with settings.Session() as session:
            started = session.scalar(
                select(DagRun.run_id).where(DagRun.dag_id == dag_id, DagRun.partition_key == key, DagRun.run_after >= since)
            )
        if started:
            return started
        time.sleep(1)
    raise ForecartError(f"{dag_id} did not start within {timeout:.0f} s; is it paused in the web UI?")


def follow(*followed: tuple[str, str]) -> Iterator[Step]:
    """Watch runs (dag_id, run_id) that a scheduler executes until the first of them has ended."""
    seen = set()
    is_over = False
    while not is_over:
        _check_scheduler()
        with settings.Session() as session:
            is_over = find(*followed[0], session).state in State.finished_dr_states
            for dag_id, run_id in followed:
                ended = select(TaskInstance).where(
                    TaskInstance.dag_id == dag_id,
                    TaskInstance.run_id == run_id,
                    TaskInstance.state.in_([TaskInstanceState.SUCCESS, TaskInstanceState.FAILED, TaskInstanceState.UP_FOR_RETRY]),
                )
                for task in session.scalars(ended.order_by(TaskInstance.end_date)):
                    if (task.id, task.try_number) not in seen:
                        seen.add((task.id, task.try_number))
                        yield step_of(task, _reason_in(log_of(task)), session)
        time.sleep(0 if is_over else 1)


def _check_scheduler() -> None:
    if holder() != WEB_UI:
        raise ForecartError("the web UI was stopped, and with it the scheduler that ran this; start `make run` again")


def fail_abandoned_runs(*, also_resumable: bool) -> list[str]:
    """End runs that say they are running, where nobody can be running them: whoever was has been killed.

    Airflow's scheduler resumes what an earlier scheduler left; it leaves alone, for ever, a task that `make run` was killed in.
    """
    with settings.Session() as session:
        running = select(DagRun).where(DagRun.state == DagRunState.RUNNING)
        if not also_resumable:
            in_a_headless_task = select(TaskInstance.run_id).where(
                TaskInstance.dag_id == DagRun.dag_id,
                TaskInstance.run_id == DagRun.run_id,
                TaskInstance.state.in_([TaskInstanceState.QUEUED, TaskInstanceState.RUNNING]),
                TaskInstance.queued_by_job_id.is_(None),
            )
            running = running.where(in_a_headless_task.exists())
        abandoned = session.scalars(running).all()
        names = [f"{run.dag_id} {run.run_id}" for run in abandoned]
        for run in abandoned:
            set_dag_run_state_to_failed(dag=serialized(run.dag_id, session), run_id=run.run_id, commit=True, session=session)
        session.commit()
    return names


def is_successful(dag_id: str, run_id: str) -> bool:
    with settings.Session() as session:
        return find(dag_id, run_id, session).state == DagRunState.SUCCESS


def skipped_tasks(dag_id: str, run_id: str) -> list[str]:
    with settings.Session() as session:
        run = find(dag_id, run_id, session)
        skipped = run.get_task_instances(state=[TaskInstanceState.SKIPPED], session=session)
        return sorted({task.task_id for task in skipped})


def result_of(dag_id: str, run_id: str, task_id: str) -> Any:
    """What a task returned."""
    with settings.Session() as session:
        task = find(dag_id, run_id, session).get_task_instance(task_id, session=session)
        return _result(task, session)


def step_of(task: TaskInstance, reason: str | None, session: Session) -> Step:
    return Step(
        dag_id=task.dag_id,
        task=f"{task.task_id} {task.rendered_map_index or ''}".strip(),
        is_failed=task.state in (TaskInstanceState.FAILED, TaskInstanceState.UP_FOR_RETRY),
        seconds=task.duration or 0.0,
        result=_result(task, session),
        reason=reason,
        log=log_of(task),
    )


def _result(task: TaskInstance, session: Session) -> Any:
    return session.scalar(
        select(XComModel.value).where(
            XComModel.dag_id == task.dag_id,
            XComModel.run_id == task.run_id,
            XComModel.task_id == task.task_id,
            XComModel.map_index == task.map_index,
            XComModel.key == "return_value",
        )
    )


def told(error: BaseException) -> str:
    """What a person needs of an error: a message meant for them as it is, anything else with its type."""
    return str(error) if isinstance(error, AirflowFailException) else f"{type(error).__name__}: {error}"


def _reason_in(log: Path) -> str | None:
    """The last error that a task's log tells of."""
    for line in reversed(log.read_text().splitlines() if log.exists() else []):
        try:
            errors = json.loads(line).get("error_detail")
        except ValueError:
            continue
        if errors:
            error = errors[0]
            is_for_people = error["exc_type"] == AirflowFailException.__name__
            return error["exc_value"] if is_for_people else f"{error['exc_type']}: {error['exc_value']}"
    return None


def log_of(task: TaskInstance) -> Path:
    return airflow_env.logs() / log_filename_template_renderer()(ti=task)


def find(dag_id: str, run_id: str, session: Session) -> DagRun:
    return session.scalars(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).one()


def serialized(dag_id: str, session: Session):
    return SerializedDagModel.get(dag_id, session=session).dag


def _queued_by_events(dag_id: str, key: str | None, session: Session) -> list[AssetPartitionDagRun]:
    return session.scalars(
        select(AssetPartitionDagRun).where(
            AssetPartitionDagRun.target_dag_id == dag_id,
            AssetPartitionDagRun.partition_key == key,
            AssetPartitionDagRun.created_dag_run_id.is_(None),
        )
    ).all()


def _events_of(waiting: AssetPartitionDagRun, session: Session) -> list[AssetEvent]:
    return session.scalars(
        select(AssetEvent)
        .join(PartitionedAssetKeyLog, PartitionedAssetKeyLog.asset_event_id == AssetEvent.id)
        .where(PartitionedAssetKeyLog.asset_partition_dag_run_id == waiting.id)
    ).all()
