"""What was published is scored when its days are over; what has changed is trained anew."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from forecart import warehouse
from forecart.errors import ForecartError
from ml import QUESTIONS, archive, churn, columns, drift, outcomes, predict, purchase, registry, report, retraining, staleness, train
from ml.drift import Drift
from ml.habits import RFM
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
    assert outcomes.score(published) == 0  # the later day was a mistake
    assert told(published, "churn") == {}
    assert outcomes.score(later) == 3
    ((count, promised),) = world.ask(published, "select count(*), avg(churn_probability) from predictions.churn_risk")
    assert told(published, "churn")["kept_share"] == pytest.approx((count - 5) / count)
    assert told(published, "churn")["promised_share"] == pytest.approx(promised)
    ((expected,),) = world.ask(published, "select sum(expected_sales_cents_30d) from predictions.customer_value")
    assert told(published, "value")["total_bias"] == pytest.approx(float(expected) / (5 * 7000) - 1)


def test_lists_are_scored_as_in_a_training_and_forecasts_by_what_was_asked_for(run):
    """Of the listed products of active customers who bought anything; what ran out counts as it does in a training."""
    day = run.as_of_date
    ((active, other),) = world.ask(run, "select min(customer_id), max(customer_id) from features.features_customer")
    cold = "nobody"
    world.change(run, f"insert into marts.customers values ('{cold}', null, null, null)")
    with warehouse.connect(run) as connection:
        connection.execute("create schema predictions")
        connection.execute(f"""
            create table predictions.product_recommendations as
            select date '{day}' as as_of_date, customer_id, rank::int as rank, 'p' || lpad((rank - 1)::varchar, 2, '0') as product_id,
                0.5 as probability, 'v' as model_version
            from (values ('{active}'), ('{other}'), ('{cold}')) as customers(customer_id), range(1, 21) as ranks(rank)
        """)
        connection.execute(f"""
            create table predictions.demand_forecast as
            select date '{day}' as as_of_date, 'p00' as product_id, 30 as horizon_days, 1.0 as units_p10, 2.0 as units_p50, 9.0 as units_p90,
                8.0 as units_mean, 'v' as model_version
        """)
    archive.keep(run)
    later = replace(run, as_of_date=day + HORIZON)
    for product in ("p00", "p09", "p19"):
        world.change(
            run,
            f"insert into marts.order_lines select * replace (date '{day}' as order_date, '{active}' as customer_id, '{product}' as product_id) "
            "from marts.order_lines limit 1",
        )
    world.change(
        run,
        "insert into features.demand_days from features.demand_days "
        f"select * replace (date '{day}' as sale_date, 4000 as demand_milliunits, 'p00' as product_id) limit 1",
    )
    assert outcomes.score(later) == 2
    purchase, demand = told(later, "purchase"), told(later, "demand")
    assert purchase["kept_share"] == pytest.approx(2 / 30)  # of three lists of ten; the twentieth place is not judged
    assert purchase["precision_at_10"] == pytest.approx(2 / 10)
    assert demand["wape_of_mean"] == pytest.approx(abs(8 - 4) / 4)


def test_discoveries_are_scored_by_who_bought_anything_new(run):
    """Of three active customers one buys two products of its list, one another new product, one what it bought before."""
    day = run.as_of_date
    (finds, looks, repeats), *_ = zip(*world.ask(run, "select customer_id from features.features_customer order by 1 limit 3"), strict=True)
    with warehouse.connect(run) as connection:
        connection.execute("create schema predictions")
        connection.execute(f"""
            create table predictions.discoveries as
            select date '{day}' as as_of_date, customer_id, rank::int as rank, 'new' || rank as product_id, 0.1 as probability,
                'v' as model_version
            from (values ('{finds}'), ('{looks}'), ('{repeats}')) as customers(customer_id), range(1, 11) as ranks(rank)
        """)
    assert archive.keep(run) == ["discoveries"]
    bought = f"insert into marts.order_lines select * replace (date '{day}' as order_date, {{}}) from marts.order_lines"
    for customer, product in ((finds, "new1"), (finds, "new10"), (looks, "other")):
        world.change(run, bought.format(f"'{customer}' as customer_id, '{product}' as product_id") + " limit 1")
    world.change(run, bought.format("'again' as order_id") + f" where customer_id = '{repeats}' limit 1")
    assert outcomes.score(replace(run, as_of_date=day + HORIZON)) == 1
    found = told(run, "discovery")
    assert found["kept_share"] == pytest.approx(2 / 30)
    assert found["promised_share"] == pytest.approx(0.1)
    assert found["precision_at_10"] == pytest.approx(2 / 20)


def test_what_became_of_offers_is_told_by_group_and_offer(published):
    world.change(
        published,
        """
        create or replace table predictions.retention_offers as
        select date '2017-10-28' as as_of_date, customer_id, if(row_number() over (order by customer_id) <= 4, 'hold_out', 'offered') as group_name,
            'voucher' as offer_name, 'v' as model_version from predictions.churn_risk
        """,
    )
    archive.keep(published)
    held_out = world.ask(published, "select customer_id from predictions.retention_offers where group_name = 'hold_out' order by 1")
    bought_afterwards(published, held_out[0][0], published.as_of_date)
    outcomes.score(replace(published, as_of_date=published.as_of_date + HORIZON))
    found = told(published, "retention")
    assert found["away_share_hold_out: voucher"] == found["away_share_hold_out"] == 0.75
    assert found["away_share_offered: voucher"] == 1
    assert found["uplift"] == pytest.approx(1 - 1 / 0.75)


def test_who_is_on_a_plan_is_on_none_of_the_month_after(published):
    """Yesterday's plan was that of the first half of today's customers; a rerun of today does not count today's."""
    planned = "select customer_id, group_name, offer_name from predictions.retention_offers order by 1"
    first = world.ask(published, planned)
    assert len(first) > 1
    predict.predict(published, "churn", "run 2")
    assert world.ask(published, planned) == first
    today = archive.kept(published, "retention_offers")[published.as_of_date]
    half = len(first) // 2
    offers = pd.read_parquet(today).sort_values("customer_id")
    offers[:half].to_parquet(today.with_name(f"{published.as_of_date - timedelta(days=1)}.parquet"))
    predict.predict(published, "churn", "run 3")
    assert world.ask(published, planned) == first[half:]


def test_a_historical_run_keeps_nothing_and_scores_nothing(published):
    past = replace(published, is_historical=True)
    assert archive.keep(past) == []
    assert outcomes.score(past) == 0


def test_what_is_too_old_to_be_scored_is_dropped(published):
    later = replace(published, as_of_date=published.as_of_date + archive.KEPT + timedelta(days=1))
    archive.keep(later)
    assert list(archive.kept(published, "churn_risk")) == [later.as_of_date]


def test_what_was_predicted_from_a_later_day_by_mistake_is_dropped(published):
    archive.keep(replace(published, as_of_date=published.as_of_date + timedelta(days=46)))
    archive.keep(published)
    assert list(archive.kept(published, "churn_risk")) == [published.as_of_date]


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
    assert retraining.planned(published)["churn"] == (found["churn"], later.as_of_date)
    assert retraining.planned(replace(later, is_historical=True)) == {}
    assert f"trained by the first run of {later.as_of_date} or later" in report.write(published).read_text()
    assert "trained by the next run" in report.write(later).read_text()
    assert "drifted" in retraining.due(later)["churn"]
    assert "churn" not in retraining.due(replace(published, as_of_date=published.as_of_date + timedelta(days=1)))  # trained a day ago
    train.train(later, "churn")
    assert "churn" not in retraining.due(later)


@pytest.mark.parametrize(
    ("what", "late"),
    [
        ("units by product", "update features.demand_days set units = 2 * units where sale_date"),
        ("spending by customer", "update marts.order_lines set gross_sales_cents = 2 * gross_sales_cents where order_date"),
    ],
)
def test_a_tenth_of_a_window_corrected_since_is_a_reason_to_train_anew(published, what, late):
    with warehouse.connect(published) as connection:
        day = train.labelled_dates(connection, published)[2]
    assert retraining.watch(published) == {}
    world.change(published, f"{late} = '{day}'")
    assert retraining.watch(published) == {}
    world.change(published, f"{late} between date '{day}' + 1 and date '{day}' + 10")
    found = retraining.watch(published)
    assert found.keys() == set(QUESTIONS)
    assert f"of the 30 days from {day}, which it learned from" in found["churn"]
    assert f"of {what} were corrected" in found["churn"]


def test_features_that_drifted_are_told_in_words_with_their_own_name():
    found = [Drift("feature", "features_customer", column, 0.5, column != "order_trend") for column in ("order_trend", "count_orders_90d")]
    reason = "1 of 2 features have drifted, among them: Orders in the last 90 days (count_orders_90d)"
    assert retraining._reason(None, None, "churn", found) == reason


def test_accuracy_that_fell_a_tenth_below_what_was_measured_is_a_reason(published):
    version = registry.serving(published, "churn")
    with warehouse.connect(published) as connection:
        connection.execute("create schema if not exists quality")
        connection.execute(f"create or replace table quality.prediction_outcomes ({outcomes.COLUMNS})")
        for auc, reason in ((0.74, None), (0.70, "auc of what was predicted")):
            connection.execute("delete from quality.prediction_outcomes")
            row = ["churn", published.as_of_date, version.label, "auc", auc, 50]
            connection.execute("insert into quality.prediction_outcomes values (?, ?, ?, ?, ?, ?)", row)
            measured = replace(version, measured={"auc": {"model": 0.8, "baseline": 0.9}})
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(registry, "serving", lambda run, question, measured=measured: measured)
                found = retraining._fall(connection, published, "churn")
            assert (found is None) if reason is None else found.startswith(reason)


def test_the_report_needs_no_network_and_shows_what_serves(published):
    train.train(published, "churn")
    predict.predict(published, "churn", "run 2")
    retraining.watch(published)
    registry.promote(published, registry.register(published, "purchase", purchase.fit_baseline(None, []), {}, "", {}))
    world.change(published, "insert into quality.prediction_outcomes values ('discovery', '2017-09-01', 'v', 'precision_at_10', .1234, 9)")
    html = report.write(published).read_text()
    assert registry.serving(published, "churn").label in html
    assert "hits (lists of 10 never bought before)" in html
    assert "12.3 %" in html
    assert "Drift since the training" in html
    ((table, moved),) = world.ask(published, "select name, column_name from quality.drift where kind = 'feature' order by psi desc limit 1")
    assert f"{columns.words(table, moved)} <code>{table}.{moved}</code>" in unescape(html)
    assert "A simple rule serves, no model." in html
    assert "<p>Not measured.</p>" in html  # why not, the verdict tells where a check found it
    assert "No importances" in html
    assert not [
        word for word in ("http:", "https:", "src=", "<script", "@import", "url(") if word in html.replace("http://www.w3.org/", "")
    ]


def test_importances_are_drawn_with_words_and_the_columns_own_names(monkeypatch):
    monkeypatch.setattr(churn, "importances", lambda model: {"count_orders_90d": 60.0, "order_trend": 40.0})
    ((_, svg),) = report._importances(SimpleNamespace(question="churn", load=lambda: None))
    assert ">Orders in the last 90 days<" in svg
    assert ">count_orders_90d<" in svg


def test_the_report_shows_the_newest_ablation_or_how_to_get_one(published):
    with warehouse.connect(published) as connection:
        rule = train.import_module("ml.purchase").fit_baseline(connection, [])
    registry.promote(published, registry.register(published, "purchase", rule, {}, "", {}))
    asks = "make backtest SHOP=complete_journey ABLATION=1"
    assert asks in report.write(published).read_text()
    loss = {"ndcg_at_10": {"difference": 0.0812, "lower": 0.07, "upper": 0.09}}
    folder = published.shop.folder / "backtest"
    folder.mkdir()
    (folder / "backtest.json").write_text(json.dumps({"questions": {"purchase": {"ablation": {"without habit": loss}}}}))
    html = report.write(published).read_text()
    assert asks not in html
    assert "without habit" in html
    assert "+0.0812 [+0.0700, +0.0900] *" in html
    assert "Of such intervals (here 1) one in twenty misses" in html


def test_a_training_that_knows_of_no_change_is_compared_with_one_that_does(run):
    console = Console(file=io.StringIO())
    since = run.as_of_date - 3 * HORIZON
    told = staleness.compare(run, since, ("demand",), console)
    found = told["questions"]["demand"]
    assert list(found["by_cut_off"]) == [(run.as_of_date - 2 * HORIZON).isoformat(), (run.as_of_date - HORIZON).isoformat()]
    of_each = [figures["trained_anew"] - figures["stale"] for figures in found["by_cut_off"].values()]
    assert found["mean"]["difference"][0] == pytest.approx(sum(of_each) / 2)
    assert any(of_each)
    with pytest.raises(ForecartError, match="no 30-day windows"):
        staleness.compare(run, run.as_of_date, ("demand",), console)


def test_a_day_that_is_none_is_told_in_a_line(monkeypatch):
    monkeypatch.setattr("sys.argv", ["staleness", "--since", "nonsense"])
    with pytest.raises(SystemExit, match="'nonsense' is no date: YYYY-MM-DD was expected"):
        staleness.main()
