"""What a person sees while a run goes on: one line a task."""

import time
from pathlib import Path
from typing import Any, TextIO

from forecart.words import counted


class StepFailed(Exception):
    """A task failed for good. The message says why; `log` has the rest."""

    def __init__(self, reason: str, log: Path | None):
        super().__init__(reason)
        self.log = log


class Progress:
    is_interrupted = False

    def __init__(self, terminal: TextIO):
        self._terminal = terminal
        self._started = time.monotonic()
        self._failures: list = []
        self.stages: list[dict[str, Any]] = []

    def elapsed(self) -> float:
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        self._clear()
        self._terminal.write(f"[{self.elapsed():6.1f} s] {text}\n")

    def starting(self, dag_id: str, task: str) -> None:
        """A passing line, where a person is watching."""
        if self._terminal.isatty():
            self._clear()
            self._terminal.write(f"[{self.elapsed():6.1f} s] {dag_id:<18}{task} …")
            self._terminal.flush()

    def follow(self, steps) -> None:
        """Show each step, and keep its figures. Raises KeyboardInterrupt where one ended because a person said so."""
        for step in steps:
            if self.is_interrupted:
                raise KeyboardInterrupt
            rows = step.result.get("rows") if isinstance(step.result, dict) else None
            self.stages.append({"stage": f"{step.dag_id}.{step.task}", "seconds": round(step.seconds, 2), "rows": rows})
            outcome = f"failed: {_first_line(step.reason)}" if step.is_failed else _told(step.result)
            self.say(f"{step.dag_id:<18}{step.task:<40}{outcome}".rstrip())
            if step.is_failed:
                self._failures.append(step)

    def check(self, dag_id: str, run_id: str) -> None:
        """Tell what was skipped in a run that has ended; raise StepFailed where it failed."""
        from forecart import dag_runs

        if skipped := dag_runs.skipped_tasks(dag_id, run_id):
            self.say(f"{dag_id:<18}skipped: {', '.join(skipped)}")
        if not dag_runs.is_successful(dag_id, run_id):
            failures = [step for step in self._failures if step.dag_id == dag_id]
            if not failures:
                raise StepFailed(
                    f"{dag_id}: the run was ended from outside, no task of it failed (the web UI can mark a run as failed)", None
                )
            *others, failure = failures
            also = f"\n{counted(len(others), 'other task')} failed as well: {', '.join(step.task for step in others)}" if others else ""
            raise StepFailed(f"{dag_id} {failure.task}: {failure.reason}{also}", failure.log)

    def stop(self, why: str, code: int = 1) -> int:
        self._clear()
        self._terminal.write(f"\n{why}\n")
        return code

    def _clear(self) -> None:
        if self._terminal.isatty():
            self._terminal.write("\r\033[K")


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0][:100]


def _told(result: Any) -> str:
    """The figures of what a task returned, in a few words."""
    if isinstance(result, dict):
        counted = {name: len(value) if isinstance(value, list) else value for name, value in result.items()}
        numbers = {name: value for name, value in counted.items() if isinstance(value, int) and not isinstance(value, bool)}
        return "  ".join(f"{value:>12,} {name}" for name, value in numbers.items())
    if isinstance(result, bool):
        return f"{'yes' if result else 'no':>12}"
    return ""
