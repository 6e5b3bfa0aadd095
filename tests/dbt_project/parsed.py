"""dbt in this process, reading a project once for as long as its files stay as they are: that takes longer than a small build."""

from typing import Any

from forecart import dbt, warehouse
from forecart.errors import ForecartError
from forecart.run import Run

_PARSED: dict[tuple, Any] = {}


def run_models(run: Run, *select: str, exclude: tuple[str, ...] = ()) -> None:
    """`dbt run` of the models selected, without their tests. Raises ForecartError with what dbt says of those that failed."""
    files = sorted(path for suffix in ("sql", "yml") for path in dbt.PROJECT.rglob(f"*.{suffix}"))
    state = (run.shop.name, *((str(path), path.stat().st_mtime_ns) for path in files))
    if state not in _PARSED:
        _PARSED[state] = dbt.invoke(run, ["parse"], {})
    arguments = ["run", "--select", *select, *(["--exclude", *exclude] if exclude else [])]
    with warehouse.locked(run):
        results = dbt.invoke(run, arguments, {}, _PARSED[state].deepcopy())
    failed = [f"{result.node.name}: {result.message}" for result in results if str(result.status) != "success"]
    if failed:
        raise ForecartError("\n".join(failed))
