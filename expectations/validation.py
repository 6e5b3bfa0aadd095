"""Checks suites against a run's warehouse through Great Expectations, as SQL inside DuckDB."""

import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import great_expectations as gx
import sqlalchemy as sa
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults, ProgressBarsConfig
from great_expectations.datasource.fluent import SQLDatasource

from expectations import duckdb_dialect
from expectations.results import CRITICAL, Result
from expectations.suite import Suite, Tables, of_shop_without_customers
from forecart import dbt, timing, warehouse
from forecart.run import Run

# Counts only: no values of the data in results or Data Docs, and no query for them.
COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Checked:
    """A table's results, and Great Expectations' own account of them where it came to one."""

    table: str
    results: list[Result]
    account: ExpectationSuiteValidationResult | None = None


def check(run: Run, gate_name: str, suites: Callable[[Run, Tables], Iterable[Suite]]) -> list[Checked]:
    """The caller holds the warehouse's lock. No connection is left open."""
    checked_at = datetime.now(UTC).replace(tzinfo=None)

    def result(suite: Suite, expectation: str, **found: Any) -> Result:
        return Result(gate_name, run.key, checked_at, suite.table, suite.source, expectation=expectation, **found)

    def failure(suite: Suite, expectation: str, observed: str) -> Checked:
        found = {"column_name": None, "severity": CRITICAL, "is_success": False, "observed": observed, "count_unexpected": None}
        return Checked(suite.table, [result(suite, expectation, **found)])

    def check_table(suite: Suite, tables: Tables, source: SQLDatasource) -> Checked:
        expectations = suite.expectations
        if not expectations:
            return failure(suite, "its suite holds expectations", "none")
        if suite.table not in tables:
            return failure(suite, "the table is there", "no such table")
        try:
            account = _validate(suite, expectations, source)
            found = [_found(one) for one in account.results]
        except Exception as error:  # whatever went wrong, nothing was checked
            return failure(suite, "the table can be checked", _first_line(str(_root_cause(error))))
        if len(found) != len(expectations):
            return failure(suite, f"all {len(expectations)} expectations run", f"{len(found)} that ran")
        return Checked(suite.table, [result(suite, **one) for one in found], account)

    with _source(run) as source:
        tables = _tables(source)
        asked = suites(run, tables)
        if "customers" not in dbt.staged(run.shop):
            asked = map(of_shop_without_customers, asked)
        return [check_table(suite, tables, source) for suite in asked]


@contextmanager
def _source(run: Run) -> Iterator[SQLDatasource]:
    """The warehouse, read-only, as Great Expectations sees it. Nothing is stored outside of memory, nothing is sent anywhere."""
    duckdb_dialect.install()
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    source = context.data_sources.add_sql(
        "warehouse",
        connection_string=sa.URL.create("duckdb", database=str(run.warehouse)).render_as_string(),
        create_temp_table=False,
        kwargs={"connect_args": {"read_only": True, "config": warehouse.config(run)}},
    )
    execution = source.get_execution_engine()
    sa.event.listen(execution.engine, "before_cursor_execute", _start_clock)
    sa.event.listen(execution.engine, "after_cursor_execute", _stop_clock)
    try:
        yield source
    finally:
        # DuckDB refuses a connection of another configuration while one of these is open.
        execution.engine.dispose()
        source.get_engine().dispose()


def _start_clock(connection: sa.Connection, *_: Any) -> None:
    connection.info["started"] = time.perf_counter()


def _stop_clock(connection: sa.Connection, *_: Any) -> None:
    timing.move(time.perf_counter() - connection.info["started"], timing.GREAT_EXPECTATIONS, timing.DUCKDB)


def _tables(source: SQLDatasource) -> Tables:
    tables: Tables = {}
    query = sa.text("select table_schema || '.' || table_name, column_name, data_type from information_schema.columns")
    for table, column, data_type in source.get_execution_engine().execute_query(query):
        tables.setdefault(table, {})[column] = data_type
    return tables


def _validate(suite: Suite, expectations: list, source: SQLDatasource) -> ExpectationSuiteValidationResult:
    schema, _, table = suite.table.partition(".")
    with warnings.catch_warnings():
        # Deprecated for dialects whose connection names one schema; a DuckDB file has many.
        warnings.filterwarnings("ignore", "`schema_name` is deprecated", DeprecationWarning)
        asset = source.add_table_asset(suite.table, table_name=table, schema_name=schema)
    batch = asset.add_batch_definition_whole_table(suite.table).get_batch()
    account = batch.validate(gx.ExpectationSuite(suite.table, expectations=expectations), result_format=dict(COUNTS))
    written = [expectation.description for expectation in expectations]
    account.results.sort(key=lambda one: written.index(one.expectation_config.description))
    return account


def _found(one: ExpectationValidationResult) -> dict[str, Any]:
    """What a result says, as Result's fields. An expectation that raised an error is critical, whatever it was meant to be."""
    configuration = one.expectation_config
    error = _error(one.exception_info)
    details = one.result.get("details") or {}
    return {
        "column_name": configuration.kwargs.get("column") or (configuration.meta or {}).get("about") or None,
        "expectation": configuration.description,
        "severity": CRITICAL if error else str(configuration.severity.value),
        "is_success": bool(one.success) and not error,
        "observed": error or _observed(one.result),
        "count_unexpected": details.get("count_found", one.result.get("unexpected_count")),
    }


def _observed(result: dict[str, Any]) -> str:
    details = result.get("details") or {}
    if "mismatched" in details:
        return f"no {', '.join(details['mismatched'].get('missing', ['such column']))}"
    if "observed_value" in result:
        value = result["observed_value"]
        return f"{value:,}" if isinstance(value, int) else str(value)
    return f"{result['unexpected_count'] or 0:,} of {result['element_count']:,} rows where it is not so"


def _error(exception_info: dict[str, Any] | None) -> str | None:
    """One error, or one a metric."""
    info = exception_info or {}
    for error in [info] if "raised_exception" in info else info.values():
        if error["raised_exception"]:
            return "an error: " + _first_line(error["exception_message"])
    return None


def _root_cause(error: BaseException) -> BaseException:
    """Great Expectations guesses at reasons; DuckDB knows them."""
    return _root_cause(error.__cause__) if error.__cause__ else error


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "an error without a message"
