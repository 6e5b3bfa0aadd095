"""Tasks at the same time: their results in order, threads shared out, errors told."""

import signal
import threading

import catboost
import numpy as np
import pytest
from catboost import core

from forecart import timing
from ml import effort, parallel, trees


@pytest.fixture(autouse=True)
def _four_threads(monkeypatch):
    monkeypatch.setenv("FORECART_THREADS", "4")


def test_tasks_run_at_the_same_time_and_give_their_results_in_order():
    both_are_there = threading.Barrier(2, timeout=30)

    def task(name: str):
        both_are_there.wait()
        return name, parallel.threads()

    assert parallel.run([lambda: task("first"), lambda: task("second")]) == [("first", 2), ("second", 2)]
    assert parallel.threads() == 4


def test_more_tasks_than_threads_share_them_one_each():
    assert parallel.run([parallel.threads] * 6) == [1] * 6


def test_inside_a_task_the_threads_that_are_left_are_shared_again():
    assert parallel.run([lambda: parallel.run([parallel.threads] * 2), parallel.threads]) == [[1, 1], 2]


def test_one_task_has_all_threads():
    assert parallel.run([parallel.threads]) == [4]


def test_an_error_of_a_task_is_raised_when_all_have_ended():
    ended = []

    def fails():
        raise ValueError("too little")

    with pytest.raises(ValueError, match="too little"):
        parallel.run([fails, lambda: ended.append(True)])
    assert ended == [True]
    assert parallel.threads() == 4


def test_a_task_that_never_ends_is_left_when_the_time_is_up():
    """As Airflow ends a task: by an alarm that raises what is no Exception."""

    class TimeIsUp(BaseException):
        pass

    def raise_it(*_):
        raise TimeIsUp

    never = threading.Event()
    before = signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(TimeIsUp):
            parallel.run([never.wait, lambda: None])
        assert not never.is_set()
        assert parallel.threads() == 4
    finally:
        signal.signal(signal.SIGALRM, before)
        never.set()


def test_tasks_take_on_as_little_as_who_runs_them():
    with effort.little():
        assert parallel.run([lambda: effort.of(300)] * 2) == [30, 30]


def test_time_in_tasks_is_told_of_who_waits_for_them():
    def task():
        with timing.spent("inner"):
            pass

    before = timing.totals().get("inner", 0)
    with timing.spent("outer"):
        parallel.run([task, task])
    assert timing.totals().get("inner", 0) == before
    assert timing.totals()["outer"] > 0


def test_catboosts_logger_is_not_taken_from_trainings_that_still_run(monkeypatch):
    taken, take = [], core._reset_logger
    monkeypatch.setattr(core, "_reset_logger", lambda: (taken.append(threading.current_thread()), take()))

    def grow() -> int:
        features, answers = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
        return catboost.CatBoostClassifier(iterations=3, **trees.SETTINGS, thread_count=1).fit(features, answers).tree_count_

    assert parallel.run([lambda: parallel.run([grow] * 2), grow]) == [[3, 3], 3]
    assert set(taken) == {threading.current_thread()}
