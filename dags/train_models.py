"""Marts -> models."""

from airflow.sdk import chain, dag, task

import ml
from forecart.run import Run
from forecart.tasks import DAG_DEFAULTS, KEY, NO_WAREHOUSE, TASK_DEFAULTS, key_of_run, run_params, work

DOC = """
### Train a model for each question, beside its simple baseline

Features and labels at the training cut-offs, all before the run's `as_of_date`, then one training a question.
What may serve becomes the champion in MLflow.

**Runs** weekly (Sunday 04:00 UTC), on *Trigger*, and for `predict_purchases` when a question has no champion
that may serve its date.

**When it is red**: the log names the question. The champions that were there keep serving.
"""


@dag(schedule="0 4 * * 0", params=run_params(), default_args=TASK_DEFAULTS, doc_md=DOC, **DAG_DEFAULTS)
def train_models():
    @task(pool=NO_WAREHOUSE)
    @work
    def plan_run(dag_run=None, params=None) -> str:
        return key_of_run(dag_run, params)

    @task
    @work
    def build_training_set(key: str) -> dict:
        from ml import train

        return train.build_training_set(Run.from_key(key))

    @task
    @work
    def gate_training(key: str) -> dict:
        import expectations

        return expectations.gate(Run.from_key(key), "training")

    @task(map_index_template="{{ task.op_kwargs['question'] }}")
    @work
    def train(question: str, key: str) -> dict:
        from ml import train

        return train.train(Run.from_key(key), question)

    chain(plan_run(), build_training_set(KEY), gate_training(KEY), train.partial(key=KEY).expand(question=ml.QUESTIONS))


train_models()
