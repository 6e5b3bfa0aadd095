"""What a person is told of a run that has ended badly."""

import io
from types import SimpleNamespace

import pytest

import forecart
from forecart.cli.progress import Progress, StepFailed


@pytest.fixture
def progress(monkeypatch):
    # Not the module itself: it would import Airflow, before the tests that give it a home of their own.
    ended_badly = SimpleNamespace(skipped_tasks=lambda dag_id, run_id: [], is_successful=lambda dag_id, run_id: False)
    monkeypatch.setattr(forecart, "dag_runs", ended_badly, raising=False)
    found = Progress(io.StringIO())
    fail(found, "land shop.orders", "no such file")
    return found


def fail(progress: Progress, task: str, reason: str) -> None:
    step = {"dag_id": "land_sources", "task": task, "seconds": 1.0, "is_failed": True, "reason": reason, "result": None, "log": None}
    progress.follow([SimpleNamespace(**step)])


def test_a_run_ends_with_the_reason_of_the_task_that_failed(progress):
    with pytest.raises(StepFailed, match="land_sources land shop.orders: no such file$"):
        progress.check("land_sources", "a run")


def test_all_tasks_that_failed_are_named(progress):
    fail(progress, "land shop.products", "too few rows")
    with pytest.raises(StepFailed, match="land shop.products: too few rows\n1 other task failed as well: land shop.orders$"):
        progress.check("land_sources", "a run")


def test_a_run_that_somebody_ended_is_told_so(progress):
    with pytest.raises(StepFailed, match="build_marts: the run was ended from outside"):
        progress.check("build_marts", "a run")
