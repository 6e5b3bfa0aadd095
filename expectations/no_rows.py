"""An expectation stated as SQL: the query looks for rows that should not be, and finds none."""

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations import UnexpectedRowsExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.query_metric_provider import QueryMetricProvider

from forecart.words import counted


class RowsFound(QueryMetricProvider):
    """How many rows the query finds, and one of them, in a single pass: Great Expectations' own metrics run it twice."""

    metric_name = "no_rows.found"
    value_keys = ("unexpected_rows_query",)
    query_param_name: ClassVar[str] = "unexpected_rows_query"

    @metric_value(engine=SqlAlchemyExecutionEngine)  # makes it a class method
    def _sqlalchemy(
        cls,
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict,
        metric_value_kwargs: dict,
        metrics: dict[str, Any],
        runtime_configuration: dict,
    ) -> dict[str, Any]:
        table, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE)
        batch = table.compile(dialect=execution_engine.engine.dialect, compile_kwargs={"literal_binds": True})
        query = cls._format_query(cls._get_query_from_metric_value_kwargs(metric_value_kwargs), batch=f"({batch})")
        found = execution_engine.execute_query(sa.text(f"select count(*) over () as count_found, * from ({query}) limit 1"))
        first = found.mappings().first()
        return {"count_found": 0} if first is None else dict(first)


class NoRows(UnexpectedRowsExpectation):
    """`unexpected_rows_query` selects what a person needs to find a wrong row again: ids, dates and amounts, nothing personal.

    `{batch}` in it stands for the suite's table. It gets no alias of its own, so it may be given one, joined or not.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = (RowsFound.metric_name,)

    def _validate(self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None) -> dict:
        found = dict(metrics[RowsFound.metric_name])
        count = found.pop("count_found")
        example = ", ".join(f"{name}={value}" for name, value in found.items())
        return {
            "success": count == 0,
            "result": {
                "observed_value": f"{counted(count, 'row')}, such as {example}" if count else "no such rows",
                "details": {"count_found": count},
            },
        }
