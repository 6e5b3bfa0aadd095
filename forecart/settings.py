"""Where things lie and how much of the machine a run may use; every value can be set by an environment variable."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def data_folder() -> Path:
    return Path(os.environ.get("FORECART_DATA", ROOT / "data")).resolve()


def shops_file() -> Path:
    return Path(os.environ.get("FORECART_SHOPS", ROOT / "shops.yml")).resolve()


def systems_folder() -> Path:
    return Path(os.environ.get("FORECART_SYSTEMS", ROOT / "ingest" / "systems")).resolve()


def threads() -> int:
    return int(os.environ.get("FORECART_THREADS", os.cpu_count() or 1))


def memory_limit(share: float = 1) -> str:
    """DuckDB's memory, half of the 4 GB that a run may use; or a share of it, where what stands beside it needs more."""
    size, unit = re.match(r"([\d.]*)(.*)", os.environ.get("FORECART_MEMORY", "2GB")).groups()
    return f"{share * float(size or 'nan'):.3f}{unit}"


def alerts() -> list[str]:
    """Addresses that are told of a failure, as Apprise reads them (mailto://, slack://, json:// …)."""
    return os.environ.get("FORECART_ALERTS", "").split()


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for a while; afterwards each is as it was before."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
