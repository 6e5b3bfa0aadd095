"""The one registry: MLflow on a SQLite store of its own, `<shop>.<question>`, aliases `champion` and `challenger`.

A champion serves only dates on or after the date it was trained until. A historical run has aliases of its own and never moves the champion.
"""

import hashlib
import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlparse

from forecart.errors import ForecartError
from forecart.run import Run
from forecart.shop import Shop
from ml import QUESTIONS

CHAMPION, CHALLENGER = "champion", "challenger"


class Model(Protocol):
    """What a question's module trains; `name` is catboost or baseline."""

    name: str

    def save(self, folder: Path) -> None: ...


@dataclass(frozen=True)
class Version:
    """A registered model. `trained_until` is the first day that it knows nothing of; `measured` maps a metric to model and baseline."""

    question: str
    number: int
    kind: str
    trained_until: date
    folder: Path
    measured: dict[str, dict[str, float]]
    window: str

    @property
    def label(self) -> str:
        return f"{self.question}-v{self.number}-{self.kind}"

    def load(self) -> Any:
        return import_module(f"ml.{self.question}").Model.load(self.folder)


def register(
    run: Run, question: str, model: Model, measured: dict[str, dict[str, float]], window: str, parameters: dict[str, Any]
) -> Version:
    """Track a training in MLflow and register its model as the challenger."""
    client = _client(run.shop)
    name = _name(run.shop, question)
    experiment = client.get_experiment_by_name(name)
    experiment_id = experiment.experiment_id if experiment else client.create_experiment(name, _artifacts(run.shop, question).as_uri())
    tracked = client.create_run(experiment_id, run_name=f"{run.as_of_date}-{model.name}").info
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        client.log_artifacts(tracked.run_id, folder, "model")
    for parameter, value in parameters.items():
        client.log_param(tracked.run_id, parameter, value)
    for metric, values in measured.items():
        for whose, value in values.items():
            client.log_metric(tracked.run_id, f"{whose}_{metric}", value)
    client.set_terminated(tracked.run_id)
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    tags = {
        "trained_until": run.as_of_date.isoformat(),
        "kind": model.name,
        "window": window,
        "measured": json.dumps(measured),
    }
    number = client.create_model_version(name, f"{tracked.artifact_uri}/model", tracked.run_id, tags=tags).version
    client.set_registered_model_alias(name, _challenger(run), number)
    return _version(question, client.get_model_version(name, number))


def promote(run: Run, version: Version) -> None:
    """Make a version the one that serves the run's date, and a live run's the champion."""
    name = _name(run.shop, version.question)
    _client(run.shop).set_registered_model_alias(name, _serving(run), version.number)


def serving(run: Run, question: str) -> Version | None:
    """The version that may serve the run's date: trained on nothing of that date or later."""
    aliases = [_serving(run), CHAMPION] if run.is_historical else [CHAMPION]
    for alias in aliases:
        version = _by_alias(run.shop, question, alias)
        if version and version.trained_until <= run.as_of_date:
            return version
    return None


def must_serve(run: Run, question: str) -> Version:
    version = serving(run, question)
    if version is None:
        raise ForecartError(f"{run.shop.name}: no model may serve {question} as of {run.as_of_date}; run train_models for that date first")
    return version


def missing_champions(run: Run) -> list[str]:
    """The questions for which a model must be trained before the run's date can be predicted."""
    return [question for question in QUESTIONS if serving(run, question) is None]


def serving_versions(run: Run) -> dict[str, str]:
    """question: the version that serves the run's date, `none` where a model must be trained first."""
    versions = {question: serving(run, question) for question in QUESTIONS}
    return {question: version.label if version else "none" for question, version in versions.items()}


def fingerprint(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _by_alias(shop: Shop, question: str, alias: str) -> Version | None:
    if not _store(shop).exists():
        return None
    from mlflow.exceptions import MlflowException

    try:
        return _version(question, _client(shop).get_model_version_by_alias(_name(shop, question), alias))
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):  # no such model, no such alias
            return None
        raise


def _version(question: str, found: Any) -> Version:
    return Version(
        question=question,
        number=int(found.version),
        kind=found.tags["kind"],
        trained_until=date.fromisoformat(found.tags["trained_until"]),
        folder=Path(unquote(urlparse(found.source).path)),
        measured=json.loads(found.tags["measured"]),
        window=found.tags["window"],
    )


def _client(shop: Shop) -> Any:
    with _quietly():
        from mlflow import MlflowClient

        _store(shop).parent.mkdir(parents=True, exist_ok=True)
        uri = f"sqlite:///{_store(shop)}"
        return MlflowClient(tracking_uri=uri, registry_uri=uri)


@contextmanager
def _quietly():
    """MLflow tells of every step of making its store."""
    import logging

    before = logging.getLogger("alembic").level
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        yield
    finally:
        logging.getLogger("alembic").setLevel(before)


def _store(shop: Shop) -> Path:
    return shop.models / "mlflow.db"


def _artifacts(shop: Shop, question: str) -> Path:
    return shop.models / "artifacts" / question


def _name(shop: Shop, question: str) -> str:
    return f"{shop.name}.{question}"


def _serving(run: Run) -> str:
    return f"as_of_{run.as_of_date.isoformat()}" if run.is_historical else CHAMPION


def _challenger(run: Run) -> str:
    return f"challenger_as_of_{run.as_of_date.isoformat()}" if run.is_historical else CHALLENGER
