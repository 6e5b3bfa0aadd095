"""Builds what models read: neighbours, texts and tastes by matrices, then everything else by SQL."""

from datetime import date
from typing import Any

import duckdb
import holidays

from forecart import dbt, warehouse
from forecart.run import Run
from forecart.shop import Shop
from ingest import systems
from ml import neighbours, splits, tastes, texts
from ml.baselines.history import ACTIVE_DAYS

# Features of customers and products are cheap and are built for every cut-off. Pairs are not, and only the newest cut-offs have them: in
# a small shop, where there is less to learn from on each, more of them; in a very large one fewer, for no more are read.
LEAST_PAIR_DATES = 6
CUSTOMERS_AND_DATES = 15_000


def build(
    run: Run,
    as_of_dates: list[date],
    schema: str = "features",
    more_pair_dates: int = 0,
    planned_days: int | None = None,
    with_pairs: bool = True,
) -> dict[str, Any]:
    """Features, and labels where they are known, at the dates asked for; of pairs at the newest of them alone.

    `more_pair_dates` are added for each further cut-off that is to be judged; without `with_pairs` the tables of pairs are empty.
    `planned_days` stands in place of what the shop declares of its plans of promotions. Returns the number of models, tests and neighbours.
    """
    dates = sorted(set(as_of_dates), reverse=True)
    count = pair_dates(run, dates, more_pair_dates) if with_pairs else 0
    found = neighbours.write(run, dates[:count], schema)
    texts.write(run, dates[:count], schema)
    tastes.write(run, dates[:count], schema)
    variables = {"pair_dates": count, "closed_dates": closed_dates(run.shop), "holidays": public_holidays(run.shop, dates)}
    if planned_days is not None:
        variables["planned_days"] = planned_days
    built = dbt.build(run, "features", as_of_dates=dates, schema=schema, variables=variables)
    return built | {"neighbours": found}


def pair_dates(run: Run, dates: list[date], more: int = 0) -> int:
    """For how many of the cut-offs (newest first) pairs are built, by the number of customers active on the newest one, and `more`.

    Where there are no more, pairs are judged on the newest and learned from until there is enough: what is older would not be read.
    """
    with warehouse.connect(run) as connection:
        (active,) = connection.execute(
            """
            select count(distinct customer_id) from marts.order_lines
            where is_purchase and order_date < $day and order_date >= $day - $active_days
            """,
            {"day": dates[0], "active_days": ACTIVE_DAYS},
        ).fetchone()
        count = min(max(CUSTOMERS_AND_DATES // max(active, 1), LEAST_PAIR_DATES), splits.MOST_DATES)
        if more:
            return count + more
        bought: list[int] = []
        for place, day in enumerate(dates[1:count], 2):
            if found := _count_bought(connection, day):
                bought.append(found)
            if splits.is_enough(bought):
                return place
    return count


def _count_bought(connection: duckdb.DuckDBPyConnection, day: date) -> int:
    """Pairs bought in the window of a cut-off."""
    (count,) = connection.execute(
        """
        select count(*) from (
            select distinct customer_id, product_id from marts.order_lines
            where is_purchase and customer_id is not null and order_date >= $day and order_date < $day + $horizon
        )
        """,
        {"day": day, "horizon": splits.HORIZON.days},
    ).fetchone()
    return count


def closed_dates(shop: Shop) -> list[str]:
    """Days on which the shop sells nothing, as its source of sales declares them: MM-DD, each year, or YYYY-MM-DD."""
    volumes = [entity.volume for entity in systems.declared_entities(shop) if entity.is_clock]
    return sorted({day for volume in volumes if volume for day in volume.closed_dates})


def public_holidays(shop: Shop, dates: list[date]) -> list[str]:
    """Those of the shop's country in the years around the dates, YYYY-MM-DD; none where it declares no country."""
    if not shop.country:
        return []
    years = range(min(dates).year - 1, max(dates).year + 2)
    return sorted(day.isoformat() for day in holidays.country_holidays(shop.country, years=years))
