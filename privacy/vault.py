"""The vault's index: (space of ids, source's id) -> random subject_id. Without it a subject_id leads to nobody.

Spaces keep apart what two systems number alike; two columns that mean the same ids name the same space.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy
from filelock import FileLock

from forecart import sql
from forecart.shop import Shop

# Crockford's base 32: no letter that reads as another. Twelve of them are 60 bits, and as short as DuckDB likes its texts best.
ALPHABET = numpy.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", numpy.uint8)
LENGTH = 12


def index_file(shop: Shop) -> Path:
    return shop.folder / "vault" / "subjects.duckdb"


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, shop: Shop) -> Iterator[None]:
    """The index as `vault.subjects` of the connection; one landing at a time."""
    file = index_file(shop)
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock"):
        connection.sql(f"attach {sql.text(file)} as vault")
        try:
            connection.sql(
                "create table if not exists vault.subjects (space varchar not null, source_id varchar not null, subject_id varchar not null)"
            )
            yield
        finally:
            connection.sql("detach vault")


def admit(connection: duckdb.DuckDBPyConnection, space: str, ids: str) -> None:
    """Give every id of `ids` (SQL for rows of one text column source_id) that has none yet a subject_id of its own."""
    new = connection.sql(
        f"""
        select distinct source_id from ({ids}) as ids
        anti join (from vault.subjects where space = {sql.text(space)}) as known using (source_id)
        where source_id is not null order by source_id
        """
    ).fetchnumpy()["source_id"]
    if not len(new):
        return
    frame = {"source_id": numpy.asarray(new, dtype=object), "subject_id": _random_ids(len(new))}
    import pandas

    connection.register("admitted", pandas.DataFrame(frame))
    connection.sql(f"insert into vault.subjects select {sql.text(space)}, source_id, subject_id from admitted")
    connection.unregister("admitted")


def _random_ids(count: int) -> numpy.ndarray:
    drawn = numpy.frombuffer(secrets.token_bytes(count * LENGTH), numpy.uint8) & 31
    return ALPHABET[drawn].view(f"S{LENGTH}").astype(f"U{LENGTH}")
