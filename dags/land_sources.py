"""Source systems -> landing."""

from airflow.sdk import chain, dag, task

from forecart.run import Run
from forecart.shop import load_shop
from forecart.tasks import DAG_DEFAULTS, KEY, LANDING, NO_WAREHOUSE, TASK_DEFAULTS, key_of_run, run_params, work

DOC = """
### Take the source tables in, as they were sent

Each table becomes one immutable load under `data/<shop>/landing/<system>/<entity>/`; a table whose bytes have landed already is left alone.
`gate_landing` checks the loads and announces the asset **landing**, whose partition `shop|as_of_date` starts `build_marts`.

**Runs** daily at 06:00 UTC and on *Trigger*. An *as of date* before the newest data makes a historical run,
which never touches the live files.

**When it is red**: the failed task's log ends with the file, what was expected and what was found. Nothing published has changed.
Put the source right and trigger again.
"""


@dag(schedule="0 6 * * *", params=run_params(), default_args=TASK_DEFAULTS, doc_md=DOC, **DAG_DEFAULTS)
def land_sources():
    @task(pool=NO_WAREHOUSE)
    @work
    def list_sources(params=None) -> list[dict]:
        from ingest.landing import entities

        return entities(load_shop(params["shop"]))

    @task(pool=NO_WAREHOUSE, map_index_template="{{ task.op_kwargs['source']['system'] }}.{{ task.op_kwargs['source']['entity'] }}")
    @work
    def land(source: dict, params=None) -> dict:
        from ingest import landing

        return landing.land(load_shop(params["shop"]), **source)

    @task(pool=NO_WAREHOUSE)
    @work
    def plan_run(dag_run=None, params=None) -> str:
        return key_of_run(dag_run, params)

    @task(outlets=[LANDING])
    @work
    def gate_landing(key: str, outlet_events=None) -> dict:
        import expectations
        from ingest import landing

        run = Run.from_key(key)
        landing.register(run)
        checked = expectations.gate(run, "landing")
        outlet_events[LANDING].add_partitions(key)
        return checked

    chain(land.expand(source=list_sources()), plan_run(), gate_landing(KEY))


land_sources()
