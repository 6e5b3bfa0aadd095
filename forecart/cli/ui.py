"""`make ui`: the Airflow web UI on 127.0.0.1, its scheduler and what they need; Ctrl-C ends them all."""

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from urllib.request import urlopen

import psutil

from forecart import airflow_env
from forecart.errors import ForecartError
from forecart.scheduling import WEB_UI, only_scheduler

SECONDS_TO_START = 120
SECONDS_TO_STOP = 20


class Stopped(Exception):
    """A person, or the system, asked us to end."""


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    started: list[subprocess.Popen] = []
    try:
        with ExitStack() as scheduling:
            _serve(started, scheduling)
    except Stopped:
        return 0
    except ForecartError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # impatience must not leave processes behind
        if psutil.Process().children():
            _say("Stopping …")
            _end(started)
            _say("Stopped.")


def _serve(started: list[subprocess.Popen], scheduling: ExitStack) -> None:
    _check_port()
    airflow_env.prepare()
    _say("Starting Airflow …")
    started.append(_start("api-server"))
    _run_headless_preparation()
    started.append(_start("dag-processor"))
    _wait_until_healthy(started, "metadatabase", "dag_processor")
    _say(f"The web UI: http://127.0.0.1:{airflow_env.port()}   login: {airflow_env.LOGIN}   password: {airflow_env.password()}")
    waiting = "{} runs tasks by itself; the scheduler starts when it has ended."
    scheduling.enter_context(only_scheduler(WEB_UI, on_wait=lambda who: _say(waiting.format(who))))
    # The api-server reads the log files itself. No task of ours needs the triggerer; without it the web UI says that Airflow is unwell.
    started += [_start("scheduler", "--skip-serve-logs"), _start("triggerer", "--skip-serve-logs")]
    _wait_until_healthy(started, "scheduler", "triggerer")
    _say("DAGs are on schedule. Ctrl-C stops everything.")
    while True:
        _check_alive(started)
        time.sleep(1)


def _check_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", airflow_env.port()))
        except OSError:
            raise ForecartError(f"Port {airflow_env.port()} is taken. Choose another one: make ui PORT={airflow_env.port() + 1}") from None


def _start(part: str, *options: str) -> subprocess.Popen:
    """In a session of its own, so that a Ctrl-C reaches us alone and they end in order."""
    with _log_of(part).open("ab") as log:
        command = [sys.executable, "-m", "airflow", part, *options]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def _run_headless_preparation() -> None:
    """DAGs are in the database before anybody looks; runs that `make run` was killed in are marked as failed."""
    with _log_of("preparation").open("ab") as log:
        command = [sys.executable, "-m", "forecart.headless"]
        code = subprocess.run(command, stdout=log, stderr=log, start_new_session=True, check=False).returncode
    if code:
        raise ForecartError(f"The DAGs could not be read; see {_log_of('preparation')}")


def _wait_until_healthy(started: list[subprocess.Popen], *parts: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        _check_alive(started)
        health = _health()
        if all(health.get(part, {}).get("status") == "healthy" for part in parts):
            return
        time.sleep(0.5)
    raise ForecartError(f"{' and '.join(parts)} did not become healthy in {SECONDS_TO_START} s; see {airflow_env.logs()}")


def _health() -> dict:
    try:
        with urlopen(f"http://127.0.0.1:{airflow_env.port()}/api/v2/monitor/health", timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return {}


def _check_alive(started: list[subprocess.Popen]) -> None:
    for process in started:
        if process.poll() is not None:
            part = process.args[3]
            raise ForecartError(f"The {part} ended with code {process.returncode}; see {_log_of(part)}")


def _end(started: list[subprocess.Popen]) -> None:
    """The last one first; whatever they started themselves ends too."""
    family = psutil.Process().children(recursive=True)
    for process in reversed(started):
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
    _, left = psutil.wait_procs(family, timeout=5)
    for child in left:
        child.kill()
    psutil.wait_procs(left, timeout=5)


def _log_of(part: str):
    return airflow_env.logs() / f"{part}.log"


def _say(text: str) -> None:
    print(text, flush=True)


def _stop(number, frame):
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
