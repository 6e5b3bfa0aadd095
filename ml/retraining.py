"""When a question must be trained anew: no model may serve, what it learned from was corrected, scores or features have drifted, or what was
published came true less than measured.
"""

from datetime import date, timedelta

import duckdb

from forecart import warehouse
from forecart.run import Run
from ml import QUESTIONS, columns, corrections, drift, outcomes, registry
from ml.drift import Drift

# Between two trainings for such a reason: the weekly one comes anyway.
PAUSE = timedelta(days=7)
LARGE_SHARE = 0.3
LARGE_CORRECTION = 0.1
COLUMNS = "question varchar, reason varchar, newest_model_version varchar, as_of_date date"
FEATURES_OF = {"demand": "features_product", "value": "features_customer", "churn": "features_customer"}
# question -> the outcome that is watched, the figure of the training that it is compared with, and which is better.
WATCHED = {
    "purchase": ("precision_at_10", "precision_at_10", "higher"),
    "demand": ("wape_of_mean", "product_30d_wape", "lower"),
    "value": ("mae", "mae", "lower"),
    "churn": ("auc", "auc", "higher"),
}
FALL = 0.1


def watch(run: Run) -> dict[str, str]:
    """Score what has matured, measure drift, and note in `quality.retraining` what must be trained anew. Returns question -> reason."""
    outcomes.score(run)
    found = drift.measure(run)
    with warehouse.connect(run) as connection:
        corrected = _correction(connection)
        reasons = {question: reason for question in QUESTIONS if (reason := corrected or _reason(connection, run, question, found))}
        connection.execute(f"create or replace table quality.retraining ({COLUMNS})")
        for question, reason in reasons.items():
            newest = registry.newest_challenger(run, question)
            row = [question, reason, newest.label if newest else None, run.as_of_date]
            connection.execute("insert into quality.retraining values (?, ?, ?, ?)", row)
    return reasons


def due(run: Run) -> dict[str, str]:
    """question -> why it must be trained before it predicts.

    What was noted counts until the next training, whatever came of it, and not within a week of the last one.
    """
    missing = dict.fromkeys(registry.missing_champions(run), "no model of this code may serve this date")
    return missing | {question: reason for question, (reason, day) in planned(run).items() if day <= run.as_of_date}


def planned(run: Run) -> dict[str, tuple[str, date]]:
    """question -> the reason noted to train it anew, and the first date of a run that does so; nothing for a historical run, which never does."""
    if run.is_historical or not run.warehouse.exists():
        return {}
    with warehouse.connect(run) as connection:
        try:
            noted = connection.execute("select question, reason, newest_model_version from quality.retraining order by all").fetchall()
        except duckdb.CatalogException:
            return {}
    found = {}
    for question, reason, label in noted:
        newest = registry.newest_challenger(run, question)
        if newest and newest.label == label:
            found[question] = reason, newest.trained_until + PAUSE
    return found


def _correction(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Of one window alone as well: every window is learned from as much as the newest."""
    found = corrections.largest(connection)
    if found is None or found[-1] < LARGE_CORRECTION:
        return None
    what, day, share = found
    return f"of the 30 days from {day}, which it learned from, {100 * share:.0f} % of {what} were corrected"


def _reason(connection: duckdb.DuckDBPyConnection, run: Run, question: str, found: list[Drift]) -> str | None:
    scores = [one for one in found if one.kind == "score" and one.name == question and one.is_drifted]
    if scores:
        return f"its scores have drifted: PSI {scores[0].psi:.2f}"
    features = [one for one in found if one.kind == "feature" and one.name == FEATURES_OF.get(question)]
    drifted = [one for one in features if one.is_drifted]
    if features and len(drifted) >= LARGE_SHARE * len(features):
        first = drifted[0].column_name
        return f"{len(drifted)} of {len(features)} features have drifted, among them: {columns.words(drifted[0].name, first)} ({first})"
    return _fall(connection, run, question)


def _fall(connection: duckdb.DuckDBPyConnection, run: Run, question: str) -> str | None:
    """A tenth worse than measured when the model that made them was trained."""
    version = registry.serving(run, question)
    metric, measured, better = WATCHED[question]
    newest = connection.execute(
        """
        select value, as_of_date from quality.prediction_outcomes
        where question = ? and metric = ? and model_version = ? order by as_of_date desc limit 1
        """,
        [question, metric, version.label if version else ""],
    ).fetchone()
    if newest is None or measured not in version.measured:
        return None
    value, day = newest
    expected = version.measured[measured]["model"]
    has_fallen = value < expected * (1 - FALL) if better == "higher" else value > expected * (1 + FALL)
    return f"{metric} of what was predicted on {day} was {value:.3f}, {expected:.3f} was measured" if has_fallen else None
