"""What the report's readers are told in words: of every metric and check, and of who serves and why."""

import math
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

from forecart import warehouse
from ml import QUESTIONS, legend, train, verdict
from ml.registry import Version

PASSED = [("better than the best baseline", True, "auc +0.0500 [+0.0100, +0.0900] against rfm")]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_metric_of_a_training_is_explained_and_its_direction_is_that_of_the_comparison(run, question):
    module = import_module(f"ml.{question}")
    with warehouse.connect(run) as connection:
        newest, *earlier = train.labelled_dates(connection, run)
        measures = module.judge(module.fit_baseline(connection, earlier), connection, newest)
    told = {metric: legend.of(question, metric) for metric in measures}
    assert [metric for metric, words in told.items() if not (words.of and words.meaning)] == []
    compared = {metric: measure.better for metric, measure in measures.items() if measure.better}
    assert {metric: told[metric].better for metric in compared} == compared
    assert len({(words.of, words.name) for words in told.values()}) == len(told)


@pytest.mark.parametrize(
    ("question", "metric", "value", "words"),
    [
        ("value", "mae", 7618.4922, "76.18 EUR"),
        ("purchase", "history_ece", 0.0237, "2.4 %"),
        ("churn", "halved_auc", 0.6467, "0.647"),
        ("demand", "invented_tomorrow", 0.5, "0.500"),
    ],
)
def test_a_figure_is_told_with_its_unit(question, metric, value, words):
    assert legend.of(question, metric).told(value, "EUR") == words


def test_what_ought_to_be_near_a_figure_is_the_better_the_nearer():
    bias, coverage = legend.of("value", "total_bias"), legend.of("demand", "product_30d_coverage_80")
    assert bias.worth(-0.02) > bias.worth(0.1)
    assert coverage.worth(0.75) > coverage.worth(0.99)
    assert legend.of("purchase", "coverage_at_10").worth(0.9) == legend.of("purchase", "coverage_at_10").worth(0.1)


def version(kind: str, number: int = 1, measured: dict | None = None, checks: list | None = None, **told) -> Version:
    return Version("churn", number, kind, date(2018, 1, 1), Path(), measured or {}, "2017-12-02 to 2018-01-01", checks=checks or [], **told)


def said(serving: Version, newest: Version) -> str:
    return " ".join(verdict.told(serving, newest, "auc", "EUR"))


def test_a_model_that_serves_is_told_with_its_gain_over_the_best_rule():
    model = version("catboost", 1, {"auc": {"model": 0.75, "baseline": 0.7, "baseline_name": "rfm"}}, PASSED)
    text = said(model, model)
    assert text.startswith("A trained model serves.")
    assert "7.1 % better than the best simple rule (a formula of how recently, how often and for how much" in text
    assert "0.750 against 0.700." in text


@pytest.mark.parametrize(
    ("interval", "said_at_last"),
    [((-0.01, 0.11), "which may be chance."), ((0.01, 0.09), "0.700."), ((math.nan, math.nan), "0.700."), (None, "0.700.")],
)
def test_a_gain_whose_interval_holds_0_may_be_chance_and_of_one_without_nothing_is_said(interval, said_at_last):
    measured = {"auc": {"model": 0.75, "baseline": 0.7, "baseline_name": "rfm"}}
    checks = [("better than the best baseline", True, "auc +0.0500 [-0.0100, +0.1100] against rfm")]
    model = version("catboost", 1, measured, checks, intervals={"better than the best baseline": interval} if interval else {})
    assert said(model, model).endswith(said_at_last)


def test_a_rule_that_serves_is_told_with_what_the_model_failed():
    checks = [*PASSED, ("calibrated: ece_beyond_chance", False, "0.0300 off, allowed 0.0200"), ("reloads to the same scores", True, "same")]
    text = said(version("baseline", 2), version("catboost", 1, {"auc": {"model": 0.75, "baseline": 0.7, "baseline_name": "rfm"}}, checks))
    assert text.startswith("A simple rule serves, no model.")
    assert "churn-v1-catboost was 7.1 % better" in text
    assert text.endswith(
        "refused, since of what is asked of it this failed: what it promises comes true, "
        "by distance of promised from kept beyond chance (who stays away): 0.0300 off, allowed 0.0200."
    )


def test_a_rule_that_serves_for_want_of_data_says_so():
    rule = version("baseline", 1, checks=[("enough data", False, "too little data for a model: 12 labelled customers")])
    assert said(rule, rule) == (
        "A simple rule serves, no model. The last training made no model: too little data for a model: 12 labelled customers."
    )


def test_a_model_that_goes_on_where_a_newer_one_was_refused_is_told_by_its_own_figures():
    older = version("catboost", 1, {"auc": {"model": 0.75, "baseline": 0.7, "baseline_name": "rfm"}}, PASSED)
    newer = version(
        "catboost",
        2,
        {"auc": {"model": 0.6, "baseline": 0.7, "baseline_name": "rfm"}},
        [("better than the best baseline", False, "auc -0.1")],
    )
    text = said(older, newer)
    assert "churn-v1-catboost was 7.1 % better" in text
    assert "churn-v2-catboost, was refused" in text
    assert "told apart (who stays away) -0.1" in text
