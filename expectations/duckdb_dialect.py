"""The one place where Great Expectations learns DuckDB, so that expectations run inside it as SQL.

Great Expectations knows its SQL dialects by name and asks four things of each: must the connection be kept while results
are read (yes), how is a regular expression matched, how is LIKE written, which columns has a table. Forecart validates DuckDB
only, so the answers given here replace those for all other dialects in this process.
"""

import sys
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from great_expectations.execution_engine import sqlalchemy_execution_engine
from great_expectations.expectations.metrics import util

METRICS = "great_expectations.expectations.metrics"


class Dialect(StrEnum):
    """Stands among GXSqlDialect's members: those are compared by their value."""

    DUCKDB = "duckdb"


def regex_expression(column: sa.ColumnElement, regex: str, _dialect: Any, positive: bool = True) -> sa.ColumnElement:
    """`regexp_matches` finds the pattern anywhere in the text, as in other dialects; DuckDB's `~` wants all of the text."""
    matches = sa.func.regexp_matches(column, sa.literal(regex))
    return matches if positive else sa.not_(matches)


def like_expression(
    column: sa.ColumnElement, _dialect: Any, like_pattern: str, positive: bool = True, escape: str | None = None
) -> sa.ColumnElement:
    matches = column.like(sa.literal(like_pattern), escape=escape)
    return matches if positive else sa.not_(matches)


def column_metadata(execution_engine: Any, table_selectable: str, schema_name: str | None = None) -> list[dict[str, Any]]:
    """`describe` takes a millisecond; the Postgres catalogue that DuckDB imitates takes a tenth of a second a table."""
    table = execution_engine.dialect.identifier_preparer.format_table(sa.table(str(table_selectable), schema=schema_name))
    columns = execution_engine.execute_query(sa.text(f"describe {table}")).mappings()
    return [{"name": column["column_name"], "type": column["column_type"], "primary_key": False} for column in columns]


ANSWERS = {
    "get_dialect_regex_expression": regex_expression,
    "get_dialect_like_pattern_expression": like_expression,
    "get_sqlalchemy_column_metadata": column_metadata,
}


def install() -> None:
    """Teach this process; a second time changes nothing."""
    if Dialect.DUCKDB in sqlalchemy_execution_engine._PERSISTED_CONNECTION_DIALECTS:
        return
    sqlalchemy_execution_engine._PERSISTED_CONNECTION_DIALECTS += (Dialect.DUCKDB,)
    # The metrics have imported these functions by name, so every copy of the name is replaced.
    copies = [module for name, module in sys.modules.items() if name.startswith(METRICS)]
    for question, answer in ANSWERS.items():
        original = getattr(util, question)
        for module in copies:
            if getattr(module, question, None) is original:
                setattr(module, question, answer)
