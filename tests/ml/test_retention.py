"""Laws of the plan of offers."""

import shutil
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecart.errors import ForecartError
from ml import retention
from ml.retention import Offer, Offers

OFFERS = Offers(margin=0.5, budget_cents=10_000, hold_out=0.2, offers=(Offer("mail", 10, 0.01), Offer("voucher", 500, 0.2)))


def risks(count: int = 500) -> pd.DataFrame:
    chance = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "as_of_date": date(2018, 1, 1),
            "customer_id": [f"c{place}" for place in range(count)],
            "churn_probability": chance.uniform(0, 0.9, count),
            "expected_sales_cents_30d": chance.gamma(1, 8_000, count).astype("int64"),
        }
    )


def test_the_expected_margin_is_risk_times_uplift_times_spend_times_margin_less_cost():
    one = risks(1).assign(churn_probability=0.5, expected_sales_cents_30d=10_000)
    found = retention.plan(one, Offers(0.5, 10_000, 0.0, (Offer("mail", 10, 0.01), Offer("voucher", 500, 0.2)))).iloc[0]
    assert found["offer_name"] == "voucher"
    assert found["sales_cents_if_kept_30d"] == 20_000
    assert found["expected_margin_cents"] == pytest.approx(0.5 * 0.2 * 20_000 * 0.5 - 500)
    assert found["uplift_source"] == "declared assumption"


def test_who_declares_no_offers_plans_none():
    found = retention.plan(risks(), replace(OFFERS, offers=()))
    assert found.empty
    assert found.dtypes.equals(retention.plan(risks(), OFFERS).dtypes)


def test_the_budget_is_kept_and_no_offer_loses_money():
    found = retention.plan(risks(), OFFERS)
    assert 0 < found.loc[found["group_name"] == "offered", "cost_cents"].sum() <= OFFERS.budget_cents
    assert (found["expected_margin_cents"] > 0).all()
    assert found["customer_id"].is_unique


def test_the_budget_goes_to_the_largest_margin_a_cent():
    def rates(offers):
        found = retention.plan(risks(), offers)
        return (found["expected_margin_cents"] / found["cost_cents"]).to_numpy()

    everybody = rates(Offers(0.5, 10**9, 0.2, OFFERS.offers))
    chosen = rates(OFFERS)
    assert len(chosen) < len(everybody)
    assert chosen.tolist() == everybody[: len(chosen)].tolist()


def test_what_is_left_of_the_budget_goes_to_the_next_offer_that_it_is_enough_for():
    asked = risks(3).assign(churn_probability=0.8, expected_sales_cents_30d=[10_000, 9_000, 800])
    offers = Offers(0.5, 510, 0.0, OFFERS.offers)
    assert retention.plan(asked, offers)[["customer_id", "offer_name"]].to_numpy().tolist() == [["c0", "voucher"], ["c2", "mail"]]


def test_the_hold_out_is_a_random_share_and_the_same_for_ever():
    ids = [f"c{place}" for place in range(5000)]
    held_out = [customer for customer in ids if retention.is_held_out(customer, 0.2)]
    assert len(held_out) / len(ids) == pytest.approx(0.2, abs=0.02)
    assert set(held_out) >= {customer for customer in ids if retention.is_held_out(customer, 0.1)}
    first, later = retention.plan(risks(), OFFERS), retention.plan(risks().assign(churn_probability=0.6), OFFERS)
    groups = first.merge(later, on="customer_id")
    assert (groups["group_name_x"] == groups["group_name_y"]).all()
    assert set(first["group_name"]) == {"offered", "hold_out"}


def test_a_months_plans_share_one_budget_and_no_customer():
    """Risks and spend rise day by day, and so does what pays."""
    under_way = retention.plan(risks(100), OFFERS)
    for day in range(1, 4):
        found = retention.plan(risks().assign(churn_probability=0.1 * day + 0.5), OFFERS, under_way=under_way)
        assert not set(found["customer_id"]) & set(under_way["customer_id"])
        under_way = pd.concat([under_way, found])
    spent = under_way.groupby("group_name")["cost_cents"].sum()
    assert OFFERS.budget_cents - 500 < spent["offered"] <= OFFERS.budget_cents
    assert spent["hold_out"] > 0  # what it would have cost


@pytest.mark.parametrize("nobody", [risks().iloc[:0], risks().assign(expected_sales_cents_30d=0)], ids=["nobody is asked", "nothing pays"])
def test_a_plan_of_nobody_has_its_columns(nobody):
    """As of a small shop, most of whose customers are on the plans of the days before."""
    found, usual = retention.plan(nobody, OFFERS), retention.plan(risks(), OFFERS)
    assert found.empty
    assert found.dtypes.to_dict() == usual.dtypes.to_dict()


def test_nobody_is_held_out_of_what_there_is_no_money_for():
    everything = pd.DataFrame({"customer_id": ["gone"], "group_name": "offered", "cost_cents": OFFERS.budget_cents})
    assert retention.plan(risks(), OFFERS, under_way=everything).empty
    held_out = everything.assign(group_name="hold_out")  # costs nothing
    pd.testing.assert_frame_equal(retention.plan(risks(), OFFERS, under_way=held_out), retention.plan(risks(), OFFERS))


def test_plans_under_way_are_those_of_the_29_days_before(empty_run):
    folder = empty_run.shop.folder / "predicted" / retention.TABLE
    folder.mkdir(parents=True)
    for days in (-1, 0, 1, 29, 30):
        day = empty_run.as_of_date - timedelta(days=days)
        retention.plan(risks(50), OFFERS).assign(customer_id=f"c{days}").to_parquet(folder / f"{day}.parquet")
    for run in (empty_run, replace(empty_run, is_historical=True)):
        found = retention.under_way(run)
        assert set(found["customer_id"]) == {"c1", "c29"}
    shutil.rmtree(folder)
    pd.testing.assert_frame_equal(
        retention.plan(risks(), OFFERS, under_way=retention.under_way(empty_run)), retention.plan(risks(), OFFERS)
    )


def test_who_did_not_consent_is_absent():
    found = retention.plan(risks(), OFFERS, may_be_asked={"c1", "c2", "c3"})
    assert set(found["customer_id"]) <= {"c1", "c2", "c3"}
    assert retention.plan(risks(), OFFERS, may_be_asked=set()).empty


def test_numbers_that_cannot_be_meant_are_refused(tmp_path):
    file = tmp_path / "offers.yml"
    file.write_text("default: {margin: 0.3, budget_cents: 1, hold_out: 0.1, offers: [{name: gift, cost_cents: 5, uplift: 7}]}")
    with pytest.raises(ForecartError, match="shares from 0 to 1"):
        retention.declared("any", file)


def test_what_is_declared_can_be_read_for_every_shop():
    assert retention.declared("a shop without offers of its own").offers
