"""How near a model comes to the true probabilities is told on the customers and products that the truth means."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from forecart import warehouse
from ml import oracle, pairs, sample_truth, splits
from tests.ml import world


class Knowing:
    """Scores pairs by the true probability, or by what `told` makes of its log-odds."""

    def __init__(self, true: pd.DataFrame, told=lambda log_odds: log_odds):
        self.true, self.told = true.set_index(["customer_id", "product_id"])["true_probability"], told

    def score(self, batch: pd.DataFrame) -> np.ndarray:
        known = self.true.reindex(pd.MultiIndex.from_frame(batch[["customer_id", "product_id"]])).to_numpy()
        return self.told(logit(np.clip(known, 1e-4, 1 - 1e-4)))

    def probability(self, score: np.ndarray, features: pd.DataFrame) -> np.ndarray:
        return expit(score)


@pytest.fixture
def drawn(run):
    """The connection to a training set whose purchases after the newest cut-off are drawn by known chances, the day, and the chances."""
    day = run.as_of_date - splits.HORIZON
    with warehouse.connect(run) as connection:
        true = pd.concat(batch[["customer_id", "product_id"]] for batch in pairs.batches(connection, "training", day)).reset_index(
            drop=True
        )
        dice = np.random.default_rng(5)
        true["true_probability"] = dice.beta(0.5, 3, len(true))
        is_bought = dice.random(len(true)) < true["true_probability"]
        connection.register("bought", true[is_bought])
        connection.execute("delete from training.labels_purchase where as_of_date = ?", [day])
        connection.execute(
            """
            insert into training.labels_purchase by name
            select customer_id, product_id, $day::date as as_of_date, 1 as count_orders_30d, 1 as units_30d from bought
            """,
            {"day": day},
        )
        yield connection, day, true


def test_who_knows_the_truth_reaches_the_oracle_and_is_calibrated(drawn):
    connection, day, true = drawn
    told = oracle.judged(connection, day, Knowing(true), true)
    assert told["share_of_oracle_ndcg"] == pytest.approx(1)
    assert told["calibration_slope"] == pytest.approx(1, abs=0.1)
    assert told["correlation_with_truth"] == pytest.approx(1)
    assert told["mean_probability"] == pytest.approx(told["mean_bought"], abs=0.02)


def test_who_promises_too_much_is_told_by_the_slope_and_who_guesses_by_the_lists(drawn):
    connection, day, true = drawn
    assert oracle.judged(connection, day, Knowing(true, lambda log_odds: 2 * log_odds), true)["calibration_slope"] == pytest.approx(
        0.5, abs=0.05
    )
    guessing = Knowing(true, lambda log_odds: np.random.default_rng(1).permutation(log_odds))
    assert oracle.judged(connection, day, guessing, true)["share_of_oracle_ndcg"] < 0.7


def test_truth_is_told_of_persons_with_one_account_by_the_ids_of_the_marts(run, tmp_path, monkeypatch):
    monkeypatch.setattr(sample_truth, "folder", lambda: tmp_path)
    with duckdb.connect() as connection:
        for name, rows in {
            "purchase_probabilities": "date '2017-09-28' as as_of_date, unnest([1, 2, 3]) as person_id, 70 as product_id, .25 as probability",
            "customer_numbers": "unnest([1, 2, 2]) as person_id, unnest([11, 12, 13]) as customer_number",
            "product_numbers": "'catalogue' as system, 'K70' as source_id, 70 as product_id",
        }.items():
            connection.execute(f"copy (select {rows}) to '{tmp_path / name}.parquet'")
        connection.execute(f"attach '{tmp_path / 'subjects.duckdb'}' as vault")
        connection.execute("create table vault.subjects as select 'C11' as source_id, 's11' as subject_id union all select 'C12', 's12'")
    world.change(
        run, "create table marts.customer_sources as select 's11' as source_customer_id, 'c01' as customer_id union all select 's12', 'c02'"
    )
    world.change(run, "create table marts.product_sources as select 'catalogue' as system, 'K70' as source_product_id, 'p07' as product_id")
    with warehouse.connect(run) as connection:
        found = oracle.true_probabilities(connection, tmp_path / "subjects.duckdb")
    assert found.drop(columns="as_of_date").to_numpy().tolist() == [["c01", "p07", 0.25]]


def test_without_a_truth_it_says_what_makes_one(tmp_path, monkeypatch):
    monkeypatch.setattr(sample_truth, "folder", lambda: tmp_path)
    with pytest.raises(sample_truth.ForecartError, match="make sample-shop"):
        sample_truth.products()
