"""Runs a gate. Fails closed: what could not be checked has not passed."""

import gc
import importlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forecart import timing, warehouse
from forecart.errors import ForecartError
from forecart.run import Run

GATES = {
    "landing": ("landing", "suites"),
    "marts": ("marts", "suites"),
    "features": ("features", "suites"),
    "training": ("features", "training_suites"),
    "predictions": ("predictions", "suites"),
}
SHOWN = 4


class GateFailed(ForecartError):
    """Something that must hold does not. Names the table, what was expected and what was found."""


def gate(run: Run, gate_name: str) -> dict[str, Any]:
    """Check everything the gate asks of the run's warehouse; keep the results there and as Data Docs.

    Returns the numbers of `tables` and `expectations` checked, the `warnings` as text, and the page `data_docs`.
    Raises GateFailed after the results are kept, when a critical expectation fails or anything could not be checked.
    """
    with timing.spent(timing.GREAT_EXPECTATIONS):
        with _without_garbage_collection():
            # Great Expectations takes seconds to import: only a process that checks something waits for it.
            from expectations import data_docs, results, validation

        module, function = GATES[gate_name]
        suites = getattr(importlib.import_module(f"expectations.{module}"), function)
        if not run.warehouse.exists():
            raise GateFailed(f"gate {gate_name} of {run.key}: expected a warehouse {run.warehouse}, found none")
        with warehouse.locked(run):
            checked = validation.check(run, gate_name, suites)
        rows = [result for table in checked for result in table.results]
        latest = results.keep(run, rows)
        page = data_docs.write(run, gate_name, checked, latest)

    failures = [row for row in rows if not row.is_success and row.severity == results.CRITICAL]
    if failures or not rows:
        raise GateFailed(_message(run, gate_name, failures, len(rows), page))
    warnings = [row.in_words for row in rows if not row.is_success]
    for warning in warnings:  # the task is green: its log is where a person sees it
        logging.getLogger(__name__).warning(warning)
    return {
        "gate": gate_name,
        "tables": len(checked),
        "expectations": len(rows),
        "warnings": warnings,
        "data_docs": str(page),
    }


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """An import makes many objects that stay; looking for garbage among them takes a fifth of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _message(run: Run, gate_name: str, failures: Sequence[Any], count_rows: int, page: Path) -> str:
    title = f"gate {gate_name} of {run.key}:"
    if not count_rows:
        return f"{title} expected tables to check, found none"
    more = [f"and {len(failures) - SHOWN} more"] if len(failures) > SHOWN else []
    return "\n".join(
        [f"{title} {len(failures)} of {count_rows} expectations failed", *(row.in_words for row in failures[:SHOWN]), *more, f"see {page}"]
    )
