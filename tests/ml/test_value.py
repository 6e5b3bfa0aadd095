"""What customers spend in a year is told by what it was for those of a year ago."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml import value

KNOWN_UNTIL = date(2026, 1, 1)
DATES = [KNOWN_UNTIL - timedelta(days=30 * step) for step in range(1, 9)]
YEAR_AGO = KNOWN_UNTIL - timedelta(days=365)


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        columns = "customer_id varchar, order_date date, is_purchase boolean, gross_sales_cents bigint"
        connection.execute(f"create table marts.order_lines ({columns})")
        connection.execute("create schema training")
        connection.execute("create table training.features_customer (as_of_date date, customer_id varchar, sales_cents_90d bigint)")
        connection.execute(
            "create table training.labels_value (as_of_date date, customer_id varchar, sales_cents_30d bigint, sales_cents_90d bigint)"
        )
        connection.execute("create table training.seasons (as_of_date date)")
        yield connection


def buy(connection, customer: str, days_since_year_ago: int, cents: int, is_purchase: bool = True) -> None:
    row = [customer, YEAR_AGO + timedelta(days=days_since_year_ago), is_purchase, cents]
    connection.execute("insert into marts.order_lines values (?, ?, ?, ?)", row)


def expected(connection, cents_of_quarter: int = 600) -> dict[int, float]:
    model = value.fit_baseline(connection, DATES)
    features = pd.DataFrame({"sales_cents_90d": [cents_of_quarter], "sales_cents_30d": [cents_of_quarter]})
    return {days: float(model.spend(features, days)[0]) for days in value.HORIZONS}


def test_a_year_is_as_many_quarters_as_it_was_for_those_who_were_active_a_year_ago(connection):
    buy(connection, "long ago", -400, 1)  # two years of history
    buy(connection, "stays", -1, 500)
    for day, cents in ((0, 100), (89, 100), (90, 100), (364, 100)):
        buy(connection, "stays", day, cents)
    buy(connection, "leaves", -90, 500)
    buy(connection, "leaves", 10, 200)
    # None of these counts: known only after the day, too late, not bought, active too long before.
    buy(connection, "comes", 0, 7_000)
    buy(connection, "stays", 365, 7_000)
    buy(connection, "stays", 5, 7_000, is_purchase=False)
    buy(connection, "long ago", 20, 7_000)
    buy(connection, "long before", -91, 500)
    buy(connection, "long before", 10, 7_000)
    assert expected(connection) == {30: 200, 90: 600, 365: 900}  # 600 cents of a year for 400 of its first 90 days


def test_without_two_years_of_history_or_anybody_a_year_ago_a_year_is_empty_with_the_reason(connection):
    buy(connection, "young", -300, 500)
    assert np.isnan(expected(connection)[365])
    assert value.fit_baseline(connection, DATES).refused == {365: "needs 730 days of history, there are 665"}
    buy(connection, "old", -400, 500)
    assert np.isnan(expected(connection)[365])
    assert value.fit_baseline(connection, DATES).refused == {365: f"nobody spent anything in the 90 days from {YEAR_AGO} on"}


def test_the_rule_is_right_in_the_mean_of_the_windows_known_where_customers_buy_once_and_are_gone(connection):
    """A third of what 200 customers spent in three months is 20,000; 400 came."""
    come(connection, "if(customer_id = '7', 400, 0)", cents_of_quarter="300")
    assert expected(connection, 300)[30] == pytest.approx(
        100 * (400 + value.PRIOR_CUSTOMERS * 100) / (20_000 + value.PRIOR_CUSTOMERS * 100)
    )


def test_the_rule_says_more_of_who_spent_more_only_as_far_as_it_came_true(connection):
    """Half of 200 customers spent ten times as much as the others."""
    by_halves = "if(customer_id::int % 2 = 0, 300, 3_000)"
    come(connection, "400", cents_of_quarter=by_halves)
    known = 200 / (200 + value.PRIOR_CUSTOMERS)
    assert expected(connection, 3_000)[30] - expected(connection, 300)[30] == pytest.approx((1 - known) * 900)
    connection.execute("delete from training.labels_value")
    come(connection, f"{by_halves} / 6", cents_of_quarter=by_halves)  # half of what the rule says
    assert expected(connection, 3_000)[30] - expected(connection, 300)[30] == pytest.approx((known / 2 + 1 - known) * 900)


def come(connection, cents: str, cents_of_quarter: str) -> None:
    """What 200 customers spent in the quarter before the newest window known, and in it."""
    buy(connection, "first", -300, 500)
    connection.execute("delete from training.features_customer")
    connection.execute(f"insert into training.seasons select '{DATES[0]}' where not exists (from training.seasons)")
    customers = "(select range::varchar as customer_id from range(200))"
    connection.execute(f"insert into training.features_customer select '{DATES[0]}', customer_id, {cents_of_quarter} from {customers}")
    connection.execute(f"insert into training.labels_value select as_of_date, customer_id, {cents}, null from training.features_customer")


class Says:
    def __init__(self, cents: float) -> None:
        self.told = cents

    def cents(self, features: pd.DataFrame) -> np.ndarray:
        return np.full(len(features), self.told)


def test_a_longer_horizon_holds_the_shorter():
    model = value.Model("catboost", {30: Says(300.0), 90: Says(200.0)}, year_over_quarter=1.5)
    assert [model.spend(pd.DataFrame(index=[0]), days).item() for days in value.HORIZONS] == [300, 300, 450]
