"""`make run`: from raw tables to a published file, by the DAGs' real tasks, in one process; `make train`: models from the marts that are there."""

import argparse
import gc
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from forecart import airflow_env, timing
from forecart.cli.arguments import of_a_shop
from forecart.cli.progress import Progress, StepFailed
from forecart.errors import ForecartError
from forecart.run import Run, parse_date
from forecart.scheduling import WebUiSchedules, only_scheduler
from forecart.shop import load_shop
from forecart.terminal import kept_for_people


def main() -> int:
    arguments = _arguments()
    airflow_env.configure()
    log = airflow_env.logs() / "headless.log"
    _stop_on_signals()
    with kept_for_people(log) as terminal:
        progress = Progress(terminal)
        try:
            load_shop(arguments.shop)
            if arguments.as_of:
                parse_date(arguments.as_of)
            progress.say("starting Airflow")
            run = _executed(_train if arguments.train else _raw_to_published, arguments.shop, arguments.as_of, progress)
        except StepFailed as failed:
            log_of_it = f" Full log: {failed.log}" if failed.log else ""
            return progress.stop(f"{failed}\n\nWhat was published before still serves.{log_of_it}")
        except ForecartError as error:
            return progress.stop(str(error))
        except KeyboardInterrupt:
            again = "`make train` begins anew" if arguments.train else "`make run` goes on from what is done"
            return progress.stop(f"Stopped. What was published before still serves; {again}.", 130)
        except Exception as error:
            traceback.print_exc()
            return progress.stop(f"{type(error).__name__}: {error}\n\nFull log: {log}")

    from forecart.summary import print_summary

    _report(progress, arguments.timings)
    if arguments.train:
        print("`make run` predicts by the models that serve now.")
    else:
        print_summary(run)
    return 0


def _arguments() -> argparse.Namespace:
    parser = of_a_shop("run", __doc__)
    parser.add_argument("--as-of", help="the first day that is not known, YYYY-MM-DD; default: the day after the newest data")
    parser.add_argument("--train", action="store_true", help="train a model for each question, and nothing else")
    parser.add_argument("--timings", type=Path, help="write where the time went to this JSON file")
    return parser.parse_args()


def _executed(what: Callable[["_Here | _Scheduled", str, str | None], Run], shop: str, as_of: str | None, progress: Progress) -> Run:
    """Here, or by the web UI's scheduler where one runs."""
    gc.disable()  # importing Airflow makes a million objects that stay; looking through them meanwhile costs a quarter of the start
    airflow_env.prepare()
    who = f"make {'train' if what is _train else 'run'} of {shop} (process {os.getpid()}, since {datetime.now():%H:%M:%S})"
    try:
        with only_scheduler(who, on_wait=lambda other: progress.say(f"waiting for {other} to end")), timing.spent(timing.AIRFLOW):
            here = _Here(progress)
            here.clean_up()
            try:
                return what(here, shop, as_of)
            finally:
                here.clean_up()
    except WebUiSchedules:
        progress.say("the web UI's scheduler runs this")
        try:
            return what(_Scheduled(progress), shop, as_of)
        except KeyboardInterrupt:
            raise ForecartError("No longer watching; the web UI's scheduler goes on with it.") from None


def _raw_to_published(airflow: "_Here | _Scheduled", shop: str, as_of: str | None) -> Run:
    from forecart import dag_runs

    landed = airflow.start("land_sources", {"shop": shop, "as_of_date": as_of})
    _all_is_imported()
    run = Run.from_key(dag_runs.result_of("land_sources", landed, "plan_run"))
    airflow.go_on("build_marts", run)
    airflow.go_on("predict_purchases", run)
    return run


def _train(airflow: "_Here | _Scheduled", shop: str, as_of: str | None) -> Run:
    from ingest import landing

    run = landing.plan_run(shop, as_of)
    _all_is_imported()
    airflow.start("train_models", {"run_key": run.key})
    return run


def _all_is_imported() -> None:
    """From here on garbage is looked for among what is new."""
    gc.freeze()
    gc.enable()


class _Here:
    """Executes the tasks in this process."""

    def __init__(self, progress: Progress):
        from forecart import headless

        headless.log_as_json()
        self.progress = progress
        self.dags = headless.load_dags()

    def clean_up(self) -> None:
        """Whatever says it is running now was killed, before us or just now."""
        from forecart import dag_runs

        for abandoned in dag_runs.fail_abandoned_runs(also_resumable=True):
            self.progress.say(f"marked as failed, because it was stopped: {abandoned}")

    def start(self, dag_id: str, conf: dict | None, key: str | None = None) -> str:
        from forecart import dag_runs, headless

        run_id = dag_runs.create_run(dag_id, key=key, conf=conf)
        self.progress.follow(headless.execute(self.dags[dag_id], run_id, self.progress.starting))
        self.progress.check(dag_id, run_id)
        return run_id

    def go_on(self, dag_id: str, run: Run) -> None:
        if dag_id == "predict_purchases" and _needs_training(run):
            self.start("train_models", {"run_key": run.key})  # predict_purchases would wait for it, and nobody else runs it
        self.start(dag_id, None, run.key)


class _Scheduled:
    """Watches while the web UI's scheduler has the tasks executed."""

    def __init__(self, progress: Progress):
        self.progress = progress
        self.since = datetime.now(UTC)

    def start(self, dag_id: str, conf: dict) -> str:
        from forecart import dag_runs

        return self._watch(dag_id, dag_runs.create_run(dag_id, conf=conf, is_scheduled=True))

    def go_on(self, dag_id: str, run: Run) -> None:
        from forecart import dag_runs

        self._watch(dag_id, dag_runs.run_started_by_event(dag_id, run.key, self.since))

    def _watch(self, dag_id: str, run_id: str) -> str:
        from forecart import dag_runs

        self.progress.follow(dag_runs.follow((dag_id, run_id), ("train_models", f"for__{run_id}")))
        self.progress.check(dag_id, run_id)
        return run_id


def _needs_training(run: Run) -> bool:
    with timing.spent(timing.OTHER):
        from forecart import freshness
        from ml import retraining

        return freshness.predictions_are_new(run) and bool(retraining.due(run))


def _stop_on_signals() -> None:
    """The first Ctrl-C ends the task and cleans up, a second one ends at once (the next run cleans up then)."""

    def stop(number, frame):
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
        signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
        Progress.is_interrupted = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _report(progress: Progress, file: Path | None) -> None:
    parts = {part: round(seconds, 1) for part, seconds in sorted(timing.totals().items(), key=lambda item: -item[1])}
    timings = {
        "total_seconds": round(progress.elapsed(), 1),
        "parts": parts,
        "peak_memory_mb": _peak_memory_mb(),
        "stages": progress.stages,
    }
    print("\nWhere the time went")
    for part, seconds in parts.items():
        print(f"  {part:<20}{seconds:7.1f} s")
    print(f"  {'total':<20}{timings['total_seconds']:7.1f} s, peak memory {timings['peak_memory_mb']:,} MB\n", flush=True)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(timings, indent=2) + "\n")


def _peak_memory_mb() -> int:
    """This process at its largest, in which all tasks run (ru_maxrss: KiB on Linux, bytes on macOS).

    What it starts is small and short, and is not told of: a child counts as large as we were when it began.
    """
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024))


def leave(code: int) -> None:
    """Whoever stopped a training does not wait for its threads: CatBoost's hear of nothing for minutes, and hold the warehouse meanwhile."""
    if Progress.is_interrupted:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    leave(main())
