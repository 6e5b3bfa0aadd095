"""Re-admit quarantined rows after a fix: rows that were refused are judged anew, by the declaration as it is now.

The load that refused them stays as it is. What is good now becomes a load of its own beside it, `<load_id>-r<n>`, of which the newest
serves. What is wrong with a row as a whole (no row at all, a key that comes twice) comes right only by a corrected delivery, for the
declared values alone, which are kept, show it no more.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from forecart import sql
from forecart.shop import Shop
from ingest.ledger import Ledger
from ingest.loads import QUARANTINE, make_load, workbench
from ingest.readers import OF_THE_ROW
from ingest.systems import ANY_NUMBER, declared_entities

REASON = "_refused_for"


def replay(shop: Shop) -> list[dict[str, Any]]:
    """Of every load with rows in quarantine: system, entity, load_id, readmitted and quarantined (numbers of rows)."""
    done = []
    with workbench() as connection:
        for entity in declared_entities(shop):
            ledger = Ledger.of(shop, entity)
            for load in ledger.serving():
                if "replay_of" not in ledger.manifest(load) and (ledger.personal / load / QUARANTINE).exists():
                    done.append(_replay_load(connection, shop, ledger, load))
    return done


def _replay_load(connection: duckdb.DuckDBPyConnection, shop: Shop, ledger: Ledger, load: str) -> dict[str, Any]:
    entity, manifest, earlier = ledger.entity, ledger.manifest(load), ledger.replays(load)
    number = f"{load}-r{len(earlier) + 1}"
    # Kept rows stand under our names; and here no number of rows is too small and no share of bad ones too large, for what is still bad just stays.
    columns = {name: replace(column, source=None) for name, column in entity.columns.items()}
    judged = replace(entity, format="jsonl", columns=columns, cursor=None, expected_rows=ANY_NUMBER, max_quarantined_share=1.0)
    reading = replace(ledger, entity=judged)
    readmitted: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="forecart-") as scratch:
        rows = Path(scratch) / "rows.jsonl"
        lines = connection.sql(
            f"""
            select json_merge_patch(raw, json_object('{REASON}', reason))
            from {sql.parquet(ledger.personal / load / QUARANTINE)} where not starts_with(reason, {sql.text(OF_THE_ROW)}) order by all
            """
        ).fetchall()
        rows.write_text("".join(f"{line}\n" for (line,) in lines), encoding="utf-8")
        if lines:
            words = {name: manifest[name] for name in ("file", "batch", "version", "sha256", "bytes")} | {"replay_of": load}
            made = make_load(connection, shop, reading, rows, f"{entity.full_name}: replay of {load}", number, words)
            if made["accepted"]:
                data = sql.parquet(ledger.data(number))
                readmitted = dict(connection.sql(f"select {REASON}, count(*) from {data} group by all").fetchall())
            elif not earlier:
                shutil.rmtree(ledger.folder / number)
    return {
        "system": entity.system,
        "entity": entity.name,
        "load_id": load,
        "readmitted": sum(readmitted.values()),
        "quarantined": manifest["quarantined"] - sum(readmitted.values()),
    }
