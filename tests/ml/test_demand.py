"""Laws of the sales forecast."""

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from forecart import dbt, shop, warehouse
from forecart.run import Run
from ml import demand, features, predict, splits, train
from ml.demand import classics, daily, model, monthly, spread
from ml.demand.trials import histories
from tests.ml import world

DAYS = daily.HORIZON_DAYS


def predicted(run: Run, fit: str) -> dict[str, pd.DataFrame]:
    """Each table of the question, after a fit."""
    tables: dict[str, list[pd.DataFrame]] = {}
    with warehouse.connect(run) as connection:
        model = getattr(demand, fit)(connection, train.labelled_dates(connection, run))
        for table, rows in demand.predict(model, connection, run):
            tables.setdefault(table, []).append(rows)
    return {table: pd.concat(rows) for table, rows in tables.items()}


@pytest.mark.parametrize("fit", ["fit", "fit_baseline"])
def test_means_add_up_from_products_to_the_total_and_quantiles_are_in_order(run, fit):
    tables = predicted(run, fit)
    sales = tables["sales_forecast"]
    for parts, level in ((["product", "remainder"], "category"), (["category"], "department"), (["department"], "total")):
        for measure in ("units_mean", "revenue_cents_mean"):
            whole = sales[sales["level"] == level].set_index(["key", "sale_date"])[measure]
            summed = sales[sales["level"].isin(parts)].groupby(["parent_key", "sale_date"], observed=True)[measure].sum()
            assert whole.sum() > 0
            np.testing.assert_allclose(summed.reindex(whole.index), whole)
    told = sales[sales["level"] != "remainder"]
    assert (told["units_p10"] <= told["units_p50"]).all()
    assert (told["units_p50"] <= told["units_p90"]).all()
    month = tables["demand_forecast"].set_index("product_id")["units_mean"]
    of_days = sales[sales["level"] == "product"].groupby("key", observed=True)["units_mean"].sum()
    np.testing.assert_allclose(of_days.reindex(month.index), month)


def test_a_level_of_many_keys_is_told_by_the_models_own_errors_alone(monkeypatch):
    own, older = (np.full(spread.GROUP, 4.0), np.full(spread.GROUP, 4.0)), (np.full(spread.GROUP, 4.0), np.full(spread.GROUP, 40.0))
    few = tuple(values[:10] for values in own)
    monkeypatch.setattr(model, "_outcomes", lambda *asked: {"total": older})
    dates = [date(2025, 2, 1), date(2025, 1, 1)]
    many, little = (model._spreads(None, dates, {dates[0]: {"total": of}})["total"] for of in (own, few))
    assert many.around(np.array([4.0]))[0, 2] < 5 < little.around(np.array([4.0]))[0, 2]


def test_a_date_before_which_nothing_sold_is_told_of_nothing(run):
    with warehouse.connect(run) as connection:
        day = train.labelled_dates(connection, run)[-1]
    world.change(run, f"delete from training.features_product_demand where as_of_date = '{day}'")
    with warehouse.connect(run) as connection:
        told = model.Model(model.BASELINE).forecast(connection, "training", day)
    assert not told.means.products.size
    assert not told.revenues()["total"].any()


def test_all_batches_go_into_one_table_and_a_remainder_has_no_quantiles(run, monkeypatch):
    monkeypatch.setattr(predict.landing, "data_until", lambda shop, run: run.as_of_date)
    train.train(run, "demand")
    told = predict.predict(run, "demand", "run 1")
    assert set(told["rows"]) == {"sales_forecast", "demand_forecast", "restock_plan"}
    levels = world.ask(
        run, "select level, count(units_p10) = count(*), count(parent_key) = count(*) from predictions.sales_forecast group by 1 order by 1"
    )
    assert levels == [
        ("category", True, True),
        ("department", True, True),
        ("product", True, True),
        ("remainder", False, True),
        ("total", True, False),
    ]
    assert world.ask(run, "select count(*) from predictions.sales_forecast where isnan(units_p10)") == [(0,)]
    unrounded = "units_until_arrival <> round(units_until_arrival, 2) or probability_of_running_out <> round(probability_of_running_out, 4)"
    assert world.ask(run, f"select count(*) from predictions.restock_plan where {unrounded}") == [(0,)]


@pytest.fixture
def short_run(run) -> Run:
    """A shop in which p00 ran out on the last ten days, p01 is to be promoted in a week, and p04 is."""
    day = run.as_of_date
    world.change(
        run,
        f"""
        delete from marts.daily_product_sales where product_id = 'p00' and sale_date >= date '{day}' - 10;
        insert into marts.stock_levels
        select 'p00', date '{day}' - i::int, 0, 0, true from range(1, 11) as days(i);
        insert into marts.promotions values
            ('p01', date '{day}' + 7, date '{day}' + 13, 2, 2, 1, 0.2), ('p04', date '{day}' - 3, date '{day}' + 3, 1, 1, 0, 0.2);
        """,
    )
    return run


def test_days_without_stock_count_as_what_would_have_sold_and_a_plan_only_where_it_is_known(short_run, monkeypatch):
    run = short_run
    closed = run.as_of_date + timedelta(days=3)
    monkeypatch.setattr(features, "closed_dates", lambda shop: [f"{closed:%m-%d}"])
    features.build(run, [run.as_of_date])
    ((sold, wanted, days_out),) = world.ask(
        run,
        """
        select units_30d, demand_30d / 1000, days_out_of_stock_30d
        from features.features_product inner join features.features_product_demand using (as_of_date, product_id) where product_id = 'p00'
        """,
    )
    assert days_out == 10
    assert sold < wanted < 3 * sold
    plan = "select product_id, promoted_store_days_next_30d from features.features_product_demand where product_id in ('p01', 'p04') order by 1"
    assert world.ask(run, plan) == [("p01", 0), ("p04", 4)]
    days = """
        select key, min(horizon_day), max(horizon_day), min(promoted_stores), min(discount_milli), any_value(promoted_stores_56d)
        from features.features_sales_day where key in ('p01', 'p04') and promoted_stores > 0 group by key order by key
    """
    assert world.ask(run, days) == [("p04", 1, 4, 1, 200, 3)]
    forecast = predicted(run, "fit")["sales_forecast"]
    shut = forecast["sale_date"] == pd.Timestamp(closed)
    assert (forecast.loc[shut, "units_mean"] == 0).all()
    assert forecast.loc[~shut & (forecast["level"] == "total"), "units_mean"].gt(0).all()
    monkeypatch.setattr(dbt, "planned_days", lambda shop: 14)
    features.build(run, [run.as_of_date])
    assert world.ask(run, plan) == [("p01", 14), ("p04", 4)]
    assert world.ask(run, days) == [("p01", 8, 14, 2, 200, 0), ("p04", 1, 4, 1, 200, 3)]


def test_a_promotion_moves_the_day_that_it_is_planned_for(run):
    with warehouse.connect(run) as connection:
        days = daily.read(connection, "training", "product", train.labelled_dates(connection, run), is_labelled=True)
    promoted = np.random.default_rng(1).random(days.units.shape) < 0.2
    frame = days.frame.assign(promoted_stores=np.where(promoted, 5, 0).ravel(), promoted_stores_56d=56.0)
    plain, planned = (
        daily.means(daily.fit(daily.Days(of, days.units * np.where(promoted, 3, 1))), daily.Days(of)) for of in (days.frame, frame)
    )
    assert plain[promoted].mean() < 1.2 * plain[~promoted].mean()
    assert planned[promoted].mean() > 2 * planned[~promoted].mean()


def test_a_regular_products_month_is_the_mean_of_what_its_month_and_its_days_say():
    days = pd.DataFrame(np.full((1, DAYS), 2.0), index=["regular"])
    np.testing.assert_array_equal(model._with_days(np.array([10.0, 40.0]), np.array(["rare", "regular"]), days), [10, 50])


@pytest.mark.parametrize(("planned_days", "failed"), [(0, 1), (7, 1), (8, 0)])
def test_the_mart_holds_a_plan_as_far_ahead_as_it_is_declared_to_be_known(short_run, planned_days, failed):
    with warehouse.locked(short_run):
        asked = ["test", "--select", "promotions", "--exclude-resource-type", "unit_test"]
        results = dbt.invoke(short_run, asked, {"planned_days": planned_days})
    assert len(results) > 1
    assert sum(result.status == "fail" for result in results) == failed


def test_a_day_on_which_the_shop_was_closed_says_nothing_of_its_weekday(run, monkeypatch):
    def weekday_means() -> dict[date, float]:
        features.build(run, [run.as_of_date])
        with warehouse.connect(run) as connection:
            days = daily.read(connection, "features", "category", [run.as_of_date], is_labelled=False)
        return pd.Series(days.weekday_mean).groupby(days.frame["sale_date"].dt.date).sum().to_dict()

    before = weekday_means()
    monkeypatch.setattr(features, "closed_dates", lambda shop: [(run.as_of_date - timedelta(days=14)).isoformat()])
    after = weekday_means()
    for day, mean in before.items():
        is_same_weekday = (day - run.as_of_date).days % 7 == 0
        assert after[day] == pytest.approx(mean * 8 / 7 if is_same_weekday else mean)


def test_what_was_out_of_stock_was_not_asked_for_while_the_shop_was_closed(short_run, monkeypatch):
    """p00 was out of stock on the ten days before the date; of three of them the shop was closed."""
    run = short_run
    asked = "select sale_date, demand_milliunits > 1000 * units, is_out_of_stock from features.demand_days where is_out_of_stock order by 1"
    features.build(run, [run.as_of_date])
    assert [wanted for _, wanted, _ in world.ask(run, asked)] == [True] * 10
    closed = [run.as_of_date - timedelta(days) for days in (3, 2, 1)]
    monkeypatch.setattr(features, "closed_dates", lambda shop: [day.isoformat() for day in closed])
    features.build(run, [run.as_of_date])
    assert [(wanted, is_out) for _, wanted, is_out in world.ask(run, asked)] == [(True, True)] * 7 + [(False, True)] * 3


def test_departments_and_categories_are_told_apart_whatever_they_are_called(run):
    """A slash is a good name's right: a forecast of "home / garden" is none of "home"."""
    world.change(run, "update marts.products set department = 'home / ' || category[2], category = 'food / ' || category")
    features.build(run, [run.as_of_date])
    with warehouse.connect(run) as connection:
        levels = model.Model(model.BASELINE).forecast(connection, "features", run.as_of_date).means.levels()
    for level in ("department", "category"):
        sold = f"select distinct key from features.sales_series where level = '{level}' order by 1"
        assert sorted(levels[level][0]) == [key for (key,) in world.ask(run, sold)]


def test_a_refit_learns_means_anew_and_intervals_from_cut_offs_that_were_not_learned_from(run):
    with warehouse.connect(run) as connection:
        dates = train.labelled_dates(connection, run)
        before = demand.fit(connection, dates[1:])
        refitted, fitted = demand.refit(connection, dates, before), demand.fit(connection, dates)
        assert list(before.seen) == dates[1:3]
        own = [model._outcomes(before, connection, dates[0])[model.MONTH], before.seen[dates[1]][model.MONTH]]
        simple = [model._outcomes(model.Model(model.BASELINE), connection, day)[model.MONTH] for day in dates[2:]]
        assert sum(len(mean) for mean, _ in own) < spread.GROUP  # too few to tell without what simple forecasts show of older cut-offs
        mean, actual = (np.concatenate(parts) for parts in zip(*own, *simple, strict=True))
        np.testing.assert_array_equal(refitted.spreads[model.MONTH].ratios, spread.fit(mean, actual, is_count=True, are_apart=True).ratios)
        assert not refitted.seen
        means = [of.forecast(connection, "features", run.as_of_date).means.products for of in (refitted, fitted)]
    np.testing.assert_array_equal(*means)


def test_days_near_a_holiday_are_told_of(run, monkeypatch):
    assert "2017-11-23" in features.public_holidays(shop.load_shop("complete_journey"), [date(2017, 10, 30)])  # Thanksgiving
    holiday = run.as_of_date + timedelta(days=9)
    monkeypatch.setattr(features, "public_holidays", lambda shop, dates: [holiday.isoformat()])
    features.build(run, [run.as_of_date])
    near = """
        select distinct sale_date - $day, days_to_holiday, days_since_holiday from features.features_sales_day
        where days_to_holiday is not null or days_since_holiday is not null order by 1
    """
    assert world.ask(run, near.replace("$day", f"date '{holiday}'")) == [
        (days, -days if days <= 0 else None, days if days >= 0 else None) for days in range(-7, 8)
    ]


def test_an_interval_holds_eight_in_ten_of_what_is_like_the_examples():
    chance = np.random.default_rng(1)
    mean = chance.gamma(2, 20, (2, 20_000))
    actual = chance.poisson(mean)
    found = spread.fit(mean[0], actual[0].astype(float), is_count=True).around(mean[1])
    for part in np.array_split(np.argsort(mean[1])[2_000:], 3):
        held = (actual[1][part] >= found[part, 0]) & (actual[1][part] <= found[part, 2])
        assert 0.77 < held.mean() < 0.83


def test_a_small_shops_best_sellers_are_not_given_the_spread_of_what_sells_a_tenth_of_them():
    chance = np.random.default_rng(1)
    mean = np.geomspace(1, 300, 600)
    width = {}
    for are_apart in (False, True):
        low, _, high = spread.fit(mean, chance.poisson(mean).astype(float), is_count=True, are_apart=are_apart).around(np.array([300.0]))[0]
        width[are_apart] = (high - low) / (2 * 1.28 * 300**0.5)  # of a Poisson's
    assert width[True] < 0.8 * width[False]
    assert 0.8 < width[True] < 1.6


def test_categories_are_learned_from_closer_dates_whose_windows_end_before_the_cut_off(run):
    with warehouse.connect(run) as connection:
        cut_off, *earlier = train.labelled_dates(connection, run)
        closer = splits.closer(earlier)
        of_categories, of_products = (
            daily.read(connection, "training", level, closer, is_labelled=True) for level in ("category", "product")
        )
        read = {level: {day.date() for day in days.frame["as_of_date"]} for level, days in (("c", of_categories), ("p", of_products))}
        assert read["p"] == set(earlier)
        between = {day - step for day in earlier[:-1] for step in splits.BETWEEN}
        assert read["c"] == {*earlier, *between}
        assert all(day + splits.HORIZON <= cut_off for day in closer)


def test_a_day_without_a_regressor_is_the_mean_of_its_weekday(run):
    with warehouse.connect(run) as connection:
        days = daily.read(connection, "training", "category", train.labelled_dates(connection, run)[:1], is_labelled=True)
    expected = daily.means(None, days)
    assert expected.shape == days.units.shape
    np.testing.assert_allclose(expected[:, :7], expected[:, 7:14])


def test_a_usual_month_is_the_mean_over_short_and_long_windows(run):
    with warehouse.connect(run) as connection:
        days = daily.read(connection, "training", "category", [train.labelled_dates(connection, run)[0]], is_labelled=False)
        day = days.frame["as_of_date"].iloc[0].date()
        history = histories(connection, day, "category", days.keys)
    expected = 30 * np.mean([history[:, -window:].mean(axis=1) for window in daily.USUAL_WINDOWS], axis=0)
    np.testing.assert_allclose(days.usual_units, expected)


def test_the_fewer_windows_were_learned_from_the_fewer_the_trees_and_the_nearer_the_weekdays_mean(run):
    with warehouse.connect(run) as connection:
        newest, *earlier = train.labelled_dates(connection, run)
        asked = daily.read(connection, "training", "category", [newest], is_labelled=True)
        all_of_them = daily.read(connection, "training", "category", splits.closer(earlier), is_labelled=True)
    alone = daily.Days(
        all_of_them.frame[all_of_them.frame["key"] == all_of_them.keys[0]].reset_index(drop=True),
        all_of_them.units[all_of_them.keys == all_of_them.keys[0]],
    )
    much, little = daily.fit(all_of_them), daily.fit(alone)
    count_days = all_of_them.frame["sale_date"].nunique()  # overlapping windows tell of a day once
    assert little.share == pytest.approx(count_days / 30 / (count_days / 30 + daily.HALF_LEARNED))
    assert much.share > little.share
    assert 0 < little.regressor.tree_count_ < much.regressor.tree_count_ < daily.MOST_TREES
    wholly = daily.means(daily.Learned(little.regressor, 1.0), asked)
    expected = little.share * wholly + (1 - little.share) * daily.means(None, asked)
    np.testing.assert_allclose(daily.means(little, asked), expected)


def test_simple_baselines_say_what_their_names_say():
    history = np.arange(70.0).reshape(1, 70)
    assert classics.seasonal_naive(history)[0, :8].tolist() == [63, 64, 65, 66, 67, 68, 69, 63]
    assert (classics.mean_28_days(history) == np.arange(42, 70).mean()).all()
    assert classics.weekday_mean(history)[0, 0] == np.arange(14, 70, 7).mean()


def test_what_was_sold_before_its_launch_is_as_old_as_its_first_sale(run):
    """Sold in advance, or launched anew: p00 in ten days, p01 five days ago, and p02 long before anything was sold."""
    known_until = {"p00": 10, "p01": -5, "p02": -2000}
    for product, ahead in known_until.items():
        world.change(
            run, f"update marts.products set launched_date = date '{run.as_of_date + timedelta(ahead)}' where product_id = '{product}'"
        )
    features.build(run, [run.as_of_date])
    found = world.ask(
        run, "select product_id, age_days, days_since_first_sold from features.features_product where product_id <= 'p02' order by 1"
    )
    assert [(product, age == sold) for product, age, sold in found] == [("p00", True), ("p01", True), ("p02", False)]
    assert found[2][1] == 2000


def test_what_sells_on_or_after_the_date_changes_no_feature(run):
    """Sales of the horizon are in the marts of a training, and must not be seen."""
    query = "select * from training.features_sales_day where as_of_date = (select min(as_of_date) from training.as_of_dates) order by all"
    (first,) = world.ask(run, "select min(as_of_date) from training.as_of_dates")[0]
    before = world.ask(run, query)
    world.change(run, f"update marts.daily_product_sales set units = 1000 * units where sale_date >= date '{first}'")
    train.build_training_set(run)
    assert world.ask(run, query) == before


def test_trees_and_networks_have_an_equal_say_in_a_products_month():
    """Trees say how many, networks how many times the usual: 8 and 2 times 1 are 4 between them."""
    trees = SimpleNamespace(predict=lambda pool, **_: np.log(pool))
    networks = SimpleNamespace(log_rate=np.log)
    products = SimpleNamespace(
        pool=lambda features: np.array([8.0, 3.0]), features=lambda: np.array([2.0, 1.0]), level=np.array([1.0, 3.0])
    )
    assert monthly.Month(trees, networks).units(products).tolist() == pytest.approx([4, 3])
