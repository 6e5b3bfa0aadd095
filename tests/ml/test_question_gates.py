"""What each question tells the gates of itself is enough for them, and its own model has nothing to fear from the checks against leaks."""

from importlib import import_module

import numpy as np
import pytest

from forecart import warehouse
from ml import QUESTIONS, churn, gates, splits, train
from ml.frames import training_days


@pytest.fixture
def tried(run):
    """A connection, the newest cut-off whose window is known, and those before it."""
    with warehouse.connect(run) as connection:
        ((cut_off, earlier),) = splits.windows(train.labelled_dates(connection, run), 1)
        yield connection, cut_off, earlier


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_model_reads_no_later_rows_and_learns_nothing_from_shuffled_answers(tried, fitted, question):
    connection, cut_off, earlier = tried
    module = import_module(f"ml.{question}")
    judged = module.judge(fitted(question, before_newest=True), connection, cut_off)
    checks = [
        gates.nothing_from_later_rows(module, connection, cut_off, earlier),
        gates.nothing_from_shuffled_answers(module, connection, cut_off, earlier),
    ]
    assert [check for check in checks if not check.is_passed] == []
    for metric, by_chance in module.CHANCE.items():
        assert judged[metric].plain() > by_chance + 0.1  # where there is something to learn it is learned


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_metric_that_a_gate_asks_for_is_told_by_models_and_baselines_alike(tried, fitted, question):
    connection, cut_off, _ = tried
    module = import_module(f"ml.{question}")
    baseline = fitted(question, "fit_baseline", before_newest=True)
    told = module.judge(baseline, connection, cut_off)
    assert {module.HEADLINE[0], *module.CHANCE, *module.CALIBRATED, *module.CEILING} <= told.keys()
    assert not np.isnan([told[metric].plain() for metric in (module.HEADLINE[0], *module.CALIBRATED)]).any()
    assert module.importances(baseline) == {}


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_are_the_same_for_training_and_prediction(tried, fitted, question):
    connection, cut_off, _ = tried
    for table, _ in training_days(connection):
        connection.execute(f"create or replace table features.{table} as from training.{table}")
    module = import_module(f"ml.{question}")
    for fit in ("fit", "fit_baseline"):
        model = fitted(question, fit, before_newest=True)
        scores = module.scores(model, connection, "training", cut_off)
        assert len(scores) > 10
        assert np.isfinite(scores).all()
        np.testing.assert_array_equal(scores, module.scores(model, connection, "features", cut_off))


@pytest.mark.parametrize("is_right", [True, False])
def test_who_stays_away_is_told_by_the_rule_that_was_nearer_on_the_newest_window(tried, monkeypatch, is_right):
    class Knows:
        def probability(self, frame):
            return (frame["is_churned"] == is_right).to_numpy(float)

    connection, _, earlier = tried
    rfm, knows = churn.fit_baseline(connection, earlier[-1:]), Knows()
    monkeypatch.setattr(churn, "_bg_nbd", lambda connection, dates: knows)
    told = churn.fit_baseline(connection, earlier)
    assert (told.away is knows) == is_right
    assert type(told.halved) is type(rfm.halved)


def test_every_table_of_the_training_set_that_holds_days_is_dated(tried):
    connection, *_ = tried
    days = set(training_days(connection))
    assert {(table, "as_of_date") for table in ("features_customer", "features_customer_product", "labels_sales_day", "neighbours")} <= days
    assert {table for table, day in days if day == "sale_date"} == {"demand_days", "sales_series", "features_sales_day", "labels_sales_day"}
