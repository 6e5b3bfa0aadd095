"""The habits of customers, as models read them from rows of features_customer."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

# Recency, frequency and money: what analysts have used since direct mail (Fader, Hardie and Lee, RFM and CLV, 2005).
RECENCY = ("days_since_last_order",)
RFM = (
    *RECENCY,
    "days_since_last_order_ratio",
    "mean_interval_days",
    "count_orders_30d",
    "count_orders_60d",
    "count_orders_90d",
    "count_orders_180d",
    "count_orders_365d",
    "sales_cents_30d",
    "sales_cents_90d",
    "sales_cents_365d",
)
RHYTHM = (
    *RFM,
    "count_orders_7d",
    "count_orders_14d",
    *(f"count_orders_month_{month}" for month in range(2, 7)),
    *(f"decayed_orders_{days}d" for days in (30, 90, 180)),
    "count_weeks_84d",
    "sd_interval_days",
    "longest_interval_days",
)
SPENDING = (
    *RHYTHM,
    *(f"sales_cents_{days}d" for days in (7, 14, 60, 180)),
    *(f"sales_cents_month_{month}" for month in range(2, 7)),
    "mean_order_cents_90d",
    "sd_order_cents",
    "largest_order_cents",
    "mean_lines_90d",
    "count_products_90d",
    "discount_share_90d",
)
# All of a customer's history: repeats, days from the first order to the last, and from the first one on.
LIFE = ("count_repeats", "days_first_to_last_order", "days_since_first_order")
LONGEST_WINDOW = 365
WINDOW = re.compile(r"(?:count_orders|sales_cents|count_lines)_(\d+)d")
DECAYED = re.compile(r"decayed_orders_(\d+)d")
MONTH = re.compile(r"(?:count_orders|sales_cents)_month_(\d+)")
# Who ordered on one day only has no interval yet: its ratio counts as 1, the interval as a year.
UNKNOWN = {"days_since_last_order_ratio": 1, "mean_interval_days": 365}


def at_full_length(features: pd.DataFrame) -> pd.DataFrame:
    """Windows longer than the shop's history as they would be at its pace, and what lies before it as unknown.

    Or else everybody would look busier at each cut-off of a young shop, as the windows fill, and fewer would be said to leave than do. Takes
    `history_days` away, so that rows told so already stay as they are.
    """
    if "history_days" not in features:
        return features
    history = features["history_days"].to_numpy("float64")
    scaled = {}
    for name in features.columns:
        if found := WINDOW.fullmatch(name):
            scaled[name] = features[name] * np.maximum(1, int(found[1]) / history)
        elif found := DECAYED.fullmatch(name):
            scaled[name] = features[name] / (1 - np.exp(-history / int(found[1])))
        elif found := MONTH.fullmatch(name):
            scaled[name] = features[name].where(history >= 30 * int(found[1]))
    return features.drop(columns="history_days").assign(**{name: of_name.astype("float32") for name, of_name in scaled.items()})


def beyond_windows(features: pd.DataFrame) -> tuple[str, ...]:
    """The columns that tell more than any window does: of a shop that is not known to be older than the longest, none."""
    return LIFE if "history_days" in features and features["history_days"].min() >= LONGEST_WINDOW else ()


def logarithms(features: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Shape (customers, columns). Counts and sums are skewed; what else is unknown counts as 0."""
    return np.log1p(at_full_length(features)[list(columns)].fillna(UNKNOWN).fillna(0).to_numpy("float64").clip(min=0))
