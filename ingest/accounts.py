"""What the manifests of the serving loads say, as tables `landing.*` that the gate and a person can ask."""

from datetime import date
from typing import Any

import duckdb
import pandas

from forecart import sql
from ingest.ledger import Ledger
from ingest.replay import REASON

TABLES = {
    "loads": {
        "system": "varchar", "entity": "varchar", "load_id": "varchar", "file": "varchar", "batch": "varchar", "version": "bigint",
        "is_replay": "boolean", "rows": "bigint", "accepted": "bigint", "quarantined": "bigint", "dropped": "bigint",
        "bytes_landed": "bigint", "data_sha256": "varchar", "data_until": "date", "landed_at": "timestamp",
    },
    "quarantine": {"system": "varchar", "entity": "varchar", "load_id": "varchar", "reason": "varchar", "count_rows": "bigint"},
    "repairs": {"system": "varchar", "entity": "varchar", "load_id": "varchar", "repair": "varchar", "count_rows": "bigint"},
    "days": {"system": "varchar", "entity": "varchar", "load_id": "varchar", "day": "date", "count_rows": "bigint"},
    "sources": {
        "system": "varchar", "entity": "varchar", "is_required": "boolean", "is_stale": "boolean", "failed_at": "timestamp",
        "error": "varchar", "data_until": "date",
    },
}  # fmt: skip


class Accounts:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}

    def add(self, ledger: Ledger, serving: list[str], data_until: date | None) -> None:
        who = {"system": ledger.entity.system, "entity": ledger.entity.name}
        manifests = {load: ledger.manifest(load) for load in serving}
        replays = {manifest["replay_of"]: load for load, manifest in manifests.items() if "replay_of" in manifest}
        for load, manifest in manifests.items():
            of_load = who | {"load_id": load}
            # What a replay re-admitted is quarantined no more; its rows were counted when they landed.
            is_replay = "replay_of" in manifest
            readmitted = _readmitted(ledger, replays[load]) if load in replays else {}
            quarantine = {} if is_replay else manifest.get("quarantine", {})
            bad = {reason: count - readmitted.get(reason, 0) for reason, count in quarantine.items()}
            self.rows["loads"].append(
                {name: manifest.get(name) for name in TABLES["loads"]}
                | of_load
                | {"is_replay": is_replay, "rows": 0 if is_replay else manifest["rows"], "quarantined": sum(bad.values())}
                | {"bytes_landed": ledger.data(load).stat().st_size}
            )
            self._count("quarantine", of_load, "reason", {reason: count for reason, count in bad.items() if count})
            self._count("repairs", of_load, "repair", manifest.get("repaired", {}))
            self._count("days", of_load, "day", manifest.get("days", {}))
        failure = ledger.failure or {}
        self.rows["sources"].append(
            who
            | {"is_required": ledger.entity.is_required, "is_stale": bool(failure), "data_until": data_until}
            | {"failed_at": failure.get("at"), "error": failure.get("error")}
        )

    def keep(self) -> None:
        for table, columns in TABLES.items():
            declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            self.connection.sql(f"create or replace table landing.{table} ({declared})")
            if rows := self.rows[table]:
                frame = pandas.DataFrame([{name: _text(row[name]) for name in columns} for row in rows], dtype="string")
                typed = ", ".join(f"cast({sql.name(name)} as {kind})" for name, kind in columns.items())
                self.connection.register("accounts", frame)
                self.connection.sql(f"insert into landing.{table} select {typed} from accounts")
                self.connection.unregister("accounts")

    def _count(self, table: str, of_load: dict[str, str], what: str, counts: dict[str, int]) -> None:
        self.rows[table] += [of_load | {what: word, "count_rows": count} for word, count in counts.items()]


def _readmitted(ledger: Ledger, load: str) -> dict[str, int]:
    return dict(duckdb.sql(f"select {REASON}, count(*) from {sql.parquet(ledger.data(load))} group by all").fetchall())


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
