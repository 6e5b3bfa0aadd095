"""Laws of the purchase model and its lists, on the small shop."""

import re
import weakref
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from forecart import warehouse
from ml import boosted, classifier, cold, effort, features, lists, minima, pairs, purchase, purchase_trials, registry, splits, train
from ml.baselines import fallback, history
from ml.frames import fetch, listed
from ml.season import ORDERS_30D, Season
from tests.ml import world
from tests.ml.conftest import AS_OF_DATE, run_in


def tables(connection, model, run) -> dict[str, pd.DataFrame]:
    found: dict[str, list[pd.DataFrame]] = {}
    for table, rows in purchase.predict(model, connection, run):
        found.setdefault(table, []).append(rows)
    return {table: pd.concat(rows, ignore_index=True) for table, rows in found.items()}


@pytest.fixture(scope="module", params=["fit", "fit_baseline"])
def predicted(request, built, fitted) -> dict[str, pd.DataFrame]:
    """Both tables, of the model and of the baseline."""
    model = fitted("purchase", request.param)
    with run_in(built) as run, warehouse.connect(run) as connection:
        return tables(connection, model, run)


def test_every_customer_gets_a_full_list_without_repetition_those_who_stay_away_as_well(run, predicted):
    by_customer = predicted[lists.RECOMMENDATIONS].groupby("customer_id")
    active = {customer for (customer,) in world.ask(run, "select customer_id from features.features_customer")}
    customers = {customer for (customer,) in world.ask(run, "select customer_id from marts.customers")}
    assert active < customers == set(by_customer.groups)
    assert (by_customer["product_id"].nunique() == 20).all()
    for _, ranks in by_customer["rank"]:
        assert sorted(ranks) == list(range(1, 21))


def test_probabilities_fall_with_rank(predicted):
    for rows in predicted.values():
        ordered = rows.sort_values(["customer_id", "rank"])
        assert ordered["probability"].between(0, 1).all()
        assert (ordered.groupby("customer_id")["probability"].diff().dropna() <= 1e-12).all()


def test_a_discovery_was_never_bought(run, predicted):
    bought = set(world.ask(run, "select customer_id, product_id from marts.order_lines"))
    found = predicted[lists.DISCOVERIES]
    assert len(found)
    assert not bought & set(zip(found["customer_id"], found["product_id"], strict=True))


@pytest.mark.parametrize("fit", ["fit", "fit_baseline"])
def test_what_was_bought_years_ago_is_no_discovery(run, fitted, fit):
    """Everybody's first discovery was bought before features begin; those who stay away have theirs, too."""
    model = fitted("purchase", fit)
    with warehouse.connect(run) as connection:
        before = tables(connection, model, run)[lists.DISCOVERIES]
        connection.register("first", before[before["rank"] == 1])
        connection.execute("""
            insert into marts.order_lines select lines.* replace (first.customer_id as customer_id, first.product_id as product_id,
                '2015-05-01' as order_date) from (from marts.order_lines limit 1) as lines, first
        """)
        after = tables(connection, model, run)[lists.DISCOVERIES]
    expected = before[before["rank"] > 1].groupby("customer_id")["product_id"].agg(list)
    found = after.groupby("customer_id")["product_id"].agg(list)
    assert len(found) == world.COUNT_CUSTOMERS
    for customer, products in expected.items():
        assert found[customer][: len(products)] == products


class Listening:
    """A connection that keeps what it was asked."""

    def __init__(self, connection):
        self.connection, self.asked = connection, []

    def execute(self, query, *parameters):
        self.asked.append(query)
        return self.connection.execute(query, *parameters)

    def __getattr__(self, name):
        return getattr(self.connection, name)


@pytest.mark.parametrize("fit", ["fit", "fit_baseline"])
def test_more_batches_do_not_read_all_that_was_bought_more_often(run, fitted, monkeypatch, fit):
    model, reads, found = fitted("purchase", fit).active, [], []
    of_active = lists.of_model if fit == "fit" else lists.of_fallback
    with warehouse.connect(run) as connection:
        for batch in (1000, 7):
            monkeypatch.setattr(pairs, "BATCH_CUSTOMERS", batch)
            monkeypatch.setattr(history, "MOST_CUSTOMERS", batch)
            listening = Listening(connection)
            found.append(list(of_active(model, listening, AS_OF_DATE)))
            reads.append(sum("marts.order_lines" in query for query in listening.asked))
    assert len(found[1]) > len(found[0])
    assert reads[1] == reads[0]


def test_reasons_say_what_the_row_says(predicted):
    rows = predicted[lists.RECOMMENDATIONS]
    assert rows["reason_1"].notna().mean() > 0.9
    told = rows.melt(id_vars=["days_since_last", "count_orders_365d"], value_vars=["reason_1", "reason_2", "reason_3"]).dropna(
        subset="value"
    )
    last = told[told["value"].str.startswith(("bought every", "last bought"))]
    assert len(last)
    said = last["value"].map(lambda text: int(re.search(r"last (?:bought )?(\d+) days? ago", text)[1]))
    assert (said == last["days_since_last"]).all()
    assert not told["value"].str.contains("nan").any()


@pytest.mark.parametrize("fit", ["fit", "fit_baseline"])
def test_a_product_is_told_to_be_in_so_many_of_the_orders_that_there_are(run, fitted, fit):
    world.change(run, "update features.features_customer set count_orders_365d = 6")
    with warehouse.connect(run) as connection:
        told = tables(connection, fitted("purchase", fit), run)[lists.RECOMMENDATIONS].filter(like="reason_").stack()
    habits = told[told.str.startswith("in ")]
    assert len(habits)
    assert habits.str.endswith("of the last 6 orders").all()


def test_the_usual_interval_is_told_of_whoever_bought_on_two_days_be_it_long_ago(run, predicted):
    intervals = world.ask(
        run,
        """
        select customer_id, product_id, (max(order_date) - min(order_date)) / (count(distinct order_date) - 1)
        from marts.order_lines where is_purchase group by all having count(distinct order_date) > 1
        """,
    )
    usual = {(customer, product): days for customer, product, days in intervals}
    rows = predicted[lists.RECOMMENDATIONS]
    asked = pd.Series([usual.get(pair, np.nan) for pair in zip(rows["customer_id"], rows["product_id"], strict=True)], rows.index)
    active = {customer for (customer,) in world.ask(run, "select customer_id from features.features_customer")}
    assert asked[~rows["customer_id"].isin(active)].notna().any()
    np.testing.assert_allclose(rows["usual_interval_days"], asked, atol=0.051)


@pytest.mark.parametrize("fit", ["fit", "fit_baseline"])
def test_who_did_not_consent_is_on_no_list(run, fitted, fit):
    """c00 and c10 said no, and c02, whom a shop that asks has not asked yet, did not say yes."""
    world.change(run, "update marts.customers set has_marketing_consent = customer_id not in ('c00', 'c10') where customer_id <> 'c02'")
    with warehouse.connect(run) as connection:
        for rows in tables(connection, fitted("purchase", fit), run).values():
            assert not {"c00", "c10", "c02"} & set(rows["customer_id"])
            assert {"c01"} <= set(rows["customer_id"])


def test_what_is_out_of_stock_is_listed_and_not_eligible(run, fitted):
    world.change(run, "update features.features_offer set is_out_of_stock = product_id = 'p20'")
    with warehouse.connect(run) as connection:
        rows = tables(connection, fitted("purchase", "fit_baseline"), run)[lists.RECOMMENDATIONS]
    assert set(rows.loc[~rows["is_eligible"], "product_id"]) == {"p20"}


def test_what_the_shop_tells_no_stock_of_any_more_is_not_eligible(run, fitted):
    told = {"p20": 41, "p21": 40, "p22": 10}  # days ago; of all others nothing was ever told
    days = ", ".join(f"('{product}', date '{run.as_of_date}' - {days}, 5, 0, false)" for product, days in told.items())
    world.change(run, f"insert into marts.stock_levels values {days}")
    with warehouse.connect(run) as connection:
        rows = tables(connection, fitted("purchase", "fit_baseline"), run)[lists.RECOMMENDATIONS]
    assert set(rows.loc[~rows["is_eligible"], "product_id"]) == {"p20"}


class Says:
    """In the place of a classifier, or of a CatBoost model."""

    def __init__(self, score: float):
        self.score, self.feature_names_ = score, ["count_orders_365d"]

    def log_odds(self, features):
        return np.full(len(features), self.score)

    def predict(self, features, **_):
        return np.full(len(features), self.score)


def test_trees_and_networks_have_an_equal_say():
    assert classifier.Classifier(Says(-2.0), Says(1.0)).log_odds(pd.DataFrame({"count_orders_365d": [0.0, 1.0]})).tolist() == [-0.5, -0.5]


def test_the_ranker_has_its_say_on_what_was_bought_before_alone():
    asked = pd.DataFrame({"count_orders_365d": [0.0, 1.0, np.nan, 3.0]})
    assert boosted.Scores(Says(-2.0), Says(0.5)).of(asked).tolist() == [-2.0, -1.5, -2.0, -1.5]
    assert boosted.Scores(Says(-2.0)).of(asked).tolist() == [-2.0] * 4


@pytest.mark.parametrize(("better", "is_certain"), [(0, False), (3, False), (60, True)])
def test_a_ranker_joins_only_where_lists_are_better_by_more_than_chance(better, is_certain):
    """Of 60 customers with one purchase among 20 products, some have it first by the new score, and so many others last instead of 10th."""
    held = pd.DataFrame({"customer_id": np.repeat([f"c{place:02}" for place in range(60)], 20), "place": np.tile(np.arange(20), 60)})
    customer = np.arange(60).repeat(20)
    held = held.assign(
        product_id=[f"p{place:02}" for place in held["place"]],
        is_bought=held["place"] == 9,
        classified=-held["place"].astype(float),
        ranked=np.where(
            (held["place"] == 9) & (customer < better), 1.0, np.where((held["place"] == 9) & (customer >= 57), -99.0, -held["place"])
        ),
    )
    assert boosted._is_better(held, "ranked", "classified") is is_certain
    assert boosted._is_better(held, "classified", "classified") is False


def test_pairs_are_weighted_up_to_their_true_number(run):
    with warehouse.connect(run) as connection:
        dates = train.labelled_dates(connection, run)[:3]
        true = fetch(
            connection,
            f"""
            select count(*) as count_pairs, count(labels.product_id) as count_bought
            from training.features_customer_product
            left join training.labels_purchase as labels using (as_of_date, customer_id, product_id)
            where as_of_date in ({listed(dates)})
            """,
        ).iloc[0]
        drawn = pairs.sample(connection, dates, most_bought=100_000, most_unbought=1000)
        few = pairs.sample(connection, dates, most_bought=200, most_unbought=1000)
    assert drawn.bought.sum() == true["count_bought"]
    assert len(drawn.bought) < true["count_pairs"]
    assert drawn.weight.sum() == pytest.approx(true["count_pairs"], rel=0.1)
    assert few.bought.sum() == pytest.approx(200, rel=0.25)
    assert few.weight[few.bought == 1].sum() == pytest.approx(true["count_bought"], rel=0.25)


def test_a_model_reads_nothing_but_the_cut_offs_it_is_given(run, fitted):
    first = fitted("purchase", before_newest=True).active
    with warehouse.connect(run) as connection:
        ((cut_off, earlier),) = splits.windows(train.labelled_dates(connection, run), most=1)
        batch = next(pairs.batches(connection, "training", cut_off))
    for table in ("features_customer_product", "features_customer", "features_product", "features_offer", "seasons", "labels_purchase"):
        world.change(run, f"delete from training.{table} where as_of_date not in ({listed(earlier)})")
    with warehouse.connect(run) as connection:
        second = boosted.fit(connection, earlier)
    np.testing.assert_array_equal(first.probability(first.score(batch), batch), second.probability(second.score(batch), batch))


def test_a_small_shop_grows_as_many_trees_as_tell_of_its_newest_cut_off(run, fitted):
    model = fitted("purchase", before_newest=True).active
    with warehouse.connect(run) as connection:
        ((_, earlier),) = splits.windows(train.labelled_dates(connection, run), most=1)
        refitted = boosted.fit(connection, earlier, model)
    count_trees = model.scores.classifier.trees.tree_count_
    assert 0 < count_trees < classifier.growth(is_small=True)["iterations"] - classifier.PATIENCE
    assert refitted.scores.classifier.trees.tree_count_ == count_trees


def test_enough_to_learn_from_grows_all_trees_be_it_less_without_the_newest_cut_off(run, monkeypatch):
    fitted, of_size = classifier._fitted, []
    with warehouse.connect(run) as connection, effort.little():
        ((_, earlier),) = splits.windows(train.labelled_dates(connection, run), most=1)
        monkeypatch.setattr(classifier, "FEW_BOUGHT", int(boosted.drawn(connection, earlier).bought.sum()))
        monkeypatch.setattr(classifier, "_fitted", lambda learned, given, *judged: of_size.append(given) or fitted(learned, given, *judged))
        boosted.fit(connection, earlier)
        assert of_size == [classifier.growth(is_small=False)] * 2


def test_a_very_large_shop_builds_pairs_of_the_cut_offs_that_are_read(run, monkeypatch):
    """One to judge on and two to learn from, of which one is held against the other; and the model is the same that more of them would give."""
    dates = train.training_dates(run)
    assert features.pair_dates(run, dates) == splits.MOST_DATES
    monkeypatch.setattr(splits, "ENOUGH_BOUGHT", 1)
    assert features.pair_dates(run, dates) == 3
    assert features.pair_dates(run, dates, more=1) == splits.MOST_DATES + 1
    with warehouse.connect(run) as connection:
        for known in (dates, dates[1:]):
            assert boosted.drawn(connection, known).keys["as_of_date"].dt.date.drop_duplicates().tolist() == known[1::-1]


def test_who_buys_twice_as_often_buys_a_product_as_if_in_twice_the_days(run, fitted):
    model = fitted("purchase", before_newest=True).active
    with warehouse.connect(run) as connection:
        ((cut_off, _),) = splits.windows(train.labelled_dates(connection, run), most=1)
        batch = next(pairs.batches(connection, "training", cut_off))
    score = model.score(batch)
    usual, busy = (model.probability(score, batch.assign(**{ORDERS_30D: season})) for season in (1, 2))
    assert 1 - busy == pytest.approx((1 - usual) ** 2)


def test_every_month_learned_from_has_one_say_in_a_probability():
    features, score = pd.DataFrame({ORDERS_30D: [1.0, 1, 1]}), np.array([-3.0, -1, 40])
    season = Season(ORDERS_30D, 1.0)
    model = boosted.Boosted(
        boosted.Scores(None), SimpleNamespace(predict=lambda scores: expit(scores - 2)), season, season, count_learned=3
    )
    of_months, of_newest = (-np.log(1 - expit(told)) for told in (score[:2], score[:2] - 2))
    assert -np.log(1 - model.probability(score, features)[:2]) == pytest.approx(of_months**0.75 * of_newest**0.25)
    assert model.probability(score, features)[2] == pytest.approx(1)


def test_a_model_that_learned_from_shuffled_labels_leaves_the_serving_to_the_baseline(run):
    newest = train.training_dates(run)[0]
    world.change(
        run,
        f"""
        create or replace table training.labels_purchase as
        with shuffled as (
            select as_of_date, customer_id, product_id, row_number() over (partition by as_of_date order by md5(customer_id || product_id)) as place
            from training.features_customer_product
        )
        from training.labels_purchase where as_of_date = date '{newest}'
        union all
        select as_of_date, customer_id, product_id, 1::integer, 1::bigint from shuffled where as_of_date < date '{newest}' and place <= 300
        """,
    )
    train.train(run, "purchase")
    version = registry.serving(run, "purchase")
    assert version.kind == "baseline"
    assert version.measured["ndcg_at_10"]["model"] <= version.measured["ndcg_at_10"]["baseline"]


def test_too_little_data_is_refused_with_a_reason_and_the_baseline_serves(run):
    world.change(run, f"update training.as_of_dates set is_label_known = as_of_date >= date '{AS_OF_DATE}' - 60")
    train.train(run, "purchase")
    version = registry.serving(run, "purchase")
    assert version.kind == "baseline"
    ((name, is_passed, found),) = version.checks
    assert (name, is_passed) == ("enough data", False)
    assert "1 complete windows to learn from in which a customer bought, at least 2 are needed" in found
    with warehouse.connect(run) as connection, pytest.raises(minima.TooLittleData, match="at least 2"):
        boosted.fit(connection, [date(2017, 9, 28)])


def test_every_feature_of_the_table_of_reasons_and_of_families_is_there(run):
    """A column that no table has would be empty in every shop, and nobody would notice."""
    there = {
        f"{pairs.PREFIX[table]}{column}"
        for table, name in pairs.TABLES.items()
        for (column,) in world.ask(
            run, f"select column_name from duckdb_columns() where schema_name = 'features' and table_name = '{name}'"
        )
    }
    assert set(pairs.columns()) <= there | {pairs.PREFIX[table] + column for table, column in pairs.MADE}


def test_who_registered_on_the_evening_before_is_given_a_list(run):
    """In New York it was still the 27th: the mart holds nobody who is not known yet. At a date that was learned from they were not there."""
    late = f"{run.as_of_date} 02:30:00"
    world.change(run, f"insert into marts.customers values ('late', null, '{late}', null), ('long ago', null, '2016-01-01 12:00:00', null)")
    with warehouse.connect(run) as connection:
        asked, learned = (
            {customer for batch in cold.pairs(connection, schema, day) for customer in batch["customer_id"]}
            for schema, day in (("features", run.as_of_date), ("training", max(train.labelled_dates(connection, run))))
        )
    assert {"late", "long ago"} <= asked
    assert "late" not in learned
    assert "long ago" in learned


def test_what_nobody_of_few_bought_is_rare_and_not_impossible(monkeypatch):
    nothing = pd.DataFrame({"is_bought": [False] * 99, ORDERS_30D: 1.0})
    monkeypatch.setattr(cold, "pairs", lambda *asked, **how: iter([nothing]))
    fitted = cold.fit(None, AS_OF_DATE)
    assert fitted.probability(nothing) == pytest.approx(np.full(99, 0.005))


def test_what_a_baseline_lists_is_gone_before_the_next_is_asked(run, fitted, monkeypatch):
    """Pairs by the million are kept of one method at a time."""
    model, listed, judge = fitted("purchase", before_newest=True).active, [], purchase_trials.judge_fallback

    def noted(*asked):
        assert not any(one() for one in listed)
        judged = judge(*asked)
        listed.append(weakref.ref(judged))
        return judged

    monkeypatch.setattr(purchase_trials, "judge_fallback", noted)
    with warehouse.connect(run) as connection:
        ((cut_off, earlier),) = splits.windows(train.labelled_dates(connection, run), most=1)
        told = purchase_trials.trials(connection, cut_off, earlier, model)
    assert len(listed) == len(fallback.METHODS) == len(told) - 1
