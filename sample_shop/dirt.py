"""Planted errors: which rows they befall, and the record of them that the pipeline never reads."""

from pathlib import Path

import duckdb
import yaml

from forecart import sql

RATES = Path(__file__).with_name("dirt.yml")


class Dirt:
    """Chance by name: whether an error befalls a row depends on the seed, the error and the row's key alone, not on the order of rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seed: int) -> None:
        self.connection = connection
        self.seed = seed
        self.errors = yaml.safe_load(RATES.read_text()) or {}
        connection.sql("create table planted (error varchar, handling varchar, system varchar, entity varchar, source_key varchar)")

    def hits(self, error: str, key: str) -> str:
        """SQL that is true for the rows that get this error; `key` is SQL for what names a row."""
        return f"(hash({self.seed}, {sql.text(error)}, {key}) % 1000000 < {round(1e6 * self.errors[error]['rate'])})"

    def pick(self, error: str, key: str, choices: int) -> str:
        """SQL for a number from 0 to `choices` - 1, to choose one form of an error for a row."""
        return f"cast(hash({key}, {sql.text(error)}, {self.seed}, 'form') % {choices} as integer)"

    def record(self, error: str, system: str, entity: str, keys: str) -> None:
        """Note what was planted; `keys` is SQL for rows of one column, the source's key of each row as text."""
        handling = self.errors[error]["handling"]
        self.connection.sql(
            f"insert into planted select {sql.text(error)}, {sql.text(handling)}, {sql.text(system)}, {sql.text(entity)}, * from ({keys}) as keys"
        )
