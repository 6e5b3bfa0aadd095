"""dbt's descriptions of tables and columns, as COMMENTs in the published file."""

import json
from pathlib import Path

import duckdb

from forecart.errors import ForecartError


class Descriptions:
    """From dbt's manifest: marts are its models; predictions and quality, which Python writes, are declared as its sources."""

    def __init__(self, manifest: Path):
        if not manifest.exists():
            raise ForecartError(f"expected dbt's descriptions in {manifest}, found no such file; run build_marts again")
        declared = json.loads(manifest.read_text())
        models = [(node["schema"], node["alias"], node) for node in declared["nodes"].values() if node["resource_type"] == "model"]
        sources = [(source["schema"], source["identifier"], source) for source in declared["sources"].values()]
        self._nodes = {(schema, table): node for schema, table, node in models + sources}

    def write(self, connection: duckdb.DuckDBPyConnection, tables: list[tuple[str, str]]) -> None:
        """Comment every table and column in the attached database `published`. Raises ForecartError naming all that has no description."""
        missing = []
        for schema, table in tables:
            node = self._nodes.get((schema, table), {"description": "", "columns": {}})
            columns = {name: column["description"] for name, column in node["columns"].items()}
            comments = [(f"table published.{schema}.{table}", node["description"])]
            for (column,) in connection.execute(
                "select column_name from duckdb_columns() where database_name = 'published' and schema_name = ? and table_name = ?",
                [schema, table],
            ).fetchall():
                comments.append((f'column published.{schema}.{table}."{column}"', columns.get(column, "")))
            for what, description in comments:
                comment(connection, what, description)
            missing += [what.partition("published.")[2].replace('"', "") for what, description in comments if not description.strip()]
        if missing:
            raise ForecartError(
                f"expected a description in dbt_project/models of all that is published, found none of: {', '.join(missing)}"
            )


def comment(connection: duckdb.DuckDBPyConnection, what: str, text: str) -> None:
    quoted = " ".join(text.split()).replace("'", "''")
    connection.execute(f"comment on {what} is '{quoted}'")
