"""What all Forecart DAGs share: their assets, their defaults, and task bodies that fail once when a person must act."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from airflow.sdk import Asset, Param
from airflow.sdk.exceptions import AirflowFailException

from forecart import timing
from forecart.airflow_env import WAREHOUSE_POOL
from forecart.alerts import tell_of_failure
from forecart.errors import ForecartError
from forecart.run import Run
from forecart.shop import declared_shops

LANDING, MARTS, PUBLISHED = Asset("landing"), Asset("marts"), Asset("published")

DAG_DEFAULTS: dict[str, Any] = {"catchup": False, "max_active_runs": 1, "tags": ["forecart"], "dagrun_timeout": timedelta(hours=6)}
# Every task holds the warehouse's one slot unless it says that it leaves the warehouse alone: forgetting is then harmless.
TASK_DEFAULTS: dict[str, Any] = {
    "owner": "data engineering",
    "pool": WAREHOUSE_POOL,
    "retries": 2,
    "retry_delay": timedelta(seconds=10),
    "execution_timeout": timedelta(hours=1),
    "on_failure_callback": tell_of_failure,
}
NO_WAREHOUSE = "default_pool"
# The run that a DAG is about, for the tasks after plan_run. A template draws no line in the graph, where a result draws one to each.
KEY = "{{ ti.xcom_pull(task_ids='plan_run') }}"
# The marts that a DAG began with.
GENERATION = "{{ ti.xcom_pull(task_ids='read_generation') }}"


def run_params() -> dict[str, Param]:
    """The form that the web UI shows on Trigger."""
    shops = list(declared_shops())
    return {
        "shop": Param(shops[0], type="string", enum=shops, title="Shop"),
        "as_of_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="As of date",
            description="The first day that is not known. Empty: the day after the newest data. An earlier date predicts from what was "
            "known then, into a folder of its own.",
        ),
    }


def work(body: Callable) -> Callable:
    """A task's body. Its time counts as its own, not Airflow's; a ForecartError is not tried again: a person must act first."""

    @wraps(body)
    def run(*args, **kwargs):
        with timing.spent(timing.OTHER):
            try:
                return body(*args, **kwargs)
            except ForecartError as error:
                raise AirflowFailException(str(error)) from None

    return run


def run_on(key: str, generation: str) -> Run:
    """The run, of which nobody has rebuilt the marts since the DAG began. Raises ForecartError where somebody has."""
    from forecart import freshness

    run = Run.from_key(key)
    freshness.check_generation(run, generation)
    return run


def key_of_run(dag_run, params) -> str:
    """The run this DAG run is about: the partition of the asset event, else what another DAG passed, else what the form says."""
    key = dag_run.partition_key or (dag_run.conf or {}).get("run_key")
    if key:
        return Run.from_key(key).key
    from ingest.landing import plan_run

    return plan_run(params["shop"], params["as_of_date"]).key
