"""The web UI as a data engineer meets it: `make ui`, log in, see the DAGs, open a finished run; screenshots go to build/screenshots."""

import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

import psutil
import pytest

from forecart.settings import ROOT

SCREENSHOTS = ROOT / "build" / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DAGS = ["land_sources", "build_marts", "train_models", "predict_purchases"]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)")


@dataclass(frozen=True)
class WebUi:
    process: subprocess.Popen
    url: str
    login: str
    password: str


def start_web_ui(environment: dict[str, str], port: int) -> WebUi:
    command = [sys.executable, "-u", "-m", "forecart.cli.ui"]
    process = subprocess.Popen(
        command, env=environment | {"PORT": str(port)}, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = ""
    for line in process.stdout:
        said += line
        if "on schedule" in line:
            url, login, password = re.search(r"(http://\S+)\s+login: (\S+)\s+password: (\S+)", said).groups()
            return WebUi(process, url, login, password)
    raise AssertionError(f"make ui ended with {process.wait()}:\n{said}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def house(finished_house, tmp_path_factory):
    return finished_house[0].copy_to(tmp_path_factory.mktemp("web_ui") / "house")


@pytest.fixture(scope="module")
def web_ui(house):
    ui = start_web_ui(house.environment, free_port())
    yield ui
    ui.process.terminate()
    ui.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def page(web_ui):
    from playwright.sync_api import sync_playwright

    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1500, "height": 1000}, base_url=web_ui.url)
        page.set_default_timeout(60_000)
        page.goto("/")
        page.locator("input[name=username]").fill(web_ui.login)
        page.locator("input[name=password]").fill(web_ui.password)
        page.locator("button[type=submit]").click()
        page.get_by_text("Welcome").wait_for()
        yield page
        browser.close()


def keep(page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)  # graphs move into place
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


@needs_chromium
def test_airflow_is_well(page):
    for part in ("MetaDatabase", "Scheduler", "Triggerer", "Dag Processor"):
        page.get_by_text(part, exact=True).wait_for()
    keep(page, "1_home")
    assert page.get_by_text("Unhealthy").count() == 0


@needs_chromium
def test_the_four_dags_are_there_and_on_schedule(page):
    page.goto("/dags")
    for dag_id in DAGS:
        page.get_by_role("link", name=dag_id, exact=True).wait_for()
    keep(page, "2_dags")
    assert page.locator("input[type=checkbox]:not(:checked)").count() == 0  # a paused DAG's switch


@needs_chromium
@pytest.mark.parametrize(
    ("dag_id", "some_tasks"), [("build_marts", ["build_conformed", "gate_marts"]), ("predict_purchases", ["predict", "publish"])]
)
def test_a_finished_run_opens_as_a_graph(dag_id, some_tasks, page, house):
    page.goto(f"/dags/{dag_id}/runs/{quote(finished_run(house, dag_id))}")
    page.get_by_text("Success").first.wait_for()
    page.get_by_label("Show Graph").click()
    for task in some_tasks:
        page.locator(".react-flow__node", has_text=task).first.wait_for()
    keep(page, f"3_{dag_id}")


@needs_chromium
def test_a_tasks_log_can_be_read(page, house):
    page.goto(f"/dags/land_sources/runs/{quote(finished_run(house, 'land_sources'))}/tasks/gate_landing")
    page.get_by_text("Returned value was").first.wait_for()
    keep(page, "4_log")


@needs_chromium
def test_the_trigger_form_asks_for_shop_and_date(page):
    page.goto("/dags/land_sources")
    page.get_by_role("button", name="Trigger").first.click()
    page.get_by_text("As of date").first.wait_for()
    keep(page, "5_trigger")


def test_a_taken_port_is_said_clearly(web_ui, house):
    port = web_ui.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "forecart.cli.ui"]
    environment = house.environment | {"PORT": port}
    second = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (second.returncode, second.stderr) == (1, f"Port {port} is taken. Choose another one: make ui PORT={int(port) + 1}\n")


def test_ctrl_c_leaves_no_process(web_ui):
    family = psutil.Process(web_ui.process.pid).children(recursive=True)
    assert len(family) >= 4
    web_ui.process.send_signal(signal.SIGINT)
    said, _ = web_ui.process.communicate(timeout=60)
    assert web_ui.process.returncode == 0, said
    assert [process for process in family if process.is_running()] == []


def finished_run(house, dag_id: str) -> str:
    with closing(sqlite3.connect(house.airflow_home / "airflow.db")) as connection:
        runs = "select run_id from dag_run where dag_id = ? and state = 'success' order by id desc"
        return connection.execute(runs, [dag_id]).fetchone()[0]
