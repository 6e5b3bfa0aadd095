"""Every metric against a value worked out by hand."""

import math

import numpy as np
import pytest

from ml import metrics


def test_ranking_of_one_list_with_hits_on_places_one_and_three():
    measured = metrics.ranking(np.array([[True, False, True, False]]), np.array([3]), at=4)
    assert measured["recall_at_4"] == pytest.approx(2 / 3)
    assert measured["precision_at_4"] == pytest.approx(2 / 4)
    assert measured["ndcg_at_4"] == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2))
    assert measured["hit_rate_at_4"] == 1


def test_customers_who_bought_nothing_do_not_count():
    hits = np.array([[True, True], [False, False]])
    assert metrics.ranking(hits, np.array([2, 0]), at=2) == metrics.ranking(hits[:1], np.array([2]), at=2)


def test_a_list_without_hits_counts_as_zero():
    measured = metrics.ranking(np.array([[True, True], [False, False]]), np.array([2, 5]), at=2)
    assert measured["ndcg_at_2"] == measured["hit_rate_at_2"] == 0.5
    assert measured["recall_at_2"] == 0.5


def test_probabilities_by_hand():
    measured = metrics.probability(np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.4, 0.4]))
    assert measured["brier"] == pytest.approx((0.01 + 0.04 + 0.36 + 0.16) / 4)
    assert measured["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(0.8) + math.log(0.4) + math.log(0.6)) / 4)
    assert measured["auc"] == pytest.approx(3.5 / 4)  # of four pairs of a yes and a no, three are in order and one is a tie


def test_calibration_error_is_what_was_promised_less_what_was_kept():
    is_true = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    promised = np.array([0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5])
    assert metrics.expected_calibration_error(is_true, promised, bins=2) == pytest.approx((0 + abs(2 - 3)) / 8)
    assert metrics.expected_calibration_error(np.array([0, 1]), np.array([0.0, 1.0])) == 0


def test_rank_quality_is_left_out_where_all_answers_are_the_same():
    assert "auc" not in metrics.probability(np.zeros(3, dtype=int), np.array([0.1, 0.2, 0.3]))


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
