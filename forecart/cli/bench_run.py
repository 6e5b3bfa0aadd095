"""A run from raw sources to published predictions in a house of its own, timed by stage."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecart.errors import ForecartError


@dataclass(frozen=True)
class House:
    """Data and Airflow's database in a folder that goes when it is left."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def call(self, *module_and_arguments: str) -> None:
        """Raises ForecartError where it fails, which has said why."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}  # another database may be set there
        environment = others | {"FORECART_DATA": str(self.data), "AIRFLOW_HOME": str(self.folder / "airflow")}
        code = subprocess.run([sys.executable, "-m", *module_and_arguments], env=environment, check=False).returncode
        if code:
            raise ForecartError(f"nothing is measured: {' '.join(module_and_arguments)} ended with {code}")

    def timed_run(self, shop: str) -> dict[str, Any]:
        """What `--timings` of forecart.cli.run tells."""
        timings = self.folder / "timings.json"
        self.call("forecart.cli.run", "--shop", shop, "--timings", str(timings))
        return json.loads(timings.read_text())


@contextmanager
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="forecart-bench-") as folder:
        found = House(Path(folder))
        found.call("forecart.airflow_env")  # part of `make setup`, so not of a run
        yield found
