import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from forecart.run import Run
from tests.forecart import world


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """The data folder of a finished run that is not yet published. Not to be changed: copy it."""
    with environment_kept():
        folder = tmp_path_factory.mktemp("finished") / "data"
        world.make(folder)
    return folder


@pytest.fixture
def run(finished, tmp_path) -> Iterator[Run]:
    """A finished run, not yet published, free to be changed."""
    with environment_kept():
        shutil.copytree(finished, tmp_path / "data")
        world.use(tmp_path / "data")
        yield world.a_run()


@contextmanager
def environment_kept() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def look(link: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """What a reader finds: the manifest and the file's own account of its version."""
    folder = link.resolve()
    manifest = json.loads((folder / "manifest.json").read_text())
    with duckdb.connect(str(folder / "forecart.duckdb"), read_only=True) as connection:
        return manifest, dict(connection.execute("select item, value from about where topic = 'version'").fetchall())


def serving(run: Run) -> int:
    """The version that serves, when manifest and file agree on it."""
    manifest, about = look(run.folder / "published")
    assert str(manifest["version"]) == about["version"]
    return manifest["version"]
