"""What the restocking plan keeps is told by what was really asked for."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from ml.demand import truth

DAYS = range(30)


def plan(count: int = 400, rate: float = 2.0, lead_time: int = 5) -> pd.DataFrame:
    """Products that each sell `rate` a day, ordered by the true quantile of what is asked for within the lead time."""
    return pd.DataFrame(
        {
            "lead_time_days": lead_time,
            "reorder_point_units": int(poisson.ppf(0.95, rate * lead_time)),
            "units_on_hand": pd.array([8, 12] * (count // 2), dtype="Int64"),
            "probability_of_running_out": [poisson.sf(8, rate * lead_time), poisson.sf(12, rate * lead_time)] * (count // 2),
            "units_mean": 30 * rate,
            "units_sold": 15 * rate,  # half of it was sold: it ran out half of the time
        },
        index=[f"p{place:03}" for place in range(count)],
    )


def true_units(of: pd.DataFrame, rate: float = 2.0) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(3).poisson(rate, (len(of), len(DAYS))), index=of.index, columns=DAYS)


def test_a_plan_that_knows_the_rate_keeps_its_level_and_its_chances():
    told = truth.figures(plan(), true_units(plan()))
    assert told["kept_share"] == pytest.approx(0.95, abs=0.03)
    assert told["promised_to_run_out"] == pytest.approx(told["ran_out"], abs=0.05)
    assert told["ran_out_ece"] < 0.08
    assert told["ran_out_auc"] > 0.65
    assert told["wape_30d"] < 0.15


def test_a_rule_that_takes_sales_for_demand_runs_out():
    told = truth.figures(plan(), true_units(plan()))
    assert told["simple_kept_share"] < 0.6
    assert told["simple_missed_units_share"] > told["missed_units_share"]
    assert told["sold_before_wape_30d"] == pytest.approx(0.5, abs=0.05)


def test_a_product_that_nobody_asked_for_is_no_gap_and_a_stock_that_nobody_knows_no_chance():
    unknown = plan(10).assign(units_on_hand=pd.array([None] * 10, dtype="Int64"), probability_of_running_out=np.nan)
    told = truth.figures(unknown, true_units(unknown).iloc[:0])
    assert told["kept_share"] == 1
    assert np.isnan(told["ran_out"])
