"""What SQL counts for frames is the same whatever the order of rows."""

from datetime import date
from math import exp

import duckdb
import pytest
from pandas.testing import assert_frame_equal

from forecart import warehouse
from ml import effort, frames, train
from ml.frames import decayed


def test_what_fades_with_age_is_summed_alike_in_any_order():
    def told(order: str) -> float:
        events = f"(select date '2025-01-01' - age::int as day, age % 3 as times from range(1, 1000) as ages(age) order by age {order})"
        query = f"select {decayed('times', 'day', 43.28)} from {events}"
        return duckdb.execute(query, {"day": date(2025, 1, 1)}).fetchone()[0]

    assert told("asc") == told("desc")
    assert told("asc") == pytest.approx(sum(age % 3 * exp(-age / 43.28) for age in range(1, 1000)), abs=1e-3)


def test_of_very_many_customers_no_more_features_are_read_than_are_learned_from(run, monkeypatch):
    read, fetch = [], frames.fetch
    monkeypatch.setattr(frames, "fetch", lambda *asked: read.append(fetch(*asked)) or read[-1])
    with warehouse.connect(run) as connection:
        asked = connection, "labels_churn", "labels.is_churned", train.labelled_dates(connection, run)
        everybody = frames.labelled_customers(*asked)
        monkeypatch.setattr(effort, "MOST_CUSTOMER_ROWS", 50)
        chosen = frames.labelled_customers(*asked)
    assert_frame_equal(chosen, effort.evenly(everybody))
    assert len(read[-1]) == 50 < len(everybody)


def test_of_no_dates_there_is_nobody(run):
    with warehouse.connect(run) as connection:
        assert frames.labelled_customers(connection, "labels_churn", "labels.is_churned", []).empty
