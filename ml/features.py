"""Builds what models read."""

from datetime import date
from typing import Any

from forecart import dbt
from forecart.run import Run

# Features of customers and products are cheap and are built for every cut-off; pairs are not, and only the newest cut-offs have them.
PAIR_DATES = 6


def build(run: Run, as_of_dates: list[date], schema: str = "features", pair_dates: int = PAIR_DATES) -> dict[str, Any]:
    """Features, and labels where they are known, at the dates asked for; of pairs at the newest `pair_dates` of them.

    Returns the number of models and tests.
    """
    return dbt.build(run, "features", as_of_dates=as_of_dates, schema=schema, variables={"pair_dates": pair_dates})
