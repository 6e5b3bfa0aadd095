"""Killed halfway and run again, `make run` publishes what an uninterrupted run does."""

import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import House
from tests.pipeline.published_rows import assert_same, published_rows

# A step's line comes when it has ended; some time later the next one is in the middle of its work, and is stopped or killed.
MIDDLES = {
    "conformed": ("build_staging", 1.0, signal.SIGKILL),
    "training": ("gate_training", 2.0, signal.SIGTERM),
    "publishing": ("gate_predictions", 0.3, signal.SIGKILL),
}
ENDS = {signal.SIGTERM: 130, signal.SIGKILL: -signal.SIGKILL}


@pytest.fixture(scope="module")
def made_good(new_house, finished_house) -> dict[str, House]:
    """A house a middle, in which a run was killed and another one went through; all at the same time, since each takes minutes."""
    houses = {middle: new_house() for middle in MIDDLES}
    for middle, house in houses.items():
        if middle != "training":  # the same models once more would take their time, and tell nothing of this
            shutil.copytree(finished_house[0].models, house.models)
    with ThreadPoolExecutor() as at_once:
        list(at_once.map(kill_and_run, houses.values(), MIDDLES.values()))
    return houses


def kill_and_run(house: House, middle: tuple[str, float, signal.Signals]) -> None:
    last_line, seconds, how = middle
    killed = house.start()
    for line in killed.stdout:
        if last_line in line:
            time.sleep(seconds)
            os.killpg(killed.pid, how)
            break
    killed.wait(timeout=300)  # CatBoost hears of it when a tree is done
    assert killed.returncode == ENDS[how], f"it ended before {seconds} s after {last_line}"
    house.run()


@pytest.mark.parametrize("middle", MIDDLES)
def test_a_killed_run_is_made_good_by_the_next(middle, made_good, finished_house):
    assert_same(published_rows(made_good[middle].published), published_rows(finished_house[0].published))
