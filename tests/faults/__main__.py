"""`make faults`: the catalogue of bad input as a table, with what was expected and what was seen. Ends with 1 where they differ."""

import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.faults import judge
from tests.faults.catalogue import CASES


def main() -> int:
    table = Table("input", "expected", "seen", "rows", "said", box=None, padding=(0, 2, 0, 0))
    wrong = 0
    for case in CASES:
        with tempfile.TemporaryDirectory(prefix="forecart-faults-") as folder:
            os.environ.update(judge.environment(Path(folder), case.entity))
            seen = judge.judge(case, Path(folder))
        is_right = (seen.behaviour, seen.accepted) == (case.expected, case.accepted) and case.words in seen.words and seen.holds
        wrong += not is_right
        said = seen.words.replace(folder, "…")[:90]
        table.add_row(
            *map(escape, (case.name, case.expected, seen.behaviour if is_right else f"{seen.behaviour} !", str(seen.accepted), said))
        )
    console = Console()
    console.print(table)
    console.print(f"{len(CASES)} inputs, {len(CASES) - wrong} as expected, {wrong} not")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
