"""Why a prediction is what it is, in words and with values: what weighs most, by SHAP values summed over the columns of one theme.

Columns that say much the same share their weight among each other, so single columns are no reasons; a theme is what a person would say.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from forecart.words import counted, days
from ml.habits import LIFE
from ml.reasons import HANDFUL, TREND_DAYS

COUNT = 3


@dataclass(frozen=True)
class Theme:
    """`columns` count for it where their name begins with one of these; `words` takes a row's values and tells them, None where they say nothing."""

    columns: tuple[str, ...]
    words: Callable[[dict[str, float]], str | None]


def top(contributions: pd.DataFrame, features: pd.DataFrame, themes: list[Theme]) -> np.ndarray:
    """The COUNT themes of each row that weigh most, either way, of those that can be told, shape (rows, COUNT); None where there are fewer.

    `contributions` holds log-odds a column, `features` the values, both in the order of rows. Each begins with "raises" or "lowers".
    """
    weights = np.column_stack([_of_theme(contributions, theme) for theme in themes])
    order = np.argsort(-np.abs(weights), axis=1, kind="stable")
    told = np.full((len(features), COUNT), None, dtype=object)
    for row, values in enumerate(features.to_dict("records")):
        weighing = ((weights[row, place], themes[place].words(values)) for place in order[row] if weights[row, place])
        of_row = (f"{'raises' if weight > 0 else 'lowers'} the risk: {words}" for weight, words in weighing if words)
        for rank, said in enumerate(islice(of_row, COUNT)):
            told[row, rank] = said
    return told


def of_customers(currency: str) -> list[Theme]:
    """The themes of features_customer; every column of it but keys belongs to one."""

    def money(cents: float) -> str:
        return f"{cents / 100:,.2f} {currency}"

    def last_order(row: dict) -> str:
        usual = row["mean_interval_days"]
        since = f"last ordered {days(row['days_since_last_order'])} ago"
        return f"{since}, usually every {days(usual)}" if not math.isnan(usual) else since

    return [
        Theme(("days_since_last_order",), last_order),
        Theme(
            # Who orders often spends much. The windows told are those that weigh; 30 days are the trend's.
            ("count_orders", "decayed_orders", "count_lines", "count_weeks", "sales_cents"),
            lambda row: (
                f"{counted(row['count_orders_90d'], 'order')} for {money(row['sales_cents_90d'])} in 90 days, "
                f"{row['count_orders_365d']:,.0f} for {money(row['sales_cents_365d'])} in a year"
            ),
        ),
        Theme(
            ("mean_order", "sd_order", "largest_order", "mean_lines", "mean_units"),
            lambda row: (
                f"an order of 90 days is {money(row['mean_order_cents_90d'])} and {counted(row['mean_units_90d'], 'unit')} on average"
            ),
        ),
        Theme(("mean_interval", "sd_interval", "longest_interval"), _rhythm),
        Theme(
            LIFE,
            lambda row: f"first order {days(row['days_since_first_order'])} ago, ordered on {counted(row['count_repeats'] + 1, 'day')}",
        ),
        Theme(("order_trend", "sales_trend"), _trend),
        Theme(
            ("count_products", "count_stores"),
            lambda row: f"{counted(row['count_products_90d'], 'different product')} in 90 days{_stores(row['count_stores_90d'])}",
        ),
        Theme(("discount",), _discounts),
    ]


def _of_theme(contributions: pd.DataFrame, theme: Theme) -> np.ndarray:
    return contributions[[name for name in contributions if name.startswith(theme.columns)]].sum(axis=1).to_numpy()


def _stores(count: float) -> str:
    return f", in {count:.0f} stores" if count > 1 else ""


def _discounts(row: dict[str, float]) -> str | None:
    share = row["discount_share_90d"]
    return None if math.isnan(share) else f"{share:.0%} of the price of 90 days was discounts"  # of what is free no share is taken off


def _trend(row: dict[str, float]) -> str | None:
    # One order more or less is no trend where there are few: of a single one the trend is 0 or 300 %. It is 300 % of whoever came this month, too.
    is_known = row["count_orders_90d"] >= HANDFUL and row["days_since_first_order"] >= TREND_DAYS
    return f"orders of the last 30 days are {row['order_trend']:.0%} of the usual" if is_known else None


def _rhythm(row: dict[str, float]) -> str | None:
    if math.isnan(row["mean_interval_days"]):
        return None  # of one day with an order there is no interval, which speaks neither for staying nor for leaving
    return f"orders of a year came every {days(row['mean_interval_days'])}, at most {days(row['longest_interval_days'])} apart"
