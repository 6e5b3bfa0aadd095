"""`make run` on a small shop: what a user finds afterwards."""

import json
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from forecart import summary
from tests.conftest import House
from tests.pipeline.published_rows import assert_same, published_rows

LIVE_AS_OF = "2018-01-01"
CUT_OFF = "2017-12-02"


@pytest.fixture(scope="module")
def historical(finished_house, cut_house, tmp_path_factory):
    """A finished house that then predicted from an earlier date, the file of that date, and which live file there was before, since when.

    The cut house predicts at the same time: each trains, which is what takes the time.
    """
    house = finished_house[0].copy_to(tmp_path_factory.mktemp("historical") / "house")
    live = house.published.resolve(), house.published.stat().st_mtime_ns
    with ThreadPoolExecutor() as both:
        runs = [both.submit(house.run, "--as-of", CUT_OFF), both.submit(cut_house.run)]
        for run in runs:
            run.result()
    return house, house.data / house.shop / "as_of" / CUT_OFF / "forecart.duckdb", live


@pytest.fixture(scope="module")
def cut_house(new_house) -> House:
    """A house in which nothing has run, whose source ends the day before the earlier date."""
    house = new_house()
    whole = house.source / "transactions.parquet"
    kept = duckdb.read_parquet(str(whole)).filter(
        f"(transaction_timestamp at time zone 'UTC' at time zone 'America/New_York')::date < date '{CUT_OFF}'"
    )
    kept.order("basket_id, product_id").write_parquet(str(whole) + ".cut")
    whole.with_name("transactions.parquet.cut").replace(whole)
    return house


def test_a_run_ends_with_a_file_that_answers(finished_house):
    house, said = finished_house
    active = house.ask(
        "select count(distinct customer_id) from marts.order_lines where is_purchase and order_date >= date '2018-01-01' - 90"
    )
    lists = house.ask("select count(distinct customer_id), min(rank), max(rank), count(*) from predictions.product_recommendations")
    customers = house.ask("select count(*) from marts.customers where has_marketing_consent is not false")[0][0]
    assert lists == [(customers, 1, 20, 20 * customers)]
    assert house.ask("select count(distinct customer_id) from predictions.discoveries") == [(customers,)]
    assert house.ask("select count(reason_1) > 0.9 * count(*) from predictions.product_recommendations") == [(True,)]
    assert house.ask("select count(*) > 100 from predictions.demand_forecast where horizon_days = 30 and units_p10 <= units_p90") == [
        (True,)
    ]
    assert house.ask("select count(*) from predictions.churn_risk where churn_probability between 0 and 1") == active
    assert str(house.published) in said.replace("\n", "")


def test_what_the_summary_tells_of_a_model_is_measured(finished_house):
    house, _ = finished_house
    measured = set(house.ask("select question, metric from quality.model_metrics where model is not null and baseline is not null"))
    assert {(question, metric) for question, (metric, *_) in summary.IN_WORDS.items()} <= measured


def test_every_prediction_row_tells_where_it_comes_from(finished_house):
    house, _ = finished_house
    for table in ("product_recommendations", "discoveries", "demand_forecast", "churn_risk"):
        told = house.ask(
            f"select distinct as_of_date::varchar, data_until::varchar, run_id is null, model_version is null from predictions.{table}"
        )
        assert told == [(LIVE_AS_OF, "2017-12-31", False, False)], table


def test_every_published_table_and_column_is_described(finished_house):
    house, _ = finished_house
    undescribed = """
        select schema_name || '.' || table_name from duckdb_tables() where comment is null and schema_name in ('marts', 'predictions')
        union all
        select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
        where comment is null and schema_name in ('marts', 'predictions')
    """
    assert house.ask(undescribed) == []


def test_ids_lead_back_to_the_sources_own_through_the_vault_alone(finished_house):
    house, _ = finished_house
    source = house.source / "transactions.parquet"
    households = duckdb.sql(f"select distinct household_id::varchar from '{source}' order by all").fetchall()
    found = house.ask("""
        select distinct source_customer_id from marts.customer_sources inner join marts.orders using (customer_id)
        where system = 'complete_journey'
    """)
    subjects = dict(house.ask("select subject_id, source_id from subjects", house.vault / "subjects.duckdb"))
    assert sorted((subjects[one],) for (one,) in found) == households
    assert not set(found) & set(households)


def test_nothing_is_lost_between_landing_and_marts(finished_house):
    house, _ = finished_house
    warehouse = house.data / house.shop / "warehouse" / "warehouse.duckdb"
    rows = house.ask("select entity, landed, accepted, quarantined, dropped from conformed.reconciliation", warehouse)
    of_the_source = [
        "order_lines",
        "products",
        "customers",
        "promotions",
        "campaigns",
        "campaign_customers",
        "coupons",
        "coupon_redemptions",
    ]
    assert sorted(entity for entity, landed, *_ in rows if landed) == sorted(of_the_source)
    for entity, landed, accepted, quarantined, dropped in rows:
        assert landed == accepted + quarantined + dropped, entity


def test_a_second_run_with_nothing_new_publishes_nothing(house):
    before = house.published.resolve(), published_rows(house.published)
    house.run()
    assert house.published.resolve() == before[0]
    assert_same(published_rows(house.published), before[1])


def test_a_historical_run_knows_nothing_of_later_days_and_leaves_the_live_file_alone(historical):
    house, file, live = historical
    newest = house.ask(
        """
        select max(day)::varchar from (
            select max(order_date) as day from marts.order_lines
            union all select max(sale_date) from marts.daily_product_sales
            union all select max(last_order_date) from marts.customers
            union all select max(week_start_date) from marts.promotions
            union all select max(redemption_date) from marts.coupon_redemptions
            union all select max(data_until) from predictions.product_recommendations)
        """,
        file,
    )
    assert newest == [("2017-12-01",)]
    assert house.ask("select distinct as_of_date::varchar from predictions.churn_risk", file) == [(CUT_OFF,)]
    assert (house.published.resolve(), house.published.stat().st_mtime_ns) == live


def test_what_happened_later_does_not_change_a_historical_run(historical, cut_house):
    """The same date predicted from a source that ends the day before it: nothing later can have leaked."""
    _, file, _ = historical
    assert_same(published_rows(file), published_rows(cut_house.published))


def test_the_manifest_is_of_the_file_beside_it(finished_house):
    house, _ = finished_house
    from forecart.durable import sha256_of

    manifest = json.loads((house.published.parent / "manifest.json").read_text())
    assert manifest["sha256"] == sha256_of(house.published)
    assert manifest["as_of_date"] == LIVE_AS_OF


def test_every_example_question_is_answered(finished_house):
    house, _ = finished_house
    from forecart.cli.query import questions

    for question in questions():
        assert house.ask(question.sql), question.title
