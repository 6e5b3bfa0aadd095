"""One small world, made once."""

from pathlib import Path

import duckdb
import pytest

from sample_shop import simulation
from sample_shop.simulation import Size

SIZE, SEED = Size(600, 490), 7


def open_world(truth: Path) -> duckdb.DuckDBPyConnection:
    """A database with the world's tables and the truth as views."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute("create schema world")
    for table in sorted((truth / "world").iterdir()):
        connection.execute(f"create view world.{table.name} as from read_parquet('{table}/*.parquet')")
    for file in sorted(truth.glob("*.parquet")):
        connection.execute(f"create view {file.stem} as from read_parquet('{file}')")
    return connection


@pytest.fixture(scope="session")
def truth_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample_shop") / "truth"
    simulation.make(folder, SIZE, SEED)
    return folder


@pytest.fixture
def world(truth_folder: Path) -> duckdb.DuckDBPyConnection:
    with open_world(truth_folder) as connection:
        yield connection
