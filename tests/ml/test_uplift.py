"""A declared uplift gives way to what outcomes say, as fast as they can say it."""

from datetime import date, timedelta

import duckdb
import pytest

from ml import outcomes, uplift
from ml.retention import Offer, Offers

DAY = date(2018, 1, 1)
OFFERS = Offers(0.5, 10_000, 0.1, (Offer("mail", 10, 0.05), Offer("voucher", 500, 0.2)))


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute("create schema quality")
        connection.execute(f"create table quality.prediction_outcomes ({outcomes.COLUMNS})")
        yield connection


def tell(connection, group: str, share: float, count: int, day: date = DAY, offer: str = "voucher") -> None:
    row = ["retention", day, "v1", uplift.metric(group, offer), share, count]
    connection.execute("insert into quality.prediction_outcomes values (?, ?, ?, ?, ?, ?)", row)


def voucher(connection) -> Offer:
    mail, voucher = uplift.corrected(connection, OFFERS).offers
    assert mail == OFFERS.offers[0]  # nothing is known of it
    return voucher


def test_without_outcomes_the_declared_uplift_stands(connection):
    assert uplift.corrected(connection, OFFERS) == OFFERS
    connection.execute("drop table quality.prediction_outcomes")
    assert uplift.corrected(connection, OFFERS) == OFFERS


def test_few_held_out_say_nothing(connection):
    tell(connection, "offered", 0.1, 900)
    tell(connection, "hold_out", 0.5, uplift.LEAST_HELD_OUT - 1)
    assert voucher(connection) == OFFERS.offers[1]


@pytest.mark.parametrize("count", [100, 1_000, 100_000])
def test_the_more_outcomes_there_are_the_less_the_declaration_counts(connection, count):
    tell(connection, "offered", 0.5, 9 * count)
    tell(connection, "hold_out", 0.5, count)
    found = voucher(connection)
    assert 0 <= found.uplift < 0.2
    assert found.uplift == pytest.approx(0, abs={100: 0.1, 1_000: 0.02, 100_000: 0.001}[count])
    assert found.source == f"declared, corrected by {9 * count:,} customers offered it and {count:,} held out"


def test_an_offer_that_drives_customers_away_has_no_uplift(connection):
    tell(connection, "offered", 0.6, 90_000)
    tell(connection, "hold_out", 0.5, 10_000)
    assert voucher(connection).uplift == 0


def test_all_plans_count(connection):
    for days in range(61):
        tell(connection, "offered", 0.4, 900, DAY + timedelta(days=days))
        tell(connection, "hold_out", 0.5, 100, DAY + timedelta(days=days))
    assert voucher(connection).source.endswith("54,900 customers offered it and 6,100 held out")
