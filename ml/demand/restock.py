"""What to order today, and what lies too long: a plan for each product with demand or stock.

Every day is a day to order on. The demand until an order of today arrives is negative binomial (Poisson where its variance is no larger
than its mean), with the mean of the daily forecast and the variance that the 80 % interval of the 30 days tells, in proportion to the time.
Reorder point and order-up-to level are its quantiles at the service level (Silver, Pyke and Thomas, Inventory and Production Management in
Supply Chains, 2017, chapter 6: the (R, s, S) policy).

Stock is in excess as far as neither the order-up-to level nor 90 days ask for it, be they as those to come or as those of the last year: what waits
for its season is not to be sold off. A few units of a slow mover are not worth an advice, however many days they cover, nor is what is new.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from forecart import timing
from ml import stock
from ml.demand.daily import HORIZON_DAYS

SERVICE_LEVEL = 0.95
# Where no supplier says how long it takes.
ASSUMED_LEAD_TIME_DAYS = 7
# An order lasts so long beyond its arrival.
ORDER_DAYS = 14
# Excess is what is left after so many days. From so many units on it is worth a promotion, and a discount where the stock lasts still longer.
EXCESS_COVER_DAYS, DISCOUNT_COVER_DAYS = 90, 180
LEAST_EXCESS_UNITS = 10
# What has been seen for fewer days has had no time to sell.
NEW_DAYS = 90
# The 90 % quantile lies so many standard deviations above the mean, roughly, whatever the distribution.
SIGMAS_OF_P90 = 1.2816


@dataclass(frozen=True)
class Demand:
    """Of products: expected units a day (products, 30) and the 10 and 90 % quantiles of their 30-day sum (products,)."""

    product_ids: np.ndarray
    days: np.ndarray
    p10: np.ndarray
    p90: np.ndarray

    def within(self, days: np.ndarray) -> stats.rv_continuous:
        """The distribution of units within so many days from the first on, shape (products,)."""
        sums = np.concatenate([np.zeros((len(self.days), 1)), self.days.cumsum(axis=1)], axis=1)
        whole, rest = np.divmod(days, HORIZON_DAYS)
        mean = whole * sums[:, -1] + sums[np.arange(len(sums)), rest]
        sigma = np.maximum(self.p90 - self.p10, 0) / (2 * SIGMAS_OF_P90)
        variance = sigma**2 * days / HORIZON_DAYS
        mean = np.maximum(mean, 1e-6)
        variance = np.maximum(variance, mean * (1 + 1e-6))
        return stats.nbinom(mean**2 / (variance - mean), mean / variance)


def plan(connection: duckdb.DuckDBPyConnection, as_of_date: date, demand: Demand) -> pd.DataFrame:
    """One row a product, those to order first. Quantities on hand and to order are null where the shop tells of no stock."""
    known = _known(connection, as_of_date)
    idle = np.setdiff1d(known.index[known["units_on_hand"].fillna(0) > 0].to_numpy(), demand.product_ids)
    none = np.zeros(len(idle))
    demand = Demand(
        np.concatenate([demand.product_ids, idle]),
        np.concatenate([demand.days, np.zeros((len(idle), HORIZON_DAYS))]),
        np.concatenate([demand.p10, none]),
        np.concatenate([demand.p90, none]),
    )
    known = known.reindex(demand.product_ids)
    lead_time = known["lead_time_days"].fillna(ASSUMED_LEAD_TIME_DAYS).to_numpy().astype(int)
    until_arrival = demand.within(lead_time)
    reorder_point = until_arrival.ppf(SERVICE_LEVEL)
    up_to = demand.within(lead_time + ORDER_DAYS).ppf(SERVICE_LEVEL)
    on_hand, on_order = known["units_on_hand"].to_numpy("float64"), known["units_on_order"].fillna(0).to_numpy("float64")
    position = on_hand + on_order
    daily_mean = demand.days.mean(axis=1)
    cover_days = np.where(daily_mean > 0, on_hand / np.maximum(daily_mean, 1e-9), np.where(on_hand > 0, np.inf, 0))
    pace = np.maximum(daily_mean, known["units_365d"].fillna(0).to_numpy("float64") / 365)
    excess = np.floor(np.maximum(on_hand - np.maximum(up_to, pace * EXCESS_COVER_DAYS), 0))
    is_known = ~np.isnan(on_hand)
    is_discontinued = (known["discontinued_date"] <= pd.Timestamp(as_of_date)).to_numpy()
    order = np.where(is_known, np.where((position <= reorder_point) & ~is_discontinued, np.maximum(up_to - position, 0), 0), np.nan)
    running_out = np.where(is_known, until_arrival.sf(np.nan_to_num(on_hand)), np.nan)
    is_at_risk = (on_order > 0) & (running_out > 1 - SERVICE_LEVEL) & ~is_discontinued
    is_new = ~(known["first_known_date"] <= pd.Timestamp(as_of_date - timedelta(days=NEW_DAYS))).to_numpy()
    is_overstocked = (excess >= LEAST_EXCESS_UNITS) & ~is_new
    advice = np.select(
        [~is_known, order > 0, is_at_risk, is_overstocked & (on_hand > pace * DISCOUNT_COVER_DAYS), is_overstocked, is_discontinued],
        ["stock unknown", "order", "expedite", "discount", "promote", "discontinued"],
        "enough",
    )
    planned = pd.DataFrame(
        {
            "as_of_date": as_of_date,
            "product_id": demand.product_ids,
            "stock_date": known["stock_date"].to_numpy(),
            "units_on_hand": pd.array(known["units_on_hand"], dtype="Int64"),
            "units_on_order": pd.array(known["units_on_order"], dtype="Int64"),
            "lead_time_days": lead_time,
            "is_lead_time_assumed": known["lead_time_days"].isna().to_numpy(),
            "units_until_arrival": until_arrival.mean(),
            "service_level": SERVICE_LEVEL,
            "safety_stock_units": np.maximum(reorder_point - until_arrival.mean(), 0),
            "reorder_point_units": reorder_point.astype("int64"),
            "order_up_to_units": up_to.astype("int64"),
            "order_units": pd.array(np.ceil(order), dtype="Int64"),
            "probability_of_running_out": running_out,
            "cover_days": np.where(is_known & np.isfinite(cover_days), cover_days, np.nan),
            "excess_units": pd.array(excess, dtype="Int64"),
            "advice": advice,
        }
    )
    return planned.sort_values(["order_units", "units_until_arrival", "product_id"], ascending=[False, False, True], ignore_index=True)


def _known(connection: duckdb.DuckDBPyConnection, as_of_date: date) -> pd.DataFrame:
    """By product: its newest stock before the date, if it is told of still; the shortest lead time among offers that are known by then, those
    without a date included; the day on which it was first seen (launched, in stock or sold) and that from which no more is bought in; the units of
    the last year. Nothing of what is no merchandise: it sells unseen, and would look like what nobody asks for."""
    with timing.spent(timing.DUCKDB):
        found = connection.execute(
            f"""
            with stock as (
                select product_id, stock_date, coalesce(units_on_hand, case when is_out_of_stock then 0 end) as units_on_hand, units_on_order,
                    first_stock_date
                from ({stock.NEWEST}) where is_still_told
            ),
            offers as (
                select product_id, min(lead_time_days) as lead_time_days
                from marts.supplier_offers
                where product_id is not null and coalesce(updated_at < $day, true) and lead_time_days > 0 group by 1
            ),
            sold as (
                select product_id, sum(units) as units_365d from marts.daily_product_sales
                where sale_date < $day and sale_date >= $day - 365 group by 1
            )
            select product_id, stock_date, units_on_hand, units_on_order, lead_time_days,
                least(launched_date, first_stock_date, first_sold_date) as first_known_date, discontinued_date, units_365d
            from marts.products
            full join stock using (product_id)
            full join offers using (product_id)
            left join sold using (product_id)
            where is_merchandise is not false
            """,
            {"day": as_of_date},
        ).df()
    return found.set_index("product_id")
