"""Killed halfway and run again, `make run` publishes what an uninterrupted run does."""

import os
import signal

import pytest

from tests.pipeline.published_rows import published_rows


@pytest.mark.parametrize("stage", ["build_conformed", "train", "publish"])
def test_a_killed_run_is_made_good_by_the_next(stage, new_house, finished_house):
    killed = new_house.start()
    for line in killed.stdout:
        if stage in line:
            os.killpg(killed.pid, signal.SIGKILL)
            break
    killed.wait(timeout=60)
    assert killed.returncode == -signal.SIGKILL, f"it ended before it came to {stage}"
    new_house.run()
    assert published_rows(new_house.published) == published_rows(finished_house[0].published)
