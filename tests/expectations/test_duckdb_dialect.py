"""Every kind of expectation that the gates use runs inside DuckDB, and is right both ways."""

import importlib

import duckdb
import great_expectations.expectations as gxe
import pytest

from expectations import suite, validation
from expectations.runner import GATES
from expectations.suite import Suite
from tests.expectations.conftest import copy_of

TABLE = "marts.kinds"
ROWS = """
    create table marts.kinds as
    select *, null::integer as empty, 'nan'::double as odd, -1 as below, 1 as same
    from (values (1, 'ab_1', 0.5, 2), (2, 'ab_2', 0.25, 3)) as kinds(id, name, share, more)
"""

# what holds, what does not
KINDS = [
    (suite.rows(2, 2), suite.rows(3)),
    (suite.columns("id", "name"), suite.columns("id", "nobody")),
    (suite.not_null("name"), suite.not_null("empty")),
    (suite.one_of("name", ["ab_1", "ab_2"]), suite.one_of("name", ["ab_1"])),
    (suite.between("share", 0, 1), suite.between("share", 0.3)),
    (suite.between("share", 0.3, mostly=0.5), suite.between("share", 0.3, mostly=0.6)),
    (suite.unique("id", "name"), suite.unique("same")),
    (suite.finite("share", "empty"), suite.finite("share", "odd")),
    (suite.not_negative("id", "empty"), suite.not_negative("id", "below")),
    (suite.every_row("more than id", "more > id"), suite.every_row("unknown is not true", "empty > 1")),
    (
        suite.no_rows("none", "select id from {batch} join {batch} as other using (id) where id > 2"),
        suite.no_rows("some", "select id from {batch}"),
    ),
    (
        [gxe.ExpectColumnValuesToMatchRegex(column="name", regex="b_[0-9]$")],
        [gxe.ExpectColumnValuesToMatchRegex(column="name", regex="^b")],
    ),
    (
        [gxe.ExpectColumnValuesToNotMatchRegex(column="name", regex="^b")],
        [gxe.ExpectColumnValuesToNotMatchRegex(column="name", regex="2$")],
    ),
    (
        [gxe.ExpectColumnValuesToMatchLikePattern(column="name", like_pattern="ab%")],
        [gxe.ExpectColumnValuesToMatchLikePattern(column="name", like_pattern="b%")],
    ),
    (
        [gxe.ExpectColumnValuesToNotMatchLikePattern(column="name", like_pattern="b%")],
        [gxe.ExpectColumnValuesToNotMatchLikePattern(column="name", like_pattern="%2")],
    ),
]


@pytest.fixture(scope="module")
def results(world, tmp_path_factory):
    """All of them checked at once: what holds as `0 holds`, …, what does not as `0 fails`, …"""
    named = [
        expectation.copy(update={"description": f"{index} {outcome}"})
        for index, pair in enumerate(KINDS)
        for outcome, (expectation,) in zip(("holds", "fails"), pair, strict=True)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORECART_DATA", str(tmp_path_factory.mktemp("kinds")))
        run = copy_of(world)
        with duckdb.connect(str(run.warehouse)) as connection:
            connection.execute(ROWS)
        (table,) = validation.check(run, "kinds", lambda run, tables: [Suite(TABLE, ("id",), [named])])
    return {result.expectation: result for result in table.results}


@pytest.mark.parametrize("index", range(len(KINDS)), ids=[f"{type(holds[0]).__name__} {index}" for index, (holds, _) in enumerate(KINDS)])
def test_an_expectation_runs_in_duckdb_and_is_right_both_ways(results, index):
    holds, fails = results[f"{index} holds"], results[f"{index} fails"]
    assert holds.is_success, holds
    assert not fails.is_success and "error" not in fails.observed, fails


def test_every_kind_that_a_gate_uses_is_tried_here(run):
    with duckdb.connect(str(run.warehouse)) as connection:
        columns = connection.sql(
            "select table_schema || '.' || table_name, column_name, data_type from information_schema.columns"
        ).fetchall()
    tables = {}
    for table, column, data_type in columns:
        tables.setdefault(table, {})[column] = data_type
    used = {
        type(expectation)
        for module, function in GATES.values()
        for one in getattr(importlib.import_module(f"expectations.{module}"), function)(run, tables)
        for expectation in one.expectations
    }
    assert used and used <= {type(expectation) for holds, _ in KINDS for expectation in holds}
