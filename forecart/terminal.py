"""The terminal is for people: what libraries say goes to log files, also what their C code writes."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def send_output_to(log: Path) -> None:
    """From now on, all that this process writes to stdout and stderr is appended to the file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


@contextmanager
def kept_for_people(log: Path) -> Iterator[TextIO]:
    """Yields the terminal to write to, while stdout and stderr go to the log."""
    sys.stdout.flush()
    sys.stderr.flush()
    out, err = os.dup(1), os.dup(2)
    send_output_to(log)
    try:
        with os.fdopen(os.dup(out), "w", buffering=1) as terminal:
            yield terminal
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
