"""The one registry: MLflow on a SQLite store of its own, `<shop>.<question>`, aliases `champion` and `challenger`.

A champion serves only dates on or after the date it was trained until, and only the code that trained it: after an upgrade its columns may mean
something else. A historical run has aliases of its own and never moves the champion.
"""

import hashlib
import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlparse

from forecart.errors import ForecartError
from forecart.run import Run
from forecart.settings import ROOT
from forecart.shop import Shop
from ml import QUESTIONS

if TYPE_CHECKING:
    from ml.gates import Check

CHAMPION, CHALLENGER = "champion", "challenger"
# Tags of a version: where it was made to serve, that it was rolled back, and what code it is of.
PROMOTED, WITHDRAWN, CODE = "promoted", "withdrawn", "code"
# What makes models and their columns; the libraries too, whose objects a saved model holds.
SOURCES = ("ml/**/*.py", "dbt_project/models/features/*.sql", "dbt_project/macros/*.sql", "requirements.txt")


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
    measured: dict[str, dict[str, Any]]
    window: str
    code: str = ""
    checks: list[tuple[str, bool, str]] = field(default_factory=list)
    """Name, whether it was passed, and what was found, of each check of the gates."""
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By the checks' names, the 95 % interval of what was compared; none of what was registered before they were kept."""
    curves: dict[str, list[float]] = field(default_factory=dict)
    """On the hold-out: `promised` and `kept` by tenths of probability, `lift` over `share`; empty where they were not drawn."""

    @property
    def label(self) -> str:
        return f"{self.question}-v{self.number}-{self.kind}"

    def load(self) -> Any:
        return import_module(f"ml.{self.question}").Model.load(self.folder)


def register(
    run: Run,
    question: str,
    model: Model,
    measured: dict[str, dict[str, Any]],
    window: str,
    parameters: dict[str, Any],
    is_challenger: bool = True,
) -> Version:
    """Track a training in MLflow and register its model, as the challenger unless it is there to stand in for a refused one."""
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
        for whose in ("model", "baseline"):
            client.log_metric(tracked.run_id, f"{whose}_{metric}", values[whose])
    client.set_terminated(tracked.run_id)
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    tags = {
        "trained_until": run.as_of_date.isoformat(),
        "kind": model.name,
        "window": window,
        "measured": json.dumps(measured),
        CODE: code(),
    }
    number = client.create_model_version(name, f"{tracked.artifact_uri}/model", tracked.run_id, tags=tags).version
    if is_challenger:
        client.set_registered_model_alias(name, _challenger(run), number)
    return _version(question, client.get_model_version(name, number))


def note_checks(run: Run, version: Version, checks: list["Check"], curves: dict[str, list[float]] | None = None) -> None:
    """Keep with the version what the gates found, passed or not, and the curves of the hold-out."""
    told = {
        "checks": [[check.name, check.is_passed, check.found] for check in checks],
        "intervals": {check.name: check.interval for check in checks if check.interval},
        "curves": curves or {},
    }
    for tag, value in told.items():
        _client(run.shop).set_model_version_tag(_name(run.shop, version.question), str(version.number), tag, json.dumps(value))


def promote(run: Run, version: Version) -> None:
    """Make a version the one that serves the run's date, and a live run's the champion."""
    client, name = _client(run.shop), _name(run.shop, version.question)
    client.set_registered_model_alias(name, _serving(run), version.number)
    client.set_model_version_tag(name, str(version.number), PROMOTED, _serving(run))


def rollback(shop: Shop, question: str) -> tuple[Version, Version]:
    """Make the champion before the champion serve again. Returns it and the one that is withdrawn, which never serves again.

    Raises ForecartError where there is no champion, or none before it.
    """
    champion = _by_alias(shop, question, CHAMPION)
    if champion is None:
        raise ForecartError(f"{shop.name}: {question} has no champion to roll back")
    client, name = _client(shop), _name(shop, question)
    earlier = [
        int(found.version)
        for found in client.search_model_versions(f"name = '{name}'")
        if found.tags.get(PROMOTED) == CHAMPION
        and WITHDRAWN not in found.tags
        and found.tags.get(CODE) == code()
        and int(found.version) < champion.number
    ]
    if not earlier:
        raise ForecartError(f"{shop.name}: {champion.label} serves {question}, and no champion before it is kept to roll back to")
    client.set_model_version_tag(name, str(champion.number), WITHDRAWN, "true")
    client.set_registered_model_alias(name, CHAMPION, max(earlier))
    return _version(question, client.get_model_version(name, max(earlier))), champion


def newest_challenger(run: Run, question: str) -> Version | None:
    """The version that was trained last, whether or not it serves."""
    return _by_alias(run.shop, question, _challenger(run))


def serving(run: Run, question: str) -> Version | None:
    """The version that may serve the run's date: trained on nothing of that date or later, by this code."""
    aliases = [_serving(run), CHAMPION] if run.is_historical else [CHAMPION]
    for alias in aliases:
        version = _by_alias(run.shop, question, alias)
        if version and version.trained_until <= run.as_of_date and version.code == code():
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


def parameters(run: Run, version: Version) -> dict[str, str]:
    """What MLflow was told of the version's training: its dates and the hashes of its data."""
    client = _client(run.shop)
    tracked = client.get_model_version(_name(run.shop, version.question), str(version.number)).run_id
    return client.get_run(tracked).data.params


@cache
def code() -> str:
    """Says which code models are of."""
    return fingerprint(*(path.read_bytes() for pattern in SOURCES for path in sorted(ROOT.glob(pattern))))


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
        checks=[tuple(check) for check in json.loads(found.tags.get("checks", "[]"))],
        intervals={name: tuple(bounds) for name, bounds in json.loads(found.tags.get("intervals", "{}")).items()},
        code=found.tags.get(CODE, ""),
        curves=json.loads(found.tags.get("curves", "{}")),
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
