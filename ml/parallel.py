"""Trainings and the like at the same time. CatBoost gains next to nothing by a second thread where rows are few, and a third where they are many;
two trainings of one thread each take the time of the longer one (docs/experiments.md)."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from typing import TypeVar

from catboost.core import log_fixup

from forecart import settings

Result = TypeVar("Result")
_at_once: ContextVar[int] = ContextVar("at_once", default=1)


def threads() -> int:
    """How many CatBoost may use: those that the tasks beside it leave."""
    return max(1, settings.threads() // _at_once.get())


def run(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each task gives, in their order. Tasks share memory, but no connection.

    An error of a task is raised when all have ended. What is no error (the time of an Airflow task is up, Ctrl-C) leaves those that run, one of which
    may never end.
    """
    workers = min(len(tasks), settings.threads())
    if workers < 2:
        return [task() for task in tasks]
    token = _at_once.set(_at_once.get() * workers)
    pool, is_left = ThreadPoolExecutor(workers), False
    try:
        # A process has one logger of CatBoost's, which the training that set it would take from those that still run: it is held for all of them.
        with log_fixup():
            running = [pool.submit(copy_context().run, task) for task in tasks]
            wait(running)
            return [one.result() for one in running]
    except BaseException as stopped:
        is_left = not isinstance(stopped, Exception)
        raise
    finally:
        pool.shutdown(wait=not is_left, cancel_futures=is_left)
        _at_once.reset(token)
