"""What a gate leaves behind: rows, pages, and nothing else."""

import re
import socket
import subprocess
import sys

import duckdb
import pytest

from expectations import GateFailed, gate, validation
from expectations.suite import Suite, between, no_rows, not_null
from forecart import timing, warehouse

RESULTS = "select gate, run_key, table_name, is_success, count_unexpected from quality.gate_results"


CHURN = Suite("predictions.churn_risk", ("customer_id",), [between("churn_probability", 0, 1)])
WRONG = "update predictions.churn_risk set churn_probability = 2 where customer_id = '1'"
RIGHT = "update predictions.churn_risk set churn_probability = 0.1 where customer_id = '1'"


def test_results_are_kept_when_the_gate_fails_and_when_it_is_run_again(run, ask, plant):
    ask(CHURN)
    plant(WRONG)
    with pytest.raises(GateFailed):
        gate(run, "marts")
    plant(RIGHT)
    passed = gate(run, "marts")
    with warehouse.connect(run) as connection:
        kept = connection.sql(RESULTS).fetchall()
        checks = connection.sql("select distinct checked_at from quality.gate_results").fetchall()
    assert [row for row in kept if not row[3]] == [("marts", run.key, "predictions.churn_risk", False, 1)]
    assert len(kept) == 2 * passed["expectations"] and len(checks) == 2


def test_data_docs_show_every_gate_and_each_failure(run, ask, plant):
    gate(run, "features")
    of_last_time = run.quality / "data_docs" / "marts" / "marts.nowhere.html"
    of_last_time.parent.mkdir()
    of_last_time.touch()
    ask(CHURN, Suite("marts.nowhere", ("id",), [not_null("id")]))
    plant(WRONG)
    with pytest.raises(GateFailed) as failed:
        gate(run, "marts")
    index = run.quality / "data_docs" / "index.html"
    assert str(index) in str(failed.value)
    text = index.read_text()
    assert text.count("stopped") == 2 and text.count(">passed<") == 4
    assert "expected that churn_probability, where known, is at least 0 and at most 1" in text and "found no such table" in text
    linked = [index.parent / link for link in re.findall(r'href="([^"]+)"', text)]
    assert len(linked) == 5 and all(page.exists() for page in linked)
    page = (run.quality / "data_docs" / "marts" / "predictions.churn_risk.html").read_text()
    assert "Failed" in page and "customer_id is never repeated" in page and "having count(*) &gt; 1" in page


def test_data_docs_need_no_network(run, ask):
    ask(CHURN)
    gate(run, "marts")
    for page in (run.quality / "data_docs").rglob("*.html"):
        text = page.read_text()
        assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//|url\(|@import|<script", text), page


def test_nothing_is_sent_anywhere(run, ask, monkeypatch):
    ask(CHURN)

    def refuse(*arguments):
        raise AssertionError(f"a connection to {arguments[-1]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    gate(run, "marts")


def test_gates_leave_the_warehouse_free_in_the_same_process(run, ask, plant):
    """DuckDB refuses a second connection of another configuration, so one that were left open would show."""
    ask(CHURN)
    for configuration in ({"threads": 1}, {"memory_limit": "1GB"}):
        gate(run, "marts")
        with duckdb.connect(str(run.warehouse), config=configuration) as connection:
            connection.execute(WRONG)
        with pytest.raises(GateFailed):
            gate(run, "marts")
        with duckdb.connect(str(run.warehouse), config=configuration) as connection:
            connection.execute(RIGHT)


def test_the_time_in_sql_is_told_apart_from_the_time_around_it(run):
    slow = no_rows("a slow question", "select sum(a.range) as s from range(3000) as a, range(90000), {batch} having s < 0")
    before = timing.totals()
    with timing.spent(timing.GREAT_EXPECTATIONS):
        validation.check(run, "marts", lambda *asked: [Suite("predictions.churn_risk", ("customer_id",), [slow])])
    spent = {part: seconds - before.get(part, 0) for part, seconds in timing.totals().items()}
    assert spent[timing.DUCKDB] > 0.2 and spent[timing.GREAT_EXPECTATIONS] > 0.02, spent


def test_great_expectations_is_imported_only_by_a_gate_that_runs():
    program = "import sys, expectations; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
