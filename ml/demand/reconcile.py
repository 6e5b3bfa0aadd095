"""One forecast of every level, whose means add up: products and the remainder to categories, these to departments and to all.

A category's 30 days are the mean of several opinions (its own daily forecast, its weekdays' means, its last and its usual 30 days, and the sum of
its products' forecasts): a simple mean of forecasts is hard to beat (Clemen, Combining forecasts, 1989). Of its products' forecasts the mix alone is
taken: what new products take from them is a guess, so their total is that of the others.
Its days are those of its own daily forecast. Products share what their category sells in proportion to their own forecasts (top-down by forecast
proportions: Athanasopoulos, Ahmed and Hyndman, 2009). The remainder is what products will sell that did not in the last 90 days.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.demand.daily import HORIZON_DAYS

# A category's own share of units by products unseen before counts as much as the shop's from so many units on.
PRIOR_UNITS = 200.0


@dataclass(frozen=True)
class Means:
    """Expected units a day. `products`, `categories`, `remainders` have the shape (keys, 30); `category_of` gives each product's row in
    `categories` and `department_of` each category's in `departments`."""

    product_ids: np.ndarray
    category_keys: np.ndarray
    department_keys: np.ndarray
    category_of: np.ndarray
    department_of: np.ndarray
    products: np.ndarray
    categories: np.ndarray
    remainders: np.ndarray

    @property
    def departments(self) -> np.ndarray:
        return sums(self.categories, self.department_of, len(self.department_keys))

    @property
    def total(self) -> np.ndarray:
        return self.categories.sum(axis=0, keepdims=True)

    def levels(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """level: (keys, means)."""
        return {
            "total": (np.array(["all"]), self.total),
            "department": (self.department_keys, self.departments),
            "category": (self.category_keys, self.categories),
            "product": (self.product_ids, self.products),
        }


@dataclass(frozen=True)
class Opinions:
    """What the parts say before they are brought together.

    Of products: the row of their category in `category_keys`, units in 30 days; `regular` are daily forecasts (keys, 30) of those that have one.
    `category_days`: the daily forecast (keys, 30); `other_months`: what else is said of their 30 days (opinions, keys). `unseen_share[category]`:
    what products without a sale in 90 days sell, of all.
    """

    product_ids: np.ndarray
    category_of: np.ndarray
    product_units: np.ndarray
    regular: pd.DataFrame
    category_keys: np.ndarray
    category_days: np.ndarray
    other_months: np.ndarray
    unseen_share: pd.Series

    def together(self) -> Means:
        category_of, count = self.category_of, len(self.category_keys)
        share = self.unseen_share.reindex(self.category_keys).fillna(self.unseen_share.get("", 0.0)).to_numpy()
        bottom_up = sums(self.product_units, category_of, count) / (1 - share)
        own = self.category_days.sum(axis=1)
        others = np.vstack([own, self.other_months])
        bottom_up = bottom_up * _ratio(others.mean(axis=0).sum(), bottom_up.sum())
        days = self.category_days * _ratio(np.vstack([others, bottom_up]).mean(axis=0), own)[:, None]
        products = self.product_units[:, None] * self._profiles()
        seen = days * (1 - share)[:, None]
        products = products * _ratio(seen, sums(products, category_of, count))[category_of]
        remainders = np.maximum(days - sums(products, category_of, count), 0)
        # A department's own name may hold a slash, a category's part of the key holds none with spaces (category_key).
        departments, department_of = np.unique([key.rsplit(" / ", 1)[0] for key in self.category_keys], return_inverse=True)
        return Means(self.product_ids, self.category_keys, departments, category_of, department_of, products, days, remainders)

    def _profiles(self) -> np.ndarray:
        """The share of each day in a product's 30: its own where it sells regularly, else its category's. Shape (products, 30)."""
        of_category = _shares(self.category_days)
        profiles = of_category[self.category_of]
        place = pd.Index(self.product_ids).get_indexer(self.regular.index)
        profiles[place[place >= 0]] = _shares(self.regular.to_numpy())[place >= 0]
        return profiles


def unseen_shares(of_all: pd.Series, of_seen: pd.Series) -> pd.Series:
    """The share of units by products without a sale in the 90 days before, by category key, and of the whole shop under "".

    From units of categories and of their products that were seen before, at cut-offs that are known; small categories lean on the shop.
    """
    if not of_all.sum():
        return pd.Series({"": 0.0})
    whole = float(np.clip(1 - of_seen.sum() / of_all.sum(), 0, 0.9))
    unseen = (of_all - of_seen.reindex(of_all.index).fillna(0)).clip(lower=0)
    return pd.concat([((unseen + PRIOR_UNITS * whole) / (of_all + PRIOR_UNITS)).clip(0, 0.9), pd.Series({"": whole})])


def sums(values: np.ndarray, group_of: np.ndarray, count: int) -> np.ndarray:
    """Of the rows of each group, shape (count, *of a row)."""
    found = np.zeros((count, *values.shape[1:]))
    np.add.at(found, group_of, values)
    return found


def _ratio(asked: np.ndarray, found: np.ndarray) -> np.ndarray:
    """asked / found, 1 where nothing is found to scale."""
    return np.divide(asked, found, out=np.ones_like(found), where=found > 0)


def _shares(days: np.ndarray) -> np.ndarray:
    """Rows scaled to a sum of 1; a row of nothing is spread evenly."""
    sums = days.sum(axis=1, keepdims=True)
    return np.where(sums > 0, days / np.where(sums > 0, sums, 1), 1 / HORIZON_DAYS)
