"""A run that was stopped is over."""

import subprocess
import sys
import textwrap


def test_who_stopped_a_run_does_not_wait_for_its_threads():
    stopped = """
        import threading, time
        from forecart.cli import run
        threading.Thread(target=time.sleep, args=(600,)).start()
        run.Progress.is_interrupted = True
        print("Stopped.")
        run.leave(130)
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(stopped)], stdout=subprocess.PIPE, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout) == (130, "Stopped.\n")
