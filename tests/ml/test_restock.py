"""Laws of the restocking plan."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from forecart import warehouse
from ml.demand import daily, restock

DAYS = daily.HORIZON_DAYS


def plan_of(
    connection, run, on_hand: dict[str, int | bool], on_order: int = 0, a_day: float = 2.0, last_year: int = 0, told: int = 0
) -> pd.DataFrame:
    """Of p00 to p02, of which about so many are asked for a day, and of what else is in stock, or can be had or not, as `told` so many days before
    p02's was told, where it is none of them; `last_year` units of p00 sold half a year ago."""
    connection.execute("delete from marts.stock_levels")
    connection.execute("delete from marts.daily_product_sales")
    sold = [run.as_of_date - timedelta(days=200), last_year]
    connection.execute("insert into marts.daily_product_sales by name select 'p00' as product_id, ? as sale_date, ? as units", sold)
    newest = run.as_of_date - timedelta(days=1)
    day = newest - timedelta(days=told)
    rows = [(product, day, None if isinstance(units, bool) else units, on_order, not units) for product, units in on_hand.items()]
    rows += [("p02", newest, None, 0, False)] if told else []
    if rows:
        connection.executemany("insert into marts.stock_levels values (?, ?, ?, ?, ?)", rows)
    products = np.array(["p00", "p01", "p02"])
    of = restock.Demand(products, np.full((3, DAYS), a_day), np.full(3, 22.5 * a_day), np.full(3, 37.5 * a_day))
    return restock.plan(connection, run.as_of_date, of).set_index("product_id")


def test_the_less_there_is_in_stock_the_likelier_it_runs_out_and_the_more_is_ordered(run):
    with warehouse.connect(run) as connection:
        plan = plan_of(connection, run, {"p00": 5, "p01": 30, "p02": 500})
        unknown = plan_of(connection, run, {})
    assert plan["probability_of_running_out"].is_monotonic_decreasing
    assert list(plan["advice"]) == ["order", "enough", "discount"]
    of_p00 = plan.loc["p00"]
    assert of_p00["units_on_hand"] + of_p00["order_units"] == of_p00["order_up_to_units"]
    assert of_p00["reorder_point_units"] > of_p00["units_until_arrival"] == pytest.approx(14)
    assert unknown["order_units"].isna().all()
    assert (unknown["reorder_point_units"] == plan["reorder_point_units"].iloc[0]).all()


def test_what_is_told_to_be_sold_out_is_ordered_and_what_can_be_had_is_not_counted(run):
    with warehouse.connect(run) as connection:
        plan = plan_of(connection, run, {"p00": False, "p01": True})
    assert plan["advice"].to_dict() == {"p00": "order", "p01": "stock unknown", "p02": "stock unknown"}
    assert plan.loc["p00", "order_units"] == plan.loc["p00", "order_up_to_units"] > 0


def test_what_the_shop_buys_no_more_of_is_not_ordered_and_sold_off_as_anything_else(run):
    """p00 from the plan's date on, p01 from the day after; p03 was no longer asked for."""
    days = {"p00": 0, "p01": 1, "p03": -50}
    with warehouse.connect(run) as connection:
        for product, ahead in days.items():
            day = run.as_of_date + timedelta(days=ahead)
            connection.execute("update marts.products set discontinued_date = ? where product_id = ?", [day, product])
        plan = plan_of(connection, run, {"p00": 0, "p01": 0, "p02": 0, "p03": 500})
        on_its_way = plan_of(connection, run, {"p00": 0, "p01": 0}, on_order=100)
    assert plan["advice"].to_dict() == {"p00": "discontinued", "p01": "order", "p02": "order", "p03": "discount"}
    assert plan.loc["p00", "order_units"] == 0
    assert on_its_way.loc[["p00", "p01"], "advice"].to_list() == ["discontinued", "expedite"]


def test_stock_that_is_not_told_of_any_more_is_neither_counted_nor_sold_off(run):
    with warehouse.connect(run) as connection:
        last, gone = (plan_of(connection, run, {"p00": 500, "p01": 0, "p03": 50}, told=days) for days in (30, 31))
    assert last.loc[["p00", "p01", "p03"], "advice"].to_list() == ["discount", "order", "discount"]
    assert gone["advice"].to_dict() == dict.fromkeys(["p00", "p01", "p02"], "stock unknown")


@pytest.mark.parametrize(("on_hand", "a_day", "advice", "excess"), [
    (190, 2.0, "promote", 10),  # 95 days
    (189, 2.0, "enough", 9),
    (360, 2.0, "promote", 180),
    (361, 2.0, "discount", 181),
    (7, 0.02, "enough", 5),  # a slow mover: 350 days, and a handful of units
    (11, 0.01, "discount", 10),
])  # fmt: skip
def test_overstock_is_units_as_well_as_days(run, on_hand, a_day, advice, excess):
    with warehouse.connect(run) as connection:
        found = plan_of(connection, run, {"p00": on_hand}, a_day=a_day).loc["p00"]
    assert (found["advice"], found["excess_units"]) == (advice, excess)


def test_what_waits_for_its_season_is_not_sold_off(run):
    """120 units in stock cover 240 of the days to come, and 60 of the last year's."""
    with warehouse.connect(run) as connection:
        asleep, in_season = (plan_of(connection, run, {"p00": 120}, a_day=0.5, last_year=units).loc["p00"] for units in (0, 730))
    assert (asleep["advice"], asleep["excess_units"]) == ("discount", 75)
    assert (in_season["advice"], in_season["excess_units"]) == ("enough", 0)


def test_what_nobody_asks_for_is_overstocked_from_the_same_units_on(run):
    with warehouse.connect(run) as connection:
        plan = plan_of(connection, run, {"p03": 10, "p04": 9})
    assert plan.loc[["p03", "p04"], "advice"].to_dict() == {"p03": "discount", "p04": "enough"}
    assert plan.loc[["p03", "p04"], "excess_units"].tolist() == [10, 9]


def test_what_is_new_is_not_overstocked(run):
    """p01 was launched 90 days ago, p02 89 days ago; p40, in no catalogue and never sold, lies there since yesterday."""
    launched = {"p01": 90, "p02": 89}
    with warehouse.connect(run) as connection:
        for product, days in launched.items():
            connection.execute(
                "update marts.products set first_sold_date = null, launched_date = ? where product_id = ?",
                [run.as_of_date - timedelta(days), product],
            )
        plan = plan_of(connection, run, dict.fromkeys(["p00", "p01", "p02", "p40"], 500))
    assert plan["advice"].to_dict() == {"p00": "discount", "p01": "discount", "p02": "enough", "p40": "enough"}
    assert (plan["excess_units"] >= 320).all()


def test_what_is_on_its_way_and_may_come_too_late_is_to_be_expedited(run):
    """14 are expected to be asked for within the 7 days."""
    with warehouse.connect(run) as connection:
        plan = plan_of(connection, run, {"p00": 0, "p01": 14, "p02": 30}, on_order=100)
        without = plan_of(connection, run, {"p00": 0, "p01": 14, "p02": 30})
    assert plan["advice"].to_dict() == {"p00": "expedite", "p01": "expedite", "p02": "enough"}
    assert plan.loc["p02", "probability_of_running_out"] < 1 - restock.SERVICE_LEVEL
    assert (plan["order_units"] == 0).all()
    assert without["advice"].to_dict() == {"p00": "order", "p01": "order", "p02": "enough"}


def test_the_plan_waits_as_long_as_the_quickest_supplier(run):
    with warehouse.connect(run) as connection:
        connection.execute(
            "insert into marts.supplier_offers values ('p00', 21, '2017-10-01'), ('p00', 14, '2017-10-01'), ('p00', 1, '2017-12-01')"
        )
        plan = plan_of(connection, run, {})
    assert plan.loc["p00", "lead_time_days"] == 14  # the offer of a day is not known yet
    assert not plan.loc["p00", "is_lead_time_assumed"]
    assert plan.loc["p01", "is_lead_time_assumed"]


def test_an_offer_that_says_no_date_is_known(run):
    """A source need not say when an offer was made."""
    with warehouse.connect(run) as connection:
        connection.execute("insert into marts.supplier_offers values ('p00', 21, null)")
        plan = plan_of(connection, run, {})
    assert (plan.loc["p00", "lead_time_days"], plan.loc["p00", "is_lead_time_assumed"]) == (21, False)


def test_of_what_is_no_merchandise_nothing_is_sold_off(run):
    """Its sales are no purchases, so that a bag that everybody takes along seems to be asked for by nobody."""
    with warehouse.connect(run) as connection:
        connection.execute("update marts.products set is_merchandise = false where product_id = 'p03'")
        plan = plan_of(connection, run, {"p03": 500, "p04": 500})
    assert set(plan.index) == {"p00", "p01", "p02", "p04"}
