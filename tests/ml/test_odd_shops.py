"""Shops in which something never differs, or is larger than anywhere else: a run goes on, and what cannot be learned is left to the baseline."""

import catboost
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from forecart import warehouse
from ml import boosted, churn, classifier, cold, features, minima, predict, purchase, registry, train, trees, value
from ml.additive import Additive
from ml.baselines.fallback import Fallback
from ml.leaving import Blend, Rate
from tests.ml import world

ALL_THE_SAME = {
    "purchase": """create or replace table training.labels_purchase as
        select labels.* replace (pairs.as_of_date as as_of_date, pairs.customer_id as customer_id, pairs.product_id as product_id)
        from training.features_customer_product as pairs cross join (from training.labels_purchase limit 1) as labels""",
    "value": "update training.labels_value set sales_cents_30d = 700",
}


@pytest.mark.parametrize("question", ALL_THE_SAME)
def test_where_all_answers_are_the_same_the_baseline_serves_with_the_reason(run, question, monkeypatch):
    monkeypatch.setattr(value, "LEAST_ROWS", 20)
    world.change(run, ALL_THE_SAME[question])
    train.train(run, question)
    version = registry.serving(run, question)
    assert version.kind == "baseline"
    ((name, is_passed, found),) = version.checks
    assert (name, is_passed) == ("enough data", False)
    assert "CatBoost says" in found
    assert ".cpp" not in found


def test_what_catboost_cannot_learn_from_is_too_little_data():
    with pytest.raises(minima.TooLittleData, match="only one unique value"):
        trees.fit(catboost.CatBoostClassifier(iterations=2, **trees.SETTINGS), np.eye(4), np.ones(4))


def test_a_classifier_does_without_a_ranker_where_there_is_too_little_to_rank(run, monkeypatch):
    def too_little(*_, **__):
        raise minima.TooLittleData("one customer")

    with warehouse.connect(run) as connection:
        dates = train.labelled_dates(connection, run)
        first = classifier.before_newest(boosted.drawn(connection, dates))
        monkeypatch.setattr(boosted.trees, "fit", too_little)
        assert boosted._rank(connection, first, dates[0], boosted.pairs.active_customers(connection, "training", dates[0])) is None


def test_a_training_too_small_to_be_checked_for_leaks_is_not_let_in(run, monkeypatch):
    def too_little(*_):
        raise minima.TooLittleData("a tenth is too little")

    monkeypatch.setattr(train.gates, "nothing_from_later_rows", too_little)
    monkeypatch.setattr(train.gates, "of_figures", lambda *_: [])
    told = train.train(run, "churn")
    assert told["checks"]["enough data for the checks"] is False
    assert registry.serving(run, "churn").kind == "baseline"


def test_who_leaves_is_told_in_a_shop_without_prices(run):
    world.change(run, "update training.labels_churn set is_spend_halved = false")
    with warehouse.connect(run) as connection:
        model = churn.fit(connection, train.labelled_dates(connection, run))
    assert isinstance(model.away, Blend)
    assert isinstance(model.halved, Rate)


@pytest.mark.parametrize("question", ["purchase", "value", "churn"])
def test_where_nobody_was_active_lately_the_baseline_serves(run, question, monkeypatch):
    """As in a shop for one season, asked in another."""
    monkeypatch.setattr(predict.landing, "data_until", lambda shop, run: run.as_of_date)
    monkeypatch.setattr(value, "LEAST_ROWS", 20)
    lately = train.training_dates(run)[0]
    world.change(run, f"delete from marts.order_lines where order_date >= date '{lately}' - 90")
    for table in ("features_customer", "features_customer_product", "labels_purchase", "labels_churn", "labels_value"):
        world.change(run, f"delete from training.{table} where as_of_date >= date '{lately}'")
    for table in ("features_customer", "features_customer_product"):
        world.change(run, f"delete from features.{table}")
    train.train(run, question)
    assert registry.serving(run, question).kind == "baseline"
    predict.predict(run, question, "run 1")


def test_a_shop_without_customers_has_lists_of_the_same_columns_without_a_row(run):
    model = purchase.Model(Fallback("top_frequency", {}), cold.Cold())

    def listed() -> tuple[dict[str, int], dict[str, list[tuple]]]:
        """The rows of each table, and its columns with their types."""
        rows: dict[str, int] = {}
        with warehouse.connect(run) as connection:
            connection.sql("create schema if not exists predictions")
            for table, found in purchase.predict(model, connection, run):
                predict._write(connection, table, found, is_first=not rows.get(table))
                rows[table] = rows.get(table, 0) + len(found)
            return rows, {table: connection.sql(f"describe predictions.{table}").fetchall() for table in rows}

    rows, columns = listed()
    assert len(rows) == 2
    assert all(rows.values())
    world.change(run, "delete from marts.customers; update marts.order_lines set customer_id = null")
    world.change(run, "delete from features.features_customer; delete from features.features_customer_product")
    assert listed() == (dict.fromkeys(rows, 0), columns)


def test_curves_say_nothing_about_nobody():
    frame = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) % 3})
    curves = Additive.curves(("a", "b"), frame, np.arange(20) % 2, LogisticRegression())
    assert curves.log_odds(frame.iloc[:0]).shape == (0,)
    assert curves.contributions(frame.iloc[:0]).shape == (0, 2)
    assert curves.contributions(frame).shape == (20, 2)


def test_a_currency_of_small_units_fits_into_every_feature(run):
    """An order of thirty million dong, a thousand euros, is more cents than a bigint holds squares of."""
    spread = world.ask(run, "select max(sd_order_cents) from features.features_customer")[0][0]
    for table, columns in {"order_lines": ("sales_cents", "gross_sales_cents"), "daily_product_sales": ("sales_cents",)}.items():
        for column in columns:
            world.change(run, f"update marts.{table} set {column} = 100000000 * {column}")
    features.build(run, [run.as_of_date])
    assert world.ask(run, "select max(sd_order_cents) from features.features_customer")[0][0] == pytest.approx(1e8 * spread)
    assert world.ask(run, "select count(price_trend) > 0, bool_and(isfinite(price_trend)) from features.features_product") == [(True, True)]


def test_a_table_whose_first_batch_is_empty_has_the_types_of_the_next(run, monkeypatch):
    rows = pd.DataFrame({"customer_id": ["c1"], "product_id": ["p1"], "reason_1": ["liked"]})
    monkeypatch.setattr(predict.landing, "data_until", lambda shop, run: run.as_of_date)
    monkeypatch.setattr(
        purchase, "predict", lambda *_: iter([("lists", pd.DataFrame(columns=rows.columns, dtype=object)), ("lists", rows)])
    )
    world.change(run, "update training.as_of_dates set is_label_known = false")
    train.train(run, "purchase")
    assert predict.predict(run, "purchase", "run 1")["rows"] == {"lists": 1}
    assert world.ask(run, "select product_id, reason_1 from predictions.lists") == [("p1", "liked")]
    monkeypatch.setattr(purchase, "predict", lambda *_: iter([("lists", pd.DataFrame(columns=rows.columns, dtype=object))]))
    assert predict.predict(run, "purchase", "run 2")["rows"] == {"lists": 0}
    assert world.ask(run, "from predictions.lists where product_id = 'p1'") == []
