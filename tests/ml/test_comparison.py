"""Laws of the paired bootstrap."""

import numpy as np
import pytest

from ml import comparison, measures
from ml.comparison import mean_of


def windows(better: str = "higher", count: int = 400, gain: float = 0.1, noise: float = 0.05):
    chance = np.random.default_rng(1)
    units = np.array([f"u{place}" for place in range(count)])
    hard = chance.normal(size=count)  # what makes a unit hard for every method
    ours = hard + gain + noise * chance.normal(size=count)
    theirs = hard + noise * chance.normal(size=count)
    is_few = np.arange(count) < count // 4
    told = {"better": better, "segments": {"few": is_few}}
    return [{"model": {"m": mean_of(units, ours, **told)}, "good": {"m": mean_of(units, theirs, **told)},
             "poor": {"m": mean_of(units, theirs - 5, **told)}}], ours - theirs, is_few  # fmt: skip


def test_the_interval_is_that_of_the_units_differences():
    found, differences, _ = windows()
    told = comparison.difference(found, "m")
    half = 1.96 * differences.std() / np.sqrt(len(differences))
    assert told.difference == pytest.approx(differences.mean())
    assert told.lower == pytest.approx(differences.mean() - half, abs=0.1 * half)
    assert told.upper == pytest.approx(differences.mean() + half, abs=0.1 * half)


def test_the_best_baseline_is_the_one_to_beat_whichever_way_is_better():
    assert comparison.difference(windows("higher")[0], "m").baseline == "good"
    assert comparison.difference(windows("lower")[0], "m").baseline == "poor"
    assert comparison.difference(windows("")[0], "m") is None


def test_a_unit_seen_at_two_cut_offs_is_no_independent_news():
    once, _, _ = windows()
    one, two = comparison.difference(once, "m"), comparison.difference([*once, *once], "m")
    assert (one.lower, one.upper) == pytest.approx((two.lower, two.upper))


def test_a_segment_is_judged_on_its_own_units():
    found, differences, is_few = windows()
    assert comparison.difference(found, "m", "few").difference == pytest.approx(differences[is_few].mean())
    assert comparison.means(found, "few")["model"]["m"] == pytest.approx(found[0]["model"]["m"].value(is_few.astype(float)))


def test_units_without_a_value_do_not_count():
    measure = mean_of(np.array(["a", "b", "c"]), np.array([1.0, np.nan, 2.0]))
    assert measure.plain() == 1.5
    assert np.isnan(measure.value(np.array([0.0, 1.0, 0.0])))


def test_what_rests_on_fewer_than_five_units_has_no_interval():
    """Of one unit every draw says the same, which is not certainty."""
    found, *_ = windows()
    for size, has_interval in ((2, False), (12, True)):
        found[0]["model"]["m"].segments["few"] = np.arange(400) < size
        told = comparison.difference(found, "m", "few")
        assert not np.isnan(told.difference)
        assert np.isnan([told.lower, told.upper]).tolist() == [not has_interval] * 2
    one_of_a_kind = np.arange(40) == 0
    by_luck = comparison.difference(
        [{name: measures.of_probabilities(np.arange(40), one_of_a_kind.astype(int), told) for name, told in ranks().items()}], "auc"
    )
    assert by_luck.difference == pytest.approx(-0.5, abs=0.02)
    assert np.isnan(by_luck.lower)


def ranks() -> dict[str, np.ndarray]:
    """Of forty customers the first one leaves: one method has him in the middle, the other at the top."""
    return {"model": np.roll(np.linspace(0.9, 0.1, 40), 20), "good": np.linspace(0.9, 0.1, 40)}
