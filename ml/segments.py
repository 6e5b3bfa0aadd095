"""Kinds of customers on which a model is judged by itself: no kind may fall below its baseline unseen."""

import numpy as np
import pandas as pd

OCCASIONAL_ORDERS, NEW_DAYS = 6, 60


def by_orders(features: pd.DataFrame) -> dict[str, np.ndarray]:
    """Masks over rows of features_customer: new (first order at most 60 days ago), occasional, regular (over 6 orders in 90 days)."""
    is_new = (features["days_since_first_order"] <= NEW_DAYS).to_numpy()
    is_regular = (features["count_orders_90d"] > OCCASIONAL_ORDERS).to_numpy() & ~is_new
    masks = {"new": is_new, "occasional": ~is_new & ~is_regular, "regular": is_regular}
    return {name: mask for name, mask in masks.items() if mask.any()}
