"""The shop's days, counted from 0 on 2023-01-01, and its clock (Europe/Berlin)."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

START = np.datetime64("2023-01-01")
DAYS = 1096  # until 2025-12-31
WINDOW = 30  # the days that a purchase probability looks ahead
ALL_DAYS = DAYS + WINDOW  # the world runs on for one window, for the truth alone
END = START + DAYS  # the first day that no table knows
AS_OF = [DAYS - 3 * WINDOW, DAYS - 2 * WINDOW, DAYS - WINDOW, DAYS]  # the days on which the truth is told
DRIFT = "2025-10-01"  # where no other day is asked for

DATES = START + np.arange(ALL_DAYS)
WEEKDAYS = (DATES.astype(int) + 3) % 7  # Monday is 0
DAY_OF_YEAR = (DATES - DATES.astype("datetime64[Y]")).astype(int)
MONTHS = (DATES.astype("datetime64[M]") - START.astype("datetime64[M]")).astype(int)
WEEKS = (np.arange(ALL_DAYS) + 6) // 7  # whole weeks from Monday to Sunday; 2023-01-01 is a Sunday
WEEK_COUNT = int(WEEKS[-1]) + 1

_EARLIEST, _LATEST = -1500, ALL_DAYS + 400


@cache
def _utc_offsets() -> np.ndarray:
    """Seconds by which the shop's clock is ahead of UTC at noon of each day. Nothing happens in the shop between 2 and 3 at night."""
    noon = datetime(2023, 1, 1, 12, tzinfo=UTC)
    zone = ZoneInfo("Europe/Berlin")
    return np.array([(noon + timedelta(days=day)).astimezone(zone).utcoffset().seconds for day in range(_EARLIEST, _LATEST)])


def utc(day: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """The moment (UTC) of so many seconds on the shop's clock on a day."""
    local = np.asarray(seconds, dtype=float) - _utc_offsets()[np.asarray(day, dtype=np.int64) - _EARLIEST]
    return (START + np.asarray(day, dtype=np.int64)).astype("datetime64[us]") + (local * 1e6).astype("timedelta64[us]")


def number(of: object) -> int:
    """The day of a date, or of YYYY-MM-DD."""
    return int((np.datetime64(of, "D") - START).astype(int))


def date(day: np.ndarray) -> np.ndarray:
    """The date of a day."""
    return START + np.asarray(day, dtype=np.int64)


def week_monday(week: np.ndarray) -> np.ndarray:
    """The Monday with which a week begins, as a day. Week 0 began before the world."""
    return np.asarray(week) * 7 - 6


def visit_calendar(confidence: np.ndarray) -> np.ndarray:
    """How much likelier than usual people shop on each day: week, month, year, Christmas, and how confident consumers are."""
    weekday = np.array([1.08, 1.0, 0.97, 0.96, 0.93, 0.92, 1.14])[WEEKDAYS]
    day_of_month = (DATES - DATES.astype("datetime64[M]")).astype(int)
    payday = np.where(day_of_month < 4, 1.12, np.where(day_of_month > 24, 0.95, 1.0))
    year = 1 - 0.08 * np.cos(2 * np.pi * (DAY_OF_YEAR - 190) / 365)
    christmas = 1 + 0.55 * np.exp(-(((DAY_OF_YEAR - 345) / 16.0) ** 2))
    closed = np.where(DAY_OF_YEAR >= 357, 0.6, 1.0)
    return weekday * payday * year * christmas * closed * np.exp(0.4 * confidence)


def is_black_week() -> np.ndarray:
    """The weeks of the Fridays after the fourth Thursday of November."""
    mondays = START + week_monday(np.arange(WEEK_COUNT))
    fridays = mondays + 4
    first_of_november = fridays.astype("datetime64[Y]").astype("datetime64[M]") + 10
    day = (fridays - first_of_november.astype("datetime64[D]")).astype(int) + 1
    return (fridays.astype("datetime64[M]") == first_of_november) & (day >= 23) & (day <= 29)
