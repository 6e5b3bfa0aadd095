"""What was published is scored when its days are over; what has changed is trained anew."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from forecart import warehouse
from ml import archive, drift, outcomes, predict, registry, report, retraining, train
from ml.leaving import RFM
from ml.splits import HORIZON
from tests.ml import world


@pytest.fixture
def published(run, monkeypatch):
    """Churn and value as predicted and kept on the run's date."""
    monkeypatch.setattr(predict.landing, "data_until", lambda shop, run: run.as_of_date)
    with warehouse.connect(run) as connection:
        for question in ("value", "churn"):
            module = train.import_module(f"ml.{question}")
            version = registry.register(run, question, module.fit_baseline(connection, train.labelled_dates(connection, run)), {}, "", {})
            registry.promote(run, version)
    for question in ("value", "churn"):
        predict.predict(run, question, "run 1")
    archive.keep(run)
    return run


def bought_afterwards(run, customer: str, day) -> None:
    world.change(
        run,
        f"insert into marts.order_lines select * replace (date '{day}' as order_date, '{customer}' as customer_id, 7000 as gross_sales_cents) "
        "from marts.order_lines limit 1",
    )


def told(run, question: str) -> dict[str, float]:
    return dict(world.ask(run, f"select metric, value from quality.prediction_outcomes where question = '{question}'"))


def test_predictions_are_scored_once_and_not_before_their_days_are_over(published):
    stayed = [customer for (customer,) in world.ask(published, "select customer_id from predictions.churn_risk order by 1 limit 5")]
    for customer in stayed:
        bought_afterwards(published, customer, published.as_of_date + HORIZON - timedelta(days=1))
    bought_afterwards(published, "c59", published.as_of_date + HORIZON)  # a day too late
    assert outcomes.score(replace(published, as_of_date=published.as_of_date + HORIZON - timedelta(days=1))) == 0
    later = replace(published, as_of_date=published.as_of_date + HORIZON)
    assert outcomes.score(later) == 3
    assert outcomes.score(later) == 0
    ((count, promised),) = world.ask(published, "select count(*), avg(churn_probability) from predictions.churn_risk")
    assert told(published, "churn")["kept_share"] == pytest.approx((count - 5) / count)
    assert told(published, "churn")["promised_share"] == pytest.approx(promised)
    ((expected,),) = world.ask(published, "select sum(expected_sales_cents_30d) from predictions.customer_value")
    assert told(published, "value")["total_bias"] == pytest.approx(float(expected) / (5 * 7000) - 1)


def test_a_historical_run_keeps_nothing_and_scores_nothing(published):
    past = replace(published, is_historical=True)
    assert archive.keep(past) == []
    assert outcomes.score(past) == 0


def test_what_is_too_old_to_be_scored_is_dropped(published):
    later = replace(published, as_of_date=published.as_of_date + archive.KEPT + timedelta(days=1))
    archive.keep(later)
    assert list(archive.kept(published, "churn_risk")) == [later.as_of_date]


def test_drift_is_large_where_values_moved_and_small_where_they_did_not():
    chance = np.random.default_rng(1)
    then = chance.normal(size=5000)
    assert drift.psi(then, chance.normal(size=5000)) == (pytest.approx(0, abs=0.02), False)
    index, is_drifted = drift.psi(then, chance.normal(loc=1, size=5000))
    assert is_drifted
    assert index > 0.5
    unknown = np.where(chance.uniform(size=5000) < 0.5, np.nan, then)
    assert drift.psi(then, unknown)[1]


def test_a_large_index_of_few_rows_is_chance():
    chance = np.random.default_rng(2)
    drawn = [drift.psi(chance.normal(size=30), chance.normal(size=30)) for _ in range(200)]
    assert np.mean([index > drift.LARGE for index, _ in drawn]) > 0.5
    assert np.mean([is_drifted for _, is_drifted in drawn]) < 0.05


def test_drifted_scores_are_trained_anew_at_the_next_run_and_once(published):
    assert retraining.due(published).keys() == {"purchase", "demand"}  # they have no champion here
    everybody_left = ", ".join(f"{name} = 0" for name in RFM if name.startswith(("count_", "sales_")))
    world.change(
        published, f"update features.features_customer set days_since_last_order = 89, days_since_last_order_ratio = 20, {everybody_left}"
    )
    found = retraining.watch(published)
    assert "drifted" in found["churn"]
    later = replace(published, as_of_date=published.as_of_date + retraining.PAUSE)
    assert "drifted" in retraining.due(later)["churn"]
    assert "churn" not in retraining.due(replace(published, as_of_date=published.as_of_date + timedelta(days=1)))  # trained a day ago
    assert "churn" not in retraining.due(replace(later, is_historical=True))
    train.train(later, "churn")
    assert "churn" not in retraining.due(later)


def test_accuracy_that_fell_a_tenth_below_what_was_measured_is_a_reason(published):
    version = registry.serving(published, "churn")
    with warehouse.connect(published) as connection:
        connection.execute("create schema if not exists quality")
        connection.execute(f"create or replace table quality.prediction_outcomes ({outcomes.COLUMNS})")
        for auc, reason in ((0.78, None), (0.70, "auc of what was predicted")):
            connection.execute("delete from quality.prediction_outcomes")
            row = ["churn", published.as_of_date, version.label, "auc", auc, 50]
            connection.execute("insert into quality.prediction_outcomes values (?, ?, ?, ?, ?, ?)", row)
            measured = replace(version, measured={"auc": {"model": 0.9, "baseline": 0.8}})
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(registry, "serving", lambda run, question, measured=measured: measured)
                found = retraining._fall(connection, published, "churn")
            assert (found is None) if reason is None else found.startswith(reason)


def test_the_report_needs_no_network_and_shows_what_serves(published):
    train.train(published, "churn")
    predict.predict(published, "churn", "run 2")
    retraining.watch(published)
    html = report.write(published).read_text()
    assert registry.serving(published, "churn").label in html
    assert "Drift since the training" in html
    assert not [
        word for word in ("http:", "https:", "src=", "<script", "@import", "url(") if word in html.replace("http://www.w3.org/", "")
    ]
