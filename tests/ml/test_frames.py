"""What SQL counts for frames is the same whatever the order of rows."""

from datetime import date
from math import exp

import duckdb
import pytest

from ml.frames import decayed


def test_what_fades_with_age_is_summed_alike_in_any_order():
    def told(order: str) -> float:
        events = f"(select date '2025-01-01' - age::int as day, age % 3 as times from range(1, 1000) as ages(age) order by age {order})"
        query = f"select {decayed('times', 'day', 43.28)} from {events}"
        return duckdb.execute(query, {"day": date(2025, 1, 1)}).fetchone()[0]

    assert told("asc") == told("desc")
    assert told("asc") == pytest.approx(sum(age % 3 * exp(-age / 43.28) for age in range(1, 1000)), abs=1e-3)
