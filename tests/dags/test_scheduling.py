"""One scheduler at a time on one Airflow database."""

import signal
import subprocess
import sys
import threading

import pytest

from forecart.scheduling import WEB_UI, WebUiSchedules, holder, only_scheduler
from forecart.settings import ROOT

HOLD = """
import sys, time
from forecart.scheduling import only_scheduler
with only_scheduler(sys.argv[1], on_wait=print):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def another():
    """Another process that schedules."""
    started = []

    def schedules(who):
        process = subprocess.Popen([sys.executable, "-c", HOLD, who], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield schedules
    for process in started:
        process.kill()
        process.wait()


def test_the_second_run_waits_says_for_whom_and_goes_on_when_the_first_is_killed(another):
    first = another("make run of complete_journey")
    told, is_ours = [], threading.Event()

    def second():
        with only_scheduler("make run of complete_journey, again", on_wait=told.append):
            is_ours.set()

    waiting = threading.Thread(target=second)
    waiting.start()
    assert not is_ours.wait(1.5)
    assert told == [holder()] == ["make run of complete_journey"]
    first.send_signal(signal.SIGKILL)
    assert is_ours.wait(10)
    waiting.join()
    assert holder() is None


def test_nobody_waits_for_the_web_ui(another):
    another(WEB_UI)
    with pytest.raises(WebUiSchedules), only_scheduler("make run", on_wait=print):
        pass
