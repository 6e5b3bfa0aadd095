"""Each kind of bad challenger is kept out, by the check that is there for it; a good one serves."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from forecart import warehouse
from ml import comparison, gates, legend, registry, train
from tests.ml import little_question, world
from tests.ml.little_question import Broken, learned


@pytest.fixture
def little(run, monkeypatch):
    return little_question.install(run, monkeypatch)


def with_everything_there_is(connection, dates):
    """Learns from the hold-out as well, as far as it is there."""
    days = [day for (day,) in connection.execute("select distinct as_of_date::date from training.labels_little").fetchall()]
    return learned(connection, days)


BAD = {
    "leaking": (partial(learned, columns=("x", "answer")), "not too good: auc"),
    "from the future": (with_everything_there_is, "reads no later rows"),
    "peeking": (partial(learned, peeks=True), "learns nothing from shuffled answers"),
    "miscalibrated": (partial(learned, shift=1.5), "calibrated: promised_over_kept"),
    "worse": (partial(learned, columns=("noise",)), "better than the best baseline"),
    "unloadable": (partial(learned, kind=Broken), "reloads to the same scores"),
}


def test_a_good_challenger_serves_and_what_it_passed_is_kept(run, little):
    told = train.train(run, "little")
    version = registry.serving(run, "little")
    assert version.kind == "catboost"
    assert version.label == told["model_version"]
    assert all(is_passed for _, is_passed, _ in version.checks)
    assert {name for name, *_ in version.checks} > {check for _, check in BAD.values()}
    assert {name.partition(":")[0] for name, *_ in version.checks} <= legend.CHECKS.keys()
    assert version.measured["auc"]["model"] > version.measured["auc"]["baseline"]
    lower, upper = version.intervals["better than the best baseline"]
    assert 0 < lower < version.measured["auc"]["model"] - version.measured["auc"]["baseline"] < upper


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_challenger_is_kept_out(run, little, kind):
    little.fit, caught_by = BAD[kind]
    told = train.train(run, "little")
    assert told["checks"][caught_by] is False
    serving, refused = registry.serving(run, "little"), registry.newest_challenger(run, "little")
    assert (serving.kind, refused.kind) == ("baseline", "catboost")
    of_serving, of_refused = serving.measured["auc"], refused.measured["auc"]
    assert of_serving["model"] == of_serving["baseline"] == of_refused["baseline"] != of_refused["model"]  # its own figures
    assert any(name == caught_by and not is_passed and found for name, is_passed, found in refused.checks)


@pytest.mark.parametrize(("fit", "is_passed"), [(learned, True), (partial(learned, peeks=True), False)])
def test_where_one_metric_is_undefined_among_shuffled_answers_the_next_one_tells(run, little, fit, is_passed):
    """As where hardly anybody buys anything twice: at random, no product bought before is bought again."""
    judge = little.judge

    def with_one_undefined(model, connection, cut_off):
        found = judge(model, connection, cut_off)
        return found | {
            "undefined": comparison.Measure(found["auc"].units, lambda weights: np.nan),
            "auc": replace(found["auc"], better=""),
        }

    little.judge, little.fit, little.CHANCE = with_one_undefined, fit, {"undefined": 0.5, "auc": 0.5}
    with warehouse.connect(run) as connection:
        newest, *earlier = train.labelled_dates(connection, run)
        assert gates.nothing_from_shuffled_answers(little, connection, newest, earlier).is_passed is is_passed
        little.CHANCE = {"undefined": 0.5}
        told = gates.nothing_from_shuffled_answers(little, connection, newest, earlier)
    assert (told.is_passed, told.found) == (False, "undefined there: undefined")


def test_a_challenger_as_far_off_as_the_best_baseline_is_let_in_though_a_worse_one_is_not_off(run, little):
    """What else would serve is the best baseline, not the one that happens to be calibrated."""
    trials, off = little.trials, 1.5
    little.fit, caught_by = partial(learned, shift=off), "calibrated: promised_over_kept"
    little.fit_baseline = partial(learned, name="baseline", digits=0, shift=off)

    def with_a_worse_one(connection, cut_off, earlier, model):
        worse = learned(connection, earlier, name="worse", columns=("noise",))
        return trials(connection, cut_off, earlier, model) | {"worse": little.judge(worse, connection, cut_off)}

    little.trials = with_a_worse_one
    told = train.train(run, "little")
    assert told["checks"][caught_by] is True
    kept = told["metrics"]["promised_over_kept"]
    assert kept["baseline"] > 0.2  # of the best baseline, not of the one that is off the most or the least


def test_of_many_segments_none_is_below_by_chance_alone():
    chance = np.random.default_rng(3)
    units = np.arange(600).astype(str)
    segments = {str(name): chance.permutation(600) < 100 for name in range(30)}
    trials = [{name: {"gain": comparison.mean_of(units, chance.normal(size=600), segments=segments)} for name in ("model", "baseline")}]
    alone = [comparison.difference(trials, "gain", segment) for segment in segments]
    assert any(found.upper < 0 for found in alone)
    assert gates._no_segment_worse(trials, "gain", list(segments)).is_passed
    trials[0]["model"]["gain"] = comparison.mean_of(units, -3.0 * segments["7"], segments=segments)
    assert not gates._no_segment_worse(trials, "gain", list(segments)).is_passed


def test_later_rows_are_told_by_all_that_is_judged_not_by_the_scores_alone(run, little):
    little.fit, caught_by = BAD["from the future"]
    little.scores = lambda *_: np.ones(3)
    told = train.train(run, "little")
    assert told["checks"]["reloads to the same scores"]
    assert told["checks"][caught_by] is False


def test_a_champion_that_is_better_goes_on(run, little):
    champion = promoted_long_ago(run, learned)
    little.fit = partial(learned, digits=0)  # above its baseline, below the champion
    little.fit_baseline = partial(learned, name="baseline", columns=("noise",))
    told = train.train(run, "little")
    assert told["checks"]["better than the best baseline"]
    assert told["checks"]["better than the champion"] is False
    assert registry.serving(run, "little").number == champion.number


def test_a_champion_that_does_not_load_makes_way_for_the_baseline(run, little):
    promoted_long_ago(run, partial(learned, kind=Broken))
    little.fit, _ = BAD["worse"]
    train.train(run, "little")
    assert registry.serving(run, "little").kind == "baseline"


def test_a_champion_that_knows_the_windows_answers_is_not_compared_on_them(run, little):
    train.train(run, "little")
    told = train.train(run, "little")
    newest = registry.newest_challenger(run, "little")
    assert told["checks"]["better than the champion"]
    assert next(found for name, _, found in newest.checks if name == "better than the champion").startswith("not comparable")


def test_checks_leave_the_training_set_as_it_was(run, little):
    before = world.ask(run, "select bit_xor(hash(l)), count(*) from training.labels_little as l")
    train.train(run, "little")
    assert world.ask(run, "select bit_xor(hash(l)), count(*) from training.labels_little as l") == before


def test_the_same_data_have_the_same_hashes_and_others_have_others(run, little):
    def hashes() -> dict[str, str]:
        train.train(run, "little")
        return registry.parameters(run, registry.newest_challenger(run, "little"))

    first, again = hashes(), hashes()
    assert first == again
    world.change(run, "create or replace table training.features_customer as from training.features_customer order by customer_id desc")
    assert hashes()["features"] == first["features"]
    world.change(run, "update training.features_customer set count_orders_7d = count_orders_7d + 1 where customer_id = 'c00'")
    assert hashes()["features"] != first["features"]
    assert hashes()["marts"] == first["marts"]


def promoted_long_ago(run, fit) -> registry.Version:
    """A champion that knows nothing of the windows that challengers are judged on."""
    dates = train.training_dates(run)
    long_ago = type(run)(run.shop, dates[2])
    with warehouse.connect(run) as connection:
        version = registry.register(long_ago, "little", fit(connection, dates[3:]), {}, "", {})
    registry.promote(long_ago, version)
    return version
