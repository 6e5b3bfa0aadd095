"""Every metric against a value worked out by hand, or against scikit-learn's."""

import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from ml import measures, metrics


def of_one(hits: list[bool], count_relevant: int, at: int) -> dict[str, float]:
    return {name: values[0] for name, values in metrics.of_each_list(np.array([hits]), np.array([count_relevant]), at).items()}


def test_ranking_of_one_list_with_hits_on_places_one_and_three():
    measured = of_one([True, False, True, False], 3, at=4)
    assert measured["recall_at_4"] == pytest.approx(2 / 3)
    assert measured["precision_at_4"] == pytest.approx(2 / 4)
    assert measured["ndcg_at_4"] == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2))
    assert measured["map_at_4"] == pytest.approx((1 + 2 / 3) / 3)
    assert measured["hit_rate_at_4"] == 1


def test_customers_who_bought_nothing_do_not_count():
    measured = measures.of_lists(np.array(["a", "b"]), np.array([[True, True], [False, False]]), np.array([2, 0]), at=2)
    assert measured["ndcg_at_2"].plain() == measured["recall_at_2"].plain() == 1


def test_a_list_without_hits_counts_as_zero():
    measured = measures.of_lists(np.array(["a", "b"]), np.array([[True, True], [False, False]]), np.array([2, 5]), at=2)
    assert measured["ndcg_at_2"].plain() == measured["hit_rate_at_2"].plain() == measured["recall_at_2"].plain() == 0.5


def test_probabilities_by_hand():
    measured = measures.of_probabilities(np.arange(4), np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.4, 0.4]))
    assert measured["brier"].plain() == pytest.approx((0.01 + 0.04 + 0.36 + 0.16) / 4)
    assert measured["log_loss"].plain() == pytest.approx(-(math.log(0.9) + math.log(0.8) + math.log(0.4) + math.log(0.6)) / 4)
    assert measured["auc"].plain() == pytest.approx(3.5 / 4)  # of four pairs of a yes and a no, three are in order and one is a tie


@pytest.mark.parametrize("digits", [1, 6])
def test_a_unit_that_counts_twice_is_as_if_its_rows_stood_there_twice(digits):
    chance = np.random.default_rng(3)
    probability = chance.uniform(size=300).round(digits)  # one digit: many ties
    is_true = (chance.uniform(size=300) < probability).astype(int)
    unit_of_row = chance.integers(0, 20, 300)
    weights = chance.integers(0, 4, 20).astype(float)
    measured = measures.of_probabilities(np.arange(20), is_true, probability, unit_of_row)
    times = weights[unit_of_row]
    assert measured["auc"].value(weights) == pytest.approx(roc_auc_score(is_true, probability, sample_weight=times))
    assert measured["pr_auc"].value(weights) == pytest.approx(average_precision_score(is_true, probability, sample_weight=times))
    assert measured["brier"].value(weights) == pytest.approx(np.average((probability - is_true) ** 2, weights=times))


def test_calibration_error_is_what_was_promised_less_what_was_kept():
    is_true = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    promised = np.array([0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5])
    assert metrics.ece(is_true, promised, np.ones(8), bins=2) == pytest.approx((0 + abs(2 - 3)) / 8)
    assert metrics.ece(np.array([0, 1]), np.array([0.0, 1.0]), np.ones(2)) == 0


def test_rank_quality_is_undefined_where_all_answers_are_the_same():
    measured = measures.of_probabilities(np.arange(3), np.zeros(3, dtype=int), np.array([0.1, 0.2, 0.3]))
    assert math.isnan(measured["auc"].plain())
    assert math.isnan(measured["pr_auc"].plain())


def test_quantities_by_hand():
    actual = np.array([0.0, 10.0])
    measured = metrics.quantity(
        actual, p10=np.array([0.0, 11.0]), p50=np.array([1.0, 12.0]), p90=np.array([2.0, 14.0]), mean=np.array([1.0, 8.0])
    )
    assert measured["wape"] == pytest.approx((1 + 2) / 10)
    assert measured["wape_of_mean"] == pytest.approx((1 + 2) / 10)
    assert measured["bias"] == pytest.approx(-1 / 10)
    assert measured["coverage_80"] == 0.5
    assert measured["pinball"] == pytest.approx((0 + 0.9 * 1 + 0.5 * 1 + 0.5 * 2 + 0.1 * 2 + 0.1 * 4) / 6)
