"""Where the time of a run went. Inner spans pause outer ones, so the parts add up to the whole; other threads are told by who waits for them."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

DUCKDB, CATBOOST, GREAT_EXPECTATIONS, DBT, AIRFLOW, OTHER = (
    "DuckDB SQL",
    "CatBoost",
    "Great Expectations",
    "dbt",
    "Airflow",
    "other",
)

_totals: dict[str, float] = defaultdict(float)
_open: list[str] = []
_since = time.perf_counter()


def _charge() -> None:
    """Charge the time since the last change of span to the innermost open one."""
    global _since
    now = time.perf_counter()
    if _open:
        _totals[_open[-1]] += now - _since
    _since = now


@contextmanager
def spent(on: str) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _charge()
    _open.append(on)
    try:
        yield
    finally:
        _charge()
        _open.pop()


def move(seconds: float, from_: str, to: str) -> None:
    """Charge to `to` what a library measured itself inside a span of `from_` (dbt's execution times)."""
    _totals[from_] -= seconds
    _totals[to] += seconds


def totals() -> dict[str, float]:
    """Seconds by part, in this process."""
    _charge()
    return dict(_totals)
