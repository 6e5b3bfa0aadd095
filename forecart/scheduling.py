"""One scheduler at a time: `make run` schedules its own tasks, `make ui` has Airflow's scheduler. Both at once would run tasks twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from forecart import airflow_env

WEB_UI = "make ui"


class WebUiSchedules(Exception):
    """The web UI's scheduler is at work; it ends when a person says so, so there is no waiting for it."""


@contextmanager
def only_scheduler(who: str, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock, waiting while another has it; `on_wait` hears who. The OS frees it when its holder dies.

    Raises WebUiSchedules where anybody else would wait for the web UI.
    """
    lock = _lock()
    is_told = False
    while not lock.is_locked:
        try:
            lock.acquire(timeout=0.5)
        except Timeout:
            other = holder()
            if other == WEB_UI and who != WEB_UI:
                raise WebUiSchedules from None
            if other and not is_told:
                on_wait(other)
                is_told = True
    try:
        _holder_file().write_text(who)
        yield
    finally:
        _holder_file().unlink()
        lock.release()


def holder() -> str | None:
    """Who schedules now."""
    try:
        with _lock().acquire(timeout=0):
            return None
    except Timeout:
        return _holder_file().read_text() if _holder_file().exists() else "another process"


def _lock() -> FileLock:
    return FileLock(airflow_env.home() / "scheduler.lock")


def _holder_file() -> Path:
    return airflow_env.home() / "scheduler.holder"
