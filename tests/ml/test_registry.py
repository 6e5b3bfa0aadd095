"""Who may serve which date."""

from datetime import date

import pytest

from forecart.errors import ForecartError
from forecart.run import Run
from ml import QUESTIONS, churn, registry
from ml.leaving import Rate

BASELINE = churn.Model("baseline", Rate(), Rate())


def registered(run: Run, question: str = "churn") -> registry.Version:
    version = registry.register(run, question, BASELINE, {"auc": {"model": 0.8, "baseline": 0.7}}, "window", {})
    registry.promote(run, version)
    return version


def at(run: Run, day: date, historical: bool = False) -> Run:
    return Run(run.shop, day, historical)


def test_without_a_registry_every_question_is_missing(empty_run):
    assert registry.missing_champions(empty_run) == list(QUESTIONS)


def test_a_champion_serves_its_cut_off_and_later_but_no_earlier_date(empty_run):
    version = registered(empty_run)
    assert registry.serving(empty_run, "churn") == version
    assert registry.serving(at(empty_run, date(2018, 3, 1)), "churn") == version
    earlier = at(empty_run, date(2017, 10, 27), historical=True)
    assert registry.serving(earlier, "churn") is None
    assert "churn" in registry.missing_champions(earlier)
    with pytest.raises(ForecartError, match="2017-10-27"):
        registry.must_serve(earlier, "churn")


def test_a_historical_training_never_moves_the_champion(empty_run):
    champion = registered(empty_run)
    earlier = at(empty_run, date(2017, 7, 1), historical=True)
    historical = registered(earlier)
    assert registry.serving(empty_run, "churn") == champion
    assert registry.serving(earlier, "churn") == historical
    assert registry.serving(earlier, "churn").trained_until == date(2017, 7, 1)


def test_a_historical_model_is_found_again_and_serves_no_live_run(empty_run):
    earlier = at(empty_run, date(2017, 7, 1), historical=True)
    for question in QUESTIONS:
        registered(earlier, question)
    assert registry.missing_champions(earlier) == []
    assert registry.missing_champions(empty_run) == list(QUESTIONS)


def test_a_registered_model_comes_back_with_what_was_measured(empty_run):
    registered(empty_run)
    version = registry.serving(empty_run, "churn")
    assert version.measured == {"auc": {"model": 0.8, "baseline": 0.7}}
    assert version.load() == BASELINE


def test_shops_do_not_share_models(empty_run):
    registered(empty_run)
    other = Run(empty_run.shop.__class__(**{**empty_run.shop.__dict__, "name": "other"}), empty_run.as_of_date)
    assert registry.serving(other, "churn") is None


def test_a_rollback_makes_the_champion_before_serve_again_and_the_withdrawn_one_never(empty_run):
    first, second, third = (registered(empty_run) for _ in range(3))
    refused = registry.register(empty_run, "churn", BASELINE, {}, "window", {})  # was never promoted
    assert refused.number > third.number
    assert registry.rollback(empty_run.shop, "churn") == (second, third)
    assert registry.serving(empty_run, "churn") == second
    assert registry.rollback(empty_run.shop, "churn") == (first, second)
    with pytest.raises(ForecartError, match="no champion before it"):
        registry.rollback(empty_run.shop, "churn")
    fourth = registered(empty_run)
    assert registry.rollback(empty_run.shop, "churn") == (first, fourth)


def test_a_rollback_never_takes_a_historical_model(empty_run):
    registered(at(empty_run, date(2017, 7, 1), historical=True))
    with pytest.raises(ForecartError, match="no champion to roll back"):
        registry.rollback(empty_run.shop, "churn")
    registered(empty_run)
    with pytest.raises(ForecartError, match="no champion before it"):
        registry.rollback(empty_run.shop, "churn")


def test_after_an_upgrade_no_model_of_the_code_before_serves_or_comes_back(empty_run, monkeypatch):
    registered(empty_run)
    monkeypatch.setattr(registry, "code", lambda: "upgraded")
    assert registry.serving(empty_run, "churn") is None
    assert "churn" in registry.missing_champions(empty_run)
    registered(empty_run)
    with pytest.raises(ForecartError, match="no champion before it"):
        registry.rollback(empty_run.shop, "churn")
