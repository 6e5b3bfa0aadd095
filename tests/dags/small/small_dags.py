"""DAGs of one task, to see what Airflow makes of our shared parts."""

from datetime import timedelta

from airflow.sdk import Asset, PartitionedAssetTimetable, dag, task

from forecart.errors import ForecartError
from forecart.tasks import TASK_DEFAULTS, work

SENT = Asset("sent")


@dag(schedule=None)
def send():
    @task(outlets=[SENT])
    def add_partition(dag_run=None, outlet_events=None):
        outlet_events[SENT].add_partitions(dag_run.conf["key"])

    @task(outlets=[SENT])
    def add_plain():
        """An event without a partition."""

    add_partition()
    add_plain()


@dag(schedule=PartitionedAssetTimetable(assets=SENT), max_active_runs=1)
def receive_partitions():
    @task
    def tell(dag_run=None) -> str:
        return dag_run.partition_key

    tell()


@dag(schedule=[SENT], max_active_runs=1)
def receive_plainly():
    @task
    def tell():
        """It cannot know what it was started for."""

    tell()


@dag(schedule=None, default_args=TASK_DEFAULTS | {"retry_delay": timedelta(0)})
def fail():
    @task
    @work
    def for_a_person():
        print("said on the way")
        raise ForecartError("customers.parquet: expected 7 columns, found 6")

    @task
    @work
    def by_chance():
        raise OSError("disk busy")

    for_a_person()
    by_chance()


send()
receive_partitions()
receive_plainly()
fail()
