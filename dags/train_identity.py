"""Personal files -> the model that says who is who."""

from airflow.sdk import chain, dag, task

from forecart.run import Run
from forecart.tasks import DAG_DEFAULTS, KEY, NO_WAREHOUSE, TASK_DEFAULTS, key_of_run, run_params, work

DOC = """
### Train the model of identities anew

The match weights by which customers' records are joined, learned without labels from the records as they are now. Customers keep their
ids; the next `build_marts` uses the new model.

**Runs** monthly (the 1st, 05:00 UTC), and on *Trigger*. The very first model is trained by `build_marts` itself.

**When it is red**: the log says what was missing. The model that was there keeps serving.
"""


@dag(schedule="0 5 1 * *", params=run_params(), default_args=TASK_DEFAULTS, doc_md=DOC, **DAG_DEFAULTS)
def train_identity():
    @task(pool=NO_WAREHOUSE)
    @work
    def plan_run(dag_run=None, params=None) -> str:
        return key_of_run(dag_run, params)

    @task
    @work
    def train(key: str) -> dict:
        from privacy.identity import step

        return step.retrain(Run.from_key(key))

    chain(plan_run(), train(KEY))


train_identity()
