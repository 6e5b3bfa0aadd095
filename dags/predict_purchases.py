"""Marts -> features -> predictions -> published."""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import PartitionedAssetTimetable, chain, dag, task

import ml
from forecart.run import Run
from forecart.tasks import (
    DAG_DEFAULTS,
    GENERATION,
    KEY,
    MARTS,
    NO_WAREHOUSE,
    PUBLISHED,
    TASK_DEFAULTS,
    key_of_run,
    run_on,
    run_params,
    work,
)

DOC = """
### Predict the next 30 days and publish

Features at the run's `as_of_date`, then each question's champion, then one file swapped in whole, and a report. What was published 30
days ago is scored on the way. A question without a champion that may serve this date, whose training's data were corrected since, whose
scores have drifted or whose accuracy has fallen has `train_models` run first. Every writing task checks that no newer marts were built
meanwhile.

**Runs** for every partition of the asset **marts**, and on *Trigger*. Where nothing has changed since the last publication,
`is_new` skips the rest.

**When it is red**: the log names the check. The last published version keeps serving; `make rollback` goes one version back.
"""


@dag(schedule=PartitionedAssetTimetable(assets=MARTS), params=run_params(), default_args=TASK_DEFAULTS, doc_md=DOC, **DAG_DEFAULTS)
def predict_purchases():
    @task(pool=NO_WAREHOUSE)
    @work
    def plan_run(dag_run=None, params=None) -> str:
        return key_of_run(dag_run, params)

    @task.short_circuit
    @work
    def is_new(key: str) -> bool:
        from forecart import freshness

        return freshness.predictions_are_new(Run.from_key(key))

    @task
    @work
    def read_generation(key: str) -> str:
        from forecart import freshness

        return freshness.generation(Run.from_key(key))

    @task.short_circuit(ignore_downstream_trigger_rules=False)  # skips the training only
    @work
    def ensure_champions(key: str) -> bool:
        from ml import retraining

        return bool(retraining.due(Run.from_key(key)))

    train_first = TriggerDagRunOperator(
        task_id="train_first",
        trigger_dag_id="train_models",
        trigger_run_id="for__{{ run_id }}",  # the same in every try: a second one runs that training again, it adds none
        reset_dag_run=True,
        conf={"run_key": KEY},
        logical_date=None,
        wait_for_completion=True,
        poke_interval=5,
        pool=NO_WAREHOUSE,  # it waits for tasks that need the slot
        retries=0,  # train_models has retries of its own
        execution_timeout=timedelta(hours=3),
    )

    @task(trigger_rule="none_failed")
    @work
    def build_features(key: str, generation: str) -> dict:
        from ml import features

        run = run_on(key, generation)
        return features.build(run, [run.as_of_date])

    @task
    @work
    def gate_features(key: str) -> dict:
        import expectations

        return expectations.gate(Run.from_key(key), "features")

    @task(map_index_template="{{ task.op_kwargs['question'] }}")
    @work
    def predict(question: str, key: str, generation: str, run_id=None) -> dict:
        from ml import predict as predictions

        return predictions.predict(run_on(key, generation), question, run_id)

    @task
    @work
    def watch(key: str) -> dict:
        from ml import retraining

        return retraining.watch(Run.from_key(key))

    @task
    @work
    def write_report(key: str) -> str:
        from ml import report

        return str(report.write(Run.from_key(key)))

    @task
    @work
    def gate_predictions(key: str) -> dict:
        import expectations

        return expectations.gate(Run.from_key(key), "predictions")

    @task(outlets=[PUBLISHED])
    @work
    def publish(key: str, generation: str, run_id=None, outlet_events=None) -> dict:
        from forecart import publish

        published = publish.publish(Run.from_key(key), run_id, generation)
        outlet_events[PUBLISHED].add_partitions(key)
        return published

    @task
    @work
    def keep_predictions(key: str) -> list[str]:
        from ml import archive

        return archive.keep(Run.from_key(key))

    predicted = predict.partial(key=KEY, generation=GENERATION).expand(question=ml.QUESTIONS)
    before = plan_run(), is_new(KEY), read_generation(KEY), ensure_champions(KEY), train_first
    after = watch(KEY), gate_predictions(KEY), publish(KEY, GENERATION), keep_predictions(KEY), write_report(KEY)
    chain(*before, build_features(KEY, GENERATION), gate_features(KEY), predicted, *after)


predict_purchases()
