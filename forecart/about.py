"""The table `about`: what an analyst should know of a published file before trusting it. Read it first: `from about`."""

from typing import Any

import duckdb
import yaml

from forecart import freshness
from forecart.descriptions import comment
from forecart.run import Run
from forecart.words import counted

Rows = list[tuple[str, str, str]]
UNANSWERED = "no answers: there is nobody to answer for; of a shop whose orders name no customer, sales and restocking alone can be told"


def write(connection: duckdb.DuckDBPyConnection, run: Run, manifest: dict[str, Any], gates: tuple[str, ...]) -> None:
    """Write `about` (topic, item, value) into the attached database `published`."""
    rows = [
        *_version(run, manifest),
        *[("data until", source, day) for source, day in manifest["data_until"].items()],
        *_gates(connection, run, gates),
        *_models(connection),
        *_changes(connection, run),
        *_limits(run),
    ]
    connection.execute("create table published.main.about (topic varchar, item varchar, value varchar)")
    connection.executemany("insert into published.main.about values (?, ?, ?)", rows)
    comment(connection, "table published.main.about", "Version, freshness, gates, models, drift and limits of this file. One row per fact.")
    topics = "version, data until, gate, warning, model, drift, training, known limit"
    comment(connection, "column published.main.about.topic", f"What kind of fact: {topics}")
    comment(connection, "column published.main.about.item", "What the fact is about")
    comment(connection, "column published.main.about.value", "The fact, in words")


def _version(run: Run, manifest: dict[str, Any]) -> Rows:
    facts = {
        "version": str(manifest["version"]),
        "shop": run.shop.name,
        "description": run.shop.description,
        "currency": run.shop.currency,
        "timezone": run.shop.timezone,
        "as_of_date": f"{manifest['as_of_date']} (the first day not known)",
        "kind": "historical: what was known on that date" if run.is_historical else "live",
        "published_at": manifest["published_at"],
        "run_id": manifest["run_id"],
    }
    return [("version", item, value) for item, value in facts.items()]


def _gates(connection: duckdb.DuckDBPyConnection, run: Run, gates: tuple[str, ...]) -> Rows:
    """Each gate's last check, and what it warned of."""
    connection.execute(
        """
        create or replace temp table last_checks as
        from quality.gate_results where run_key = ? qualify checked_at = max(checked_at) over (partition by gate)
        """,
        [run.key],
    )
    found = {
        gate: (checks, warnings)
        for gate, checks, warnings in connection.execute(
            "select gate, count(*), count(*) filter (not is_success) from last_checks group by gate"
        ).fetchall()
    }
    warned = connection.execute(
        """
        select 'warning', gate, concat_ws(' ', table_name, column_name) || ': expected that ' || expectation || '; found ' || observed
        from last_checks where not is_success order by all
        """
    ).fetchall()
    connection.execute("drop table last_checks")
    return [("gate", gate, f"passed: {counted(found[gate][0], 'check')}, {counted(found[gate][1], 'warning')}") for gate in gates] + warned


def _models(connection: duckdb.DuckDBPyConnection) -> Rows:
    """The models whose answers are in the file, each metric beside the baseline's, and the questions without an answer."""
    rows = [("model", question, UNANSWERED) for question in freshness.of_nobody(connection)]
    for question in freshness.questions(connection):
        version = freshness.model_version(connection, question)
        rows.append(("model", question, f"version {version}"))
        rows += [
            ("model", f"{question}, {metric}", f"{model:.4g}, baseline {baseline:.4g}")
            for metric, model, baseline in connection.execute(
                "select metric, model, baseline from quality.model_metrics where question = ? and model_version = ? order by all",
                [question, version],
            ).fetchall()
        ]
    return rows


def _changes(connection: duckdb.DuckDBPyConnection, run: Run) -> Rows:
    """The questions whose scores have drifted, and those to be trained anew, which no historical run ever does."""
    drifted = connection.execute(
        """
        select 'drift', name, format('scores lie far from those of the training of {}: PSI {:.2f}', trained_date, psi)
        from quality.drift where kind = 'score' and is_drifted order by name
        """
    ).fetchall()
    planned = connection.execute("select 'training', question, 'planned: ' || reason from quality.retraining order by question").fetchall()
    return drifted if run.is_historical else drifted + planned


def _limits(run: Run) -> Rows:
    limits = yaml.safe_load(freshness.KNOWN_LIMITS.read_text())
    return [("known limit", about, limit) for about in ("every shop", *run.shop.systems) for limit in limits.get(about, [])]
