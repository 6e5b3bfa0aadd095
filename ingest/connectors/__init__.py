"""Where a source system is decides how it is asked: a folder, a database, an API. Each gives offers; what is new of them is fetched."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from forecart.errors import ForecartError
from ingest.ledger import Ledger
from ingest.systems import Entity, System

AIRFLOW = "airflow:"


@dataclass(frozen=True)
class Offer:
    """Something a source has for us. `fetch(folder)` gives a local file of `format`, to be left as it is.

    `stamp` is equal where the content is equal; an empty one says nothing. `look_back_from` is the cursor's value from which rows were
    asked for, so that rows before the newest landed one may be there again. `try_out(folder)` asks for a little of it, and raises what
    `fetch` would, where an offer alone does not tell that the source can be reached.
    """

    name: str
    batch: str
    version: int
    stamp: str
    format: str
    fetch: Callable[[Path], Path]
    look_back_from: str | None = None
    try_out: Callable[[Path], Path] | None = None


def offers(system: System, ledger: Ledger) -> Iterator[Offer]:
    """Raises ForecartError, naming where it looked, when there is none."""
    from ingest.connectors import databases, files, rest

    location = _resolved(system)
    scheme = urlsplit(location).scheme.partition("+")[0]
    if scheme in ("http", "https"):
        return rest.offers(location, ledger)
    if scheme in ("sqlite", "postgresql", "mysql", "mssql", "oracle", "duckdb"):
        return databases.offers(location, ledger)
    return files.offers(location, ledger)


def about(entity: Entity, offer: Offer) -> str:
    return f"{entity.full_name}: {'file' if '/' in offer.name else 'answer'} {offer.name}"


def _resolved(system: System) -> str:
    """`airflow:<connection id>` stands for what Airflow's connection says, passwords included."""
    if not system.location.startswith(AIRFLOW):
        return system.location
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowException

    name = system.location.removeprefix(AIRFLOW)
    try:
        connection = Connection.get(name)
    except (AirflowException, LookupError) as error:
        raise ForecartError(f"{system.name}: expected an Airflow connection {name!r}, found none: {error}") from error
    if connection.conn_type in ("http", "https"):
        who = f"{quote(connection.login or '', safe='')}:{quote(connection.password or '', safe='')}@" if connection.password else ""
        port = f":{connection.port}" if connection.port else ""
        host = urlsplit(connection.host if "//" in connection.host else f"//{connection.host}")
        return f"{host.scheme or connection.schema or 'https'}://{who}{host.netloc}{port}{host.path}"
    uri = connection.get_uri()
    # Airflow writes the kind of connection, SQLAlchemy wants the driver.
    return uri.replace("postgres://", "postgresql+psycopg://", 1) if uri.startswith("postgres:") else uri
