import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from forecart import warehouse
from forecart.run import Run
from forecart.shop import load_shop
from ml import features, registry, splits, train
from tests.ml import world

AS_OF_DATE = date(2017, 10, 28)


@contextmanager
def run_in(data: Path) -> Iterator[Run]:
    """For what outlives a single test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORECART_DATA", str(data))
        patch.setenv("FORECART_THREADS", "2")
        yield Run(load_shop("complete_journey"), AS_OF_DATE)


@pytest.fixture(scope="package")
def built(empty_registry, tmp_path_factory) -> Path:
    """A data folder with a shop of 300 days, its training set and its features. Not to be changed: `run` is on a copy."""
    folder = shutil.copytree(empty_registry, tmp_path_factory.mktemp("ml") / "data")
    with run_in(folder) as run:
        world.write_marts(run)
        train.build_training_set(run)
        features.build(run, [run.as_of_date])
    return folder


@pytest.fixture(scope="package")
def fitted(built) -> Callable[..., Any]:
    """Gives a question's model of that shop, trained when it is first asked for: of all windows, or of those before the newest."""

    @cache
    def fitted(question: str, fit: str = "fit", before_newest: bool = False) -> Any:
        with run_in(built) as run, warehouse.connect(run) as connection:
            dates = train.labelled_dates(connection, run)
            if before_newest:
                ((_, dates),) = splits.windows(dates, most=1)
            return getattr(import_module(f"ml.{question}"), fit)(connection, dates)

    return fitted


@pytest.fixture
def run(built, tmp_path, monkeypatch) -> Run:
    shutil.copytree(built, tmp_path / "data")
    monkeypatch.setenv("FORECART_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FORECART_THREADS", "2")
    return Run(load_shop("complete_journey"), AS_OF_DATE)


@pytest.fixture(scope="package")
def empty_registry(tmp_path_factory) -> Path:
    """A store without a model: MLflow takes seconds to make its tables, so they are made once."""
    folder = tmp_path_factory.mktemp("registry")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORECART_DATA", str(folder))
        registry._client(load_shop("complete_journey")).search_experiments()
    return folder


@pytest.fixture
def empty_run(empty_registry, tmp_path, monkeypatch) -> Run:
    """A shop without a warehouse and without a model."""
    shutil.copytree(empty_registry, tmp_path / "data")
    monkeypatch.setenv("FORECART_DATA", str(tmp_path / "data"))
    return Run(load_shop("complete_journey"), AS_OF_DATE)
