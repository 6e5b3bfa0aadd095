"""DAGs without a scheduler, as `make run` executes them."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from forecart.settings import ROOT, environment

EXECUTE = """
import dataclasses, json
from forecart import airflow_env
from forecart.terminal import kept_for_people

airflow_env.configure()
with kept_for_people(airflow_env.logs() / "headless.log") as terminal:
    from forecart import dag_runs, headless

    headless.log_as_json()
    dag = headless.load_dags()["fail"]
    run_id = dag_runs.create_run("fail")
    for step in headless.execute(dag, run_id, starting=lambda *_: None):
        terminal.write(json.dumps(dataclasses.asdict(step), default=str) + "\\n")
    assert not dag_runs.is_successful("fail", run_id)
"""


@pytest.fixture(scope="module")
def inbox():
    """A web hook on loopback: its address, and what came."""
    came = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}", came
        server.shutdown()


@pytest.fixture(scope="module")
def failed_steps(airflow_home, inbox):
    """Every try of the DAG `fail`, executed in a process as `make run` is."""
    nobody = "json://127.0.0.1:1/secret"
    with environment(FORECART_ALERTS=f"{nobody} {inbox[0]}"):
        told = subprocess.run([sys.executable, "-c", EXECUTE], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [json.loads(line) for line in told.splitlines()]


def test_what_a_person_must_act_on_is_not_tried_again(failed_steps):
    tries = [step for step in failed_steps if step["task"] == "for_a_person"]
    assert [step["reason"] for step in tries] == ["customers.parquet: expected 7 columns, found 6"]


def test_what_fails_by_chance_is_tried_three_times(failed_steps):
    tries = [step for step in failed_steps if step["task"] == "by_chance"]
    assert [step["reason"] for step in tries] == ["OSError: disk busy"] * 3


def test_whoever_is_to_be_told_is_told_once_a_task(failed_steps, inbox):
    titles = {message["title"]: message["message"] for message in inbox[1]}
    assert len(inbox[1]) == 2 and set(titles) == {"Forecart: fail for_a_person failed", "Forecart: fail by_chance failed"}
    assert titles["Forecart: fail for_a_person failed"].startswith("customers.parquet: expected 7 columns, found 6")
    assert {message["type"] for message in inbox[1]} == {"failure"}
    assert "disk busy" in titles["Forecart: fail by_chance failed"]


def test_an_address_that_cannot_be_reached_is_told_of_in_the_log_and_not_shown_there(failed_steps):
    log = next(Path(step["log"]) for step in failed_steps if step["task"] == "for_a_person").read_text()
    assert "Address 1 of FORECART_ALERTS could not be told" in log and "Address 2" not in log
    assert "secret" not in log


def test_a_tasks_log_lies_where_the_web_ui_reads_it(failed_steps, airflow_home):
    log = next(Path(step["log"]) for step in failed_steps if step["task"] == "for_a_person")
    assert log.is_relative_to(airflow_home / "logs" / "dag_id=fail")
    lines = log.read_text().splitlines()
    assert "said on the way" in lines
    assert any("expected 7 columns" in json.dumps(json.loads(line)) for line in lines if line.startswith("{"))


def test_a_run_that_was_killed_does_not_stay_running(dags, session):
    from airflow.models.dagrun import DagRun

    from forecart import dag_runs

    killed = dag_runs.create_run("fail")
    assert dag_runs.fail_abandoned_runs(also_resumable=True) == [f"fail {killed}"]
    assert [run.state for run in DagRun.find(run_id=killed, session=session)] == ["failed"]


def test_a_new_scheduler_is_left_what_it_can_resume_and_nothing_else(dags, session):
    from airflow.models.dagrun import DagRun
    from airflow.utils.state import TaskInstanceState

    from forecart import dag_runs

    between_tasks = dag_runs.create_run("fail")
    within_a_task = dag_runs.create_run("fail")
    run = DagRun.find(run_id=within_a_task, session=session)[0]
    run.task_instances[0].state = TaskInstanceState.RUNNING
    session.commit()
    assert dag_runs.fail_abandoned_runs(also_resumable=False) == [f"fail {within_a_task}"]
    assert dag_runs.fail_abandoned_runs(also_resumable=True) == [f"fail {between_tasks}"]
