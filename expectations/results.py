"""`quality.gate_results`: what every gate expected and found, kept whether it passed or not."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

import pyarrow

from forecart import warehouse
from forecart.run import Run

CRITICAL, WARNING = "critical", "warning"


@dataclass(frozen=True)
class Result:
    """One expectation, checked once. `count_unexpected` is null where no rows are counted, `source` where we computed the table."""

    gate: str
    run_key: str
    checked_at: datetime
    table_name: str
    source: str | None
    column_name: str | None
    expectation: str
    severity: str
    is_success: bool
    observed: str
    count_unexpected: int | None

    @property
    def in_words(self) -> str:
        table = f"{self.table_name} ({self.source})" if self.source else self.table_name
        place = f"{table}, {self.column_name}" if self.column_name else table
        return f"{place}: expected that {self.expectation}; found {self.observed}"


SCHEMA = pyarrow.schema(
    [
        ("gate", pyarrow.string()),
        ("run_key", pyarrow.string()),
        ("checked_at", pyarrow.timestamp("us")),
        ("table_name", pyarrow.string()),
        ("source", pyarrow.string()),
        ("column_name", pyarrow.string()),
        ("expectation", pyarrow.string()),
        ("severity", pyarrow.string()),
        ("is_success", pyarrow.bool_()),
        ("observed", pyarrow.string()),
        ("count_unexpected", pyarrow.int64()),
    ]
)


def keep(run: Run, rows: list[Result]) -> list[Result]:
    """Append the rows; return those of every gate's latest check."""
    new = pyarrow.Table.from_pylist([asdict(row) for row in rows], schema=SCHEMA)
    with warehouse.connect(run) as connection:
        connection.register("new_results", new)
        connection.execute("create schema if not exists quality")
        connection.execute("create table if not exists quality.gate_results as from new_results limit 0")
        connection.execute(
            "comment on table quality.gate_results is 'What each gate expected and found. One row per expectation and check.'"
        )
        connection.execute("insert into quality.gate_results by name from new_results")
        connection.unregister("new_results")
        names = ", ".join(column.name for column in fields(Result))
        latest = connection.execute(
            f"select {names} from quality.gate_results qualify checked_at = max(checked_at) over (partition by gate)"
            " order by checked_at, table_name, is_success, column_name, expectation"
        ).fetchall()
    return [Result(*row) for row in latest]
