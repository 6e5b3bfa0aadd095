"""Killed at any step, a publication leaves the version before it serving, and the next one works."""

import signal
import subprocess
import sys

import pytest

from forecart.publish import rollback
from forecart.settings import ROOT
from tests.forecart import world
from tests.forecart.conftest import serving

# Python announces what it is about to do to files: the process is killed before the n-th step within the shop's folder.
KILLED = """
import os, signal, sys, threading, time
from pathlib import Path

folder, step, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
from tests.forecart import world
world.use(Path(folder))
run = world.a_run()
STEPS = {"os.rename", "os.symlink", "os.remove", "os.chmod", "shutil.rmtree"}
ours = (str(run.folder / "versions"), str(run.folder / "published"), str(run.folder / ".published"))
dropped = ("forecart.duckdb", "manifest.json")  # rmtree names files without their folder
count = 0

def announced(event, arguments):
    global count
    if event in STEPS and any(str(path).startswith(ours) or path in dropped for path in arguments[:2]):
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)

def kill_while_the_file_is_written():
    file = run.folder / "versions" / ".building" / "forecart.duckdb"
    while not file.exists():
        time.sleep(0.0005)
    os.kill(os.getpid(), signal.SIGKILL)

if step == 0:
    threading.Thread(target=kill_while_the_file_is_written, daemon=True).start()
else:
    sys.addaudithook(announced)
if number:
    world.publish_next(run, number)
else:
    from forecart.publish import rollback
    rollback(run.shop)
"""


def killed(run, step: int, number: int) -> bool:
    """Publish, or roll back where `number` is 0, in a process of its own; whether there was such a step to be killed at."""
    command = [sys.executable, "-c", KILLED, str(run.shop.folder.parent), str(step), str(number)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode == -signal.SIGKILL


def test_a_crash_at_any_step_leaves_a_whole_version_serving_and_the_next_publish_works(run):
    """Five versions before it, so that the one that is killed also has an old one to drop. Step 0: while DuckDB writes."""
    for number in range(1, 6):
        world.publish_next(run, number)
    step, newest = 0, 5
    while killed(run, step, newest + 1):
        assert serving(run) in (newest, newest + 1), f"killed at step {step}"
        published = world.publish_next(run, newest + 1)
        newest += 1
        assert serving(run) == published["version"] == newest, f"killed at step {step}"
        left = sorted(path.name for path in (run.folder / "versions").iterdir())
        assert sorted(map(int, left)) == list(range(newest - 4, newest + 1)), f"killed at step {step}"
        step += 1
    assert step == 11, "the steps to be killed at were not found"


@pytest.mark.parametrize("step", range(1, 4))
def test_a_crash_within_a_rollback_leaves_a_whole_version_serving(step, run):
    world.publish_next(run, 1)
    world.publish_next(run, 2)
    assert killed(run, step, 0)
    assert serving(run) in (1, 2)
    if serving(run) == 2:
        rollback(run.shop)
    assert serving(run) == 1
    assert world.publish_next(run, 3)["version"] == serving(run) == 3


@pytest.mark.parametrize("step", [3, 5, 6])
def test_a_first_publication_that_crashed_is_made_good(step, run):
    """Killed before it has its number, before there is a link, and before the link is in place."""
    assert killed(run, step, 1)
    assert not (run.folder / "published").exists()
    assert world.publish_next(run, 1)["version"] == serving(run)


def test_a_lost_link_loses_no_version(run):
    for number in (1, 2):
        world.publish_next(run, number)
    (run.folder / "published").unlink()
    world.publish_next(run, 2)
    assert serving(run) == 3
    assert rollback(run.shop)["version"] == 2
