"""The Airflow of this clone: its settings, its database, its one login. Call `configure()` before airflow is imported.

A value that is already in the environment wins where a deployment may have its own (another executor, another database);
`python -m forecart.airflow_env` makes the database ready.
"""

import json
import os
import secrets
import sqlite3
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from forecart.errors import ForecartError
from forecart.settings import ROOT
from forecart.terminal import kept_for_people

LOGIN = "admin"
WAREHOUSE_POOL = "duckdb"
PORT = 8080


def home() -> Path:
    return Path(os.environ.get("AIRFLOW_HOME", ROOT / ".airflow")).resolve()


def port() -> int:
    """Raises ForecartError where PORT is none."""
    given = os.environ.get("PORT", str(PORT))
    if not (given.isdecimal() and 0 < int(given) < 2**16):
        raise ForecartError(f"{given} is no port: a number from 1 to 65535 was expected, as in make ui PORT={PORT + 1}")
    return int(given)


def database() -> Path:
    return home() / "airflow.db"


def logs() -> Path:
    return home() / "logs"


def configure() -> None:
    """Put the settings into os.environ, where this process and all that it starts find them."""
    home().mkdir(parents=True, exist_ok=True)
    os.environ["AIRFLOW_HOME"] = str(home())
    # Tasks run in processes that Airflow starts, wherever it likes: they find forecart, ingest, ml and expectations by this.
    python_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *(path for path in python_path if path not in ("", str(ROOT)))])
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    for name, value in _settings().items():
        os.environ.setdefault(name, value)


def _settings() -> dict[str, str]:
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "utc",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port()}/execution/",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{LOGIN}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords()),
        # Four processes share the file: wait for a lock rather than fail after five seconds.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{database()}?timeout=60",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port()),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port()}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__EXPOSE_CONFIG": "False",
        "AIRFLOW__API_AUTH__JWT_SECRET": _secret(home() / "jwt_secret"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(logs()),
        # Headless, the API that tasks report to writes into their logs: only what is worth reading there.
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "airflow.api_fastapi.execution_api=WARNING",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
    }


def password() -> str:
    """The password of the one login; made on first use."""
    return json.loads(_secret(_passwords(), lambda: json.dumps({LOGIN: secrets.token_urlsafe(12)})))[LOGIN]


def _passwords() -> Path:
    return home() / "passwords.json"


def _secret(file: Path, make=lambda: secrets.token_urlsafe(32)) -> str:
    """The content of a file that its owner alone may read, made once."""
    with FileLock(f"{file}.lock"):
        if not file.exists():
            aside = file.with_suffix(".new")
            aside.touch(mode=0o600)
            aside.write_text(make())
            aside.replace(file)
    return file.read_text()


def prepare() -> None:
    """Bring the database to the installed Airflow's schema, with the pool `duckdb`. Milliseconds when that is so already."""
    configure()
    password()
    with FileLock(home() / "migration.lock"):
        if not _is_ready():
            with kept_for_people(logs() / "migration.log"):
                _migrate()


def _is_ready() -> bool:
    """Asks SQLite itself: importing Airflow to ask takes seconds."""
    if not database().exists() or not _migrated_to().exists() or _migrated_to().read_text() != version("apache-airflow"):
        return False
    with closing(sqlite3.connect(database())) as connection:
        return connection.execute("select 1 from slot_pool where pool = ? and slots = 1", [WAREHOUSE_POOL]).fetchone() is not None


def _migrate() -> None:
    from airflow.models.pool import Pool
    from airflow.utils.db import upgradedb

    upgradedb()
    Pool.create_or_update_pool(WAREHOUSE_POOL, slots=1, description="DuckDB has one writer at a time", include_deferred=False)
    _migrated_to().write_text(version("apache-airflow"))


def _migrated_to() -> Path:
    return home() / "migrated_to"


if __name__ == "__main__":
    prepare()
