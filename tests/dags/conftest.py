"""An Airflow of their own for the tests of this folder, in this process; the environment is put back afterwards."""

import json
import os

import pytest

from forecart.settings import ROOT

SMALL_DAGS = ROOT / "tests" / "dags" / "small"


@pytest.fixture(scope="package", autouse=True)
def airflow_home(tmp_path_factory):
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
        del os.environ[name]
    home = tmp_path_factory.mktemp("airflow")
    os.environ["AIRFLOW_HOME"] = str(home)
    bundles = {"dags-folder": ROOT / "dags", "small": SMALL_DAGS}
    os.environ["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"] = json.dumps(
        [
            {"name": name, "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {"path": str(folder)}}
            for name, folder in bundles.items()
        ]
    )
    from forecart import airflow_env

    airflow_env.prepare()
    yield home
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="package")
def dags(airflow_home):
    """All DAGs, known to the database."""
    from forecart import headless

    return headless.load_dags()


@pytest.fixture
def session(dags):
    from airflow import settings

    with settings.Session() as session:
        yield session


@pytest.fixture
def execute(dags, airflow_home):
    """Run a DAG headless to its good end."""
    from forecart import dag_runs, headless
    from forecart.terminal import kept_for_people

    def run(dag_id, **how):
        run_id = dag_runs.create_run(dag_id, **how)
        with kept_for_people(airflow_home / "logs" / "headless.log"):
            list(headless.execute(dags[dag_id], run_id, starting=lambda *_: None))
        assert dag_runs.is_successful(dag_id, run_id)
        return run_id

    return run
