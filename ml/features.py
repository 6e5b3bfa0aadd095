"""Builds what models read: neighbours by matrices, then everything else by SQL."""

from datetime import date
from typing import Any

from forecart import dbt
from forecart.run import Run
from ml import neighbours

# Features of customers and products are cheap and are built for every cut-off; pairs are not, and only the newest cut-offs have them.
PAIR_DATES = 6


def build(run: Run, as_of_dates: list[date], schema: str = "features", pair_dates: int = PAIR_DATES) -> dict[str, Any]:
    """Features, and labels where they are known, at the dates asked for; of pairs at the newest `pair_dates` of them.

    Returns the number of models, tests and neighbours.
    """
    found = neighbours.write(run, sorted(set(as_of_dates), reverse=True)[:pair_dates], schema)
    built = dbt.build(run, "features", as_of_dates=as_of_dates, schema=schema, variables={"pair_dates": pair_dates})
    return built | {"neighbours": found}
