"""Laws of the models, on the small shop."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecart import warehouse
from ml import QUESTIONS, churn, demand, predict, purchase, registry, splits, train, value
from tests.ml import world
from tests.ml.conftest import run_in

MODULES = {"purchase": purchase, "demand": demand, "value": value, "churn": churn}
KEY = {"purchase": ["customer_id", "product_id"], "demand": ["product_id"], "value": ["customer_id"], "churn": ["customer_id"]}


def main_table(module, model, connection, run) -> pd.DataFrame:
    """What a module predicts of its main table, in the order of its key."""
    rows = [rows for table, rows in module.predict(model, connection, run) if table == module.TABLE]
    question = next(name for name, of in MODULES.items() if of is module)
    return pd.concat(rows).sort_values(KEY[question], ignore_index=True)


def main_tables(run, models: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """question -> what its model predicts, in the order of its key."""
    with warehouse.connect(run) as connection:
        return {question: main_table(module, models[question], connection, run) for question, module in MODULES.items()}


@pytest.fixture(scope="module", params=["fit", "fit_baseline"])
def predicted(request, built, fitted) -> dict[str, pd.DataFrame]:
    """Of the models, then of their baselines."""
    models = {question: fitted(question, request.param) for question in QUESTIONS}
    with run_in(built) as run:
        return main_tables(run, models)


def test_refit_is_deterministic_and_the_order_of_rows_does_not_matter(run, fitted):
    first = main_tables(run, {question: fitted(question) for question in QUESTIONS})
    for table in (
        "features_customer_product",
        "features_customer",
        "features_customer_liking",
        "features_interest",
        "features_offer",
        "features_product",
        "labels_purchase",
        "labels_demand",
        "labels_churn",
        "labels_value",
    ):
        for schema in ("training", "features"):
            world.change(run, f"create or replace table {schema}.{table} as from {schema}.{table} order by hash({table})")
    with warehouse.connect(run) as connection:
        refitted = {question: module.fit(connection, train.labelled_dates(connection, run)) for question, module in MODULES.items()}
    second = main_tables(run, refitted)
    for question in QUESTIONS:
        pd.testing.assert_frame_equal(first[question], second[question], check_exact=True)


def test_saved_models_predict_the_same(run, fitted, tmp_path):
    with warehouse.connect(run) as connection:
        for question, module in MODULES.items():
            model = fitted(question)
            assert model.name == "catboost"
            folder = tmp_path / question
            folder.mkdir()
            model.save(folder)
            again = module.Model.load(folder)
            first, second = (main_table(module, one, connection, run) for one in (model, again))
            pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_probabilities_lie_between_zero_and_one(predicted):
    assert predicted["purchase"]["probability"].between(0, 1).all()
    assert predicted["churn"]["churn_probability"].between(0, 1).all()


def test_quantiles_do_not_cross_and_no_units_are_negative(predicted):
    forecast = predicted["demand"]
    assert (forecast["units_p10"] >= 0).all()
    assert (forecast["units_p10"] <= forecast["units_p50"]).all()
    assert (forecast["units_p50"] <= forecast["units_p90"]).all()
    assert (forecast["units_mean"] >= 0).all()


def test_every_product_sold_in_the_last_90_days_has_a_forecast(run, predicted):
    sold = world.ask(run, "select product_id from features.features_product where days_since_last_sold <= 90 order by 1")
    assert sorted(predicted["demand"]["product_id"]) == [product for (product,) in sold]
    assert (predicted["demand"]["horizon_days"] == 30).all()


def test_a_forecast_is_made_of_what_sold_in_90_days_and_of_nothing_else(run):
    world.change(
        run,
        "update features.features_product_demand set demand_7d = 0, demand_14d = 0, demand_30d = 0, demand_60d = 0 where product_id = 'p00'",
    )
    world.change(run, "update features.features_product_demand set demand_90d = 0 where product_id = 'p01'")
    with warehouse.connect(run) as connection:
        forecast = main_table(demand, demand.fit_baseline(connection, []), connection, run)
    assert forecast.set_index("product_id").loc["p00", "units_mean"] > 0
    assert "p01" not in set(forecast["product_id"])


@pytest.mark.parametrize("question", QUESTIONS)
def test_with_too_little_history_the_baseline_serves_and_says_so(run, question, monkeypatch):
    world.change(run, "update training.as_of_dates set is_label_known = false")
    monkeypatch.setattr(predict.landing, "data_until", lambda shop, run: run.as_of_date)
    train.train(run, question)
    told = predict.predict(run, question, "run 1")
    table = f"predictions.{MODULES[question].TABLE}"
    assert told["rows"][MODULES[question].TABLE] == world.ask(run, f"select count(*) from {table}")[0][0] > 0
    assert world.ask(run, f"select distinct model_version from {table}") == [(told["model_version"],)]
    assert told["model_version"].endswith("baseline")
    if question == "purchase":
        assert world.ask(run, f"select bool_and(probability between 0 and 1) from {table}") == [(True,)]


def test_every_prediction_says_where_it_comes_from(run, monkeypatch):
    monkeypatch.setattr(predict.landing, "data_until", lambda shop, run: run.as_of_date)
    trained = train.train(run, "churn")
    world.change(run, "create schema quality; create table quality.model_metrics as select 'churn' as question, 'of code before' as metric")
    predict.predict(run, "churn", "run 1")
    told = predict.predict(run, "churn", "run 2")
    columns = world.ask(run, "select distinct as_of_date, run_id, model_version, data_until from predictions.churn_risk")
    assert columns == [(run.as_of_date, "run 2", trained["model_version"], run.as_of_date)]
    assert told["model_version"] == trained["model_version"]
    columns = ("model", "baseline", "baseline_name", "better")
    measured = world.ask(run, f"select metric, {', '.join(columns)} from quality.model_metrics where question = 'churn'")
    assert {metric: dict(zip(columns, told, strict=True)) for metric, *told in measured} == registry.serving(run, "churn").measured
    assert np.isfinite([model for _, model, *_ in measured]).all()
    train.train(run, "value")
    predict.predict(run, "value", "run 2")
    assert world.ask(run, "select distinct question from quality.model_metrics order by 1") == [("churn",), ("value",)]
    assert {(metric, better) for metric, *_, better in measured} >= {("auc", "higher"), ("brier", "lower"), ("promised_over_kept", "")}


def test_training_looks_only_at_windows_that_have_ended(run):
    with warehouse.connect(run) as connection:
        dates = train.labelled_dates(connection, run)
    assert dates == train.training_dates(run)
    assert all(day + splits.HORIZON <= run.as_of_date for day in dates)


class Says:
    def __init__(self, *probability: float) -> None:
        self.told = np.array(probability)

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        return self.told


def test_who_buys_nothing_spends_less_than_half_where_there_was_something_to_halve():
    model = churn.Model("catboost", Says(0.8, 0.8, 0.1), Says(0.7, 0.0, 0.3))
    away, halved = model.risks(pd.DataFrame({"sales_cents_90d": [100, 0, 100]}))
    assert (away.tolist(), halved.tolist()) == ([0.8, 0.8, 0.1], [0.8, 0.0, 0.3])
