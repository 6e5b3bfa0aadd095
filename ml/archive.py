"""What was published, kept as it was until its days are over and it can be scored: data/<shop>/predicted/<table>/<as_of_date>.parquet."""

from datetime import date, timedelta
from pathlib import Path

from forecart import sql, warehouse
from forecart.run import Run

TABLES = ("product_recommendations", "discoveries", "demand_forecast", "churn_risk", "customer_value", "retention_offers")
KEPT = timedelta(days=120)


def keep(run: Run) -> list[str]:
    """Copy the predictions that were just published, and drop what is too old to be scored, or of a later day, which was a mistake then. Returns
    the tables kept.

    A historical run keeps nothing: it was never published to anybody who could have acted on it.
    """
    if run.is_historical:
        return []
    with warehouse.connect(run) as connection:
        query = (
            "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'predictions' order by all"
        )
        there = [table for (table,) in connection.execute(query).fetchall() if table in TABLES]
        for table in there:
            file = _folder(run, table) / f"{run.as_of_date}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            aside = file.with_suffix(".aside")
            connection.execute(f"copy (from predictions.{table}) to {sql.text(aside)} (format parquet)")
            aside.replace(file)
    for table in there:
        for day, file in kept(run, table).items():
            if not run.as_of_date - KEPT <= day <= run.as_of_date:
                file.unlink()
    return there


def kept(run: Run, table: str) -> dict[date, Path]:
    """as_of_date -> file, oldest first."""
    return {date.fromisoformat(file.stem): file for file in sorted(_folder(run, table).glob("*.parquet"))}


def _folder(run: Run, table: str) -> Path:
    return run.shop.folder / "predicted" / table
