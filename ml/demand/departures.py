"""By which factor a category departs from the season of the whole shop, by how it departed a year ago.

After Christmas the shop sells a third less, and of gifts hardly anything is sold. What one year tells of one category is partly chance, of
large categories as well (promotions, new products), so that a category goes half of its way only: the geometric mean of the shop's season
and its own.
"""

from datetime import date

import duckdb
import numpy as np

from ml.demand.daily import HORIZON_DAYS
from ml.frames import fetch

# Weekdays stay where they are; a week on each side of a window counts as well (both as in seasons.sql).
YEAR_DAYS, SIDE_DAYS = 364, 7
# What sold little leans on the shop, as if so many units had sold before in the shop's season.
PRIOR_UNITS = 10.0
SHARE = 0.5


def read(connection: duckdb.DuckDBPyConnection, schema: str, day: date, keys: np.ndarray, days: int) -> np.ndarray:
    """Of the 30 days to come against the `days` before, shape (keys,). 1 of a category whose history does not hold these of a year ago."""
    first, last = -days - SIDE_DAYS, HORIZON_DAYS + SIDE_DAYS
    found = fetch(
        connection,
        f"""
        select
            key,
            coalesce(sum(demand_milliunits) filter (day_number >= {-SIDE_DAYS}), 0) / 1000 as ahead,
            coalesce(sum(demand_milliunits) filter (day_number >= {first} and day_number < {SIDE_DAYS}), 0) / 1000 as behind
        from (select *, sale_date - ? + {YEAR_DAYS} as day_number from {schema}.sales_series where level = 'category')
        where day_number < {last}
        group by key
        having min(day_number) < {first}
        order by key
        """,
        [day],
    )
    ahead, behind = found.set_index("key").reindex(keys).fillna(0).to_numpy("float64").T
    return of_units(ahead, behind)


def of_units(ahead: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """From units of a year ago. Growth that all share is in the shop's ratio too, and cancels out."""
    if not ahead.sum() or not behind.sum():
        return np.ones_like(ahead)
    whole = ahead.sum() / behind.sum()
    return ((ahead / whole + PRIOR_UNITS) / (behind + PRIOR_UNITS)) ** SHARE
