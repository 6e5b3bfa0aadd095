"""The one door to a run's DuckDB warehouse: one at a time, whoever asks."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from filelock import FileLock

from forecart import settings, timing
from forecart.run import Run


@contextmanager
def locked(run: Run) -> Iterator[None]:
    """Hold the warehouse's lock: DuckDB has one writer, and a writer shuts out readers. Waits; the OS frees it if we die."""
    run.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{run.warehouse}.lock"):
        yield


@contextmanager
def connect(run: Run, memory_share: float = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-write connection, closed at the end; what happens inside counts as DuckDB's time."""
    with locked(run), timing.spent(timing.DUCKDB):
        connection = duckdb.connect(str(run.warehouse), config=config(run, memory_share))
        try:
            connection.sql("set TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of what happens inside, or nothing."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def config(run: Run, memory_share: float = 1) -> dict[str, str | int]:
    """Bounded memory; what does not fit spills beside the warehouse."""
    return {
        "memory_limit": settings.memory_limit(memory_share),
        "threads": settings.threads(),
        "temp_directory": str(run.warehouse.parent / "spill"),
        "preserve_insertion_order": "false",
    }
