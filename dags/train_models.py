"""Marts -> models."""

from airflow.sdk import chain, dag, task

import ml
from forecart.run import Run
from forecart.tasks import DAG_DEFAULTS, GENERATION, KEY, NO_WAREHOUSE, TASK_DEFAULTS, key_of_run, run_on, run_params, work

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
    def read_generation(key: str) -> str:
        from forecart import freshness

        return freshness.generation(Run.from_key(key))

    @task
    @work
    def build_training_set(key: str, generation: str) -> dict:
        from ml import train

        return train.build_training_set(run_on(key, generation))

    @task
    @work
    def gate_training(key: str) -> dict:
        import expectations

        return expectations.gate(Run.from_key(key), "training")

    @task(map_index_template="{{ task.op_kwargs['question'] }}")
    @work
    def train(question: str, key: str, generation: str) -> dict:
        from ml import train

        return train.train(run_on(key, generation), question)

    trained = train.partial(key=KEY, generation=GENERATION).expand(question=ml.QUESTIONS)
    chain(plan_run(), read_generation(KEY), build_training_set(KEY, GENERATION), gate_training(KEY), trained)


train_models()
