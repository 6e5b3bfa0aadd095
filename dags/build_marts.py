"""Landing -> marts."""

from airflow.sdk import PartitionedAssetTimetable, chain, dag, task

from forecart.run import Run
from forecart.tasks import DAG_DEFAULTS, KEY, LANDING, MARTS, NO_WAREHOUSE, TASK_DEFAULTS, key_of_run, run_params, work

DOC = """
### Make the tables an analyst names

dbt builds staging, conformed and marts, one layer a task; between the first two `resolve_customers` says which of the sources' ids are
one person, and `match_products` which product each supplier's offer is. `gate_marts` checks the tables and `announce` updates the asset **marts**,
whose partition `shop|as_of_date` starts `predict_purchases`.

**Runs** for every partition of the asset **landing**, and on *Trigger*. Where nothing has changed since the last build,
`is_new` skips the work.

**When it is red**: the log names the model or the check. What analysts read is still the last published version.
"""


@dag(schedule=PartitionedAssetTimetable(assets=LANDING), params=run_params(), default_args=TASK_DEFAULTS, doc_md=DOC, **DAG_DEFAULTS)
def build_marts():
    @task(pool=NO_WAREHOUSE)
    @work
    def plan_run(dag_run=None, params=None) -> str:
        return key_of_run(dag_run, params)

    @task.short_circuit(ignore_downstream_trigger_rules=False)  # announce runs in any case
    @work
    def is_new(key: str) -> bool:
        from forecart import freshness

        return freshness.marts_are_new(Run.from_key(key))

    @task
    @work
    def build_staging(key: str) -> dict:
        from forecart import dbt, freshness

        freshness.mark_marts_building(Run.from_key(key))
        return dbt.build(Run.from_key(key), "staging")

    @task
    @work
    def resolve_customers(key: str) -> dict:
        from privacy.identity import step

        return step.resolve_customers(Run.from_key(key))

    @task
    @work
    def match_products(key: str) -> dict:
        from matching import step

        return step.match_products(Run.from_key(key))

    @task
    @work
    def build_conformed(key: str) -> dict:
        from forecart import dbt

        return dbt.build(Run.from_key(key), "conformed")

    @task(task_id="build_marts")
    @work
    def build_marts_layer(key: str) -> dict:
        from forecart import dbt

        return dbt.build(Run.from_key(key), "marts")

    @task
    @work
    def gate_marts(key: str) -> dict:
        import expectations
        from forecart import freshness

        checked = expectations.gate(Run.from_key(key), "marts")
        freshness.mark_marts_built(Run.from_key(key))
        return checked

    @task(pool=NO_WAREHOUSE, outlets=[MARTS], trigger_rule="none_failed")
    @work
    def announce(key: str, outlet_events=None) -> None:
        outlet_events[MARTS].add_partitions(key)

    who_and_what = resolve_customers(KEY), match_products(KEY)
    built = build_staging(KEY), *who_and_what, build_conformed(KEY), build_marts_layer(KEY), gate_marts(KEY)
    chain(plan_run(), is_new(KEY), *built, announce(KEY))


build_marts()
