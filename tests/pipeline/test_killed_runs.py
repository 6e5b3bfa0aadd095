"""Killed halfway and run again, `make run` publishes what an uninterrupted run does."""

import os
import shutil
import signal
import time

import pytest

from tests.pipeline.published_rows import assert_same, published_rows

# A step's line comes when it has ended; some time later the next one is in the middle of its work.
MIDDLES = {"conformed": ("build_staging", 1.0), "training": ("gate_training", 2.0), "publishing": ("gate_predictions", 0.3)}


@pytest.mark.parametrize("middle", MIDDLES)
def test_a_killed_run_is_made_good_by_the_next(middle, new_house, finished_house):
    last_line, seconds = MIDDLES[middle]
    if middle != "training":  # the same models once more would take their time, and tell nothing of this
        shutil.copytree(finished_house[0].models, new_house.models)
    killed = new_house.start()
    for line in killed.stdout:
        if last_line in line:
            time.sleep(seconds)
            os.killpg(killed.pid, signal.SIGKILL)
            break
    killed.wait(timeout=60)
    assert killed.returncode == -signal.SIGKILL, f"it ended before it came to {middle}"
    new_house.run()
    assert_same(published_rows(new_house.published), published_rows(finished_house[0].published))
