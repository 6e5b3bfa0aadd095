"""One finished run on a small piece of complete_journey, made once, by the very command that users type; and copies of it to play with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from xdist.scheduler import LoadScopeScheduling

from forecart.settings import ROOT
from tests import complete_journey_slice

OF_THE_FINISHED_HOUSE = ("dbt_project", "pipeline", "ui")


@dataclass(frozen=True)
class House:
    """A user's folders, apart from everybody else's: sources, data, Airflow."""

    folder: Path
    shop: str = "complete_journey"

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def vault(self) -> Path:
        return self.data / self.shop / "vault"

    @property
    def models(self) -> Path:
        return self.data / self.shop / "models"

    @property
    def airflow_home(self) -> Path:
        return self.folder / "airflow"

    @property
    def published(self) -> Path:
        return self.data / self.shop / "published" / "forecart.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "FORECART"))}
        return inherited | {
            "FORECART_DATA": str(self.data),
            "FORECART_LOCATION_COMPLETE_JOURNEY": str(self.source),
            "AIRFLOW_HOME": str(self.airflow_home),
            "PYTHONPATH": str(ROOT),
        }

    def start(self, *arguments: str, module: str = "forecart.cli.run") -> subprocess.Popen:
        command = [sys.executable, "-m", module, "--shop", self.shop, *arguments]
        return subprocess.Popen(
            command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    def run(self, *arguments: str, module: str = "forecart.cli.run", expect: int | None = 0) -> str:
        process = self.start(*arguments, module=module)
        said, _ = process.communicate(timeout=1800)
        assert expect is None or process.returncode == expect, f"ended with {process.returncode}:\n{said}"
        return said

    def ask(self, query: str, file: Path | None = None) -> list[tuple]:
        with duckdb.connect(str(file or self.published), read_only=True) as connection:
            return connection.sql(query).fetchall()

    def copy_to(self, folder: Path) -> "House":
        """The same house elsewhere. Airflow's database is copied as well."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return House(folder, self.shop)


class Folders(LoadScopeScheduling):
    """Where two processes share the tests, each takes a folder at a time, since its tests share what takes long to make."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.split("/")[1]
        return "the finished house" if folder in OF_THE_FINISHED_HOUSE else folder


def pytest_xdist_make_scheduler(config, log) -> Folders:
    return Folders(config, log)


@pytest.fixture(scope="session")
def source_slice(tmp_path_factory) -> Path:
    return complete_journey_slice.write(tmp_path_factory.mktemp("slice") / "source")


@pytest.fixture(scope="session")
def prepared_airflow(tmp_path_factory) -> Path:
    """An Airflow home in which nothing has run: its database takes seconds to make, and as much as half a minute where all cores are busy."""
    house = House(tmp_path_factory.mktemp("prepared"))
    subprocess.run([sys.executable, "-m", "forecart.airflow_env"], env=house.environment, cwd=ROOT, check=True)
    return house.airflow_home


@pytest.fixture(scope="session")
def new_house(source_slice, finished_house, prepared_airflow, tmp_path_factory) -> Callable[[], House]:
    """Makes houses in which nothing has run yet. Their vaults know everybody by the ids of the finished house, so that rows can be compared."""

    def made() -> House:
        house = House(tmp_path_factory.mktemp("new") / "house")
        shutil.copytree(source_slice, house.source)
        shutil.copytree(prepared_airflow, house.airflow_home)
        shutil.copytree(finished_house[0].vault, house.vault)
        return house

    return made


@pytest.fixture(scope="session")
def finished_house(source_slice, tmp_path_factory) -> tuple[House, str]:
    """A house after one `make run`, and what the command said. Not to be changed: copy it."""
    house = House(tmp_path_factory.mktemp("finished") / "house")
    shutil.copytree(source_slice, house.source)
    return house, house.run()


@pytest.fixture
def house(finished_house, tmp_path) -> House:
    """A copy of the finished house, free to be changed."""
    return finished_house[0].copy_to(tmp_path / "house")
