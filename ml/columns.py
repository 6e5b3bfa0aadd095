"""What the columns of features are called where a shop's people read of them: by the beginning of dbt's description.

A description begins with what reads well by itself; what only an analyst asks for follows behind a semicolon, a colon or in brackets.
"""

import re
from functools import cache

import yaml

from forecart.dbt import PROJECT
from ml import pairs

# What is no column of dbt's: models make it of those that are, and of the likings and ratings that Python writes beside them.
MADE = {
    "taste": "How near it is to what the customer buys and looks at",
    "recent_taste": "How near it is to what the customer bought and looked at lately",
    "text_written_rating": "Rating that the texts of its reviews speak of",
    "text_described_rating": "Rating that products described like it were given",
    "log_level": "Usual units in 30 days",
    **{f"demand_{days}d_ratio": f"Units asked for in the last {days} days against the usual level" for days in (7, 14, 30, 60, 90)},
    "promoted_store_days_change": "Promotions in the next 30 days against the last 30",
    "mailed_store_days_change": "Promotions by mail in the next 30 days against the last 30",
    "discount_milli_days_change": "Discounts in the next 30 days against the last 30",
}
# question -> the tables that its model reads, each with what the names of its columns begin with there.
READ = {
    "purchase": [(table, pairs.PREFIX[short]) for short, table in pairs.TABLES.items()],
    "demand": [("features_product", ""), ("features_product_demand", ""), ("features_offer", "")],
    "value": [("features_customer", "")],
    "churn": [("features_customer", "")],
}
BEHIND = re.compile(r"[;:] | \(")


def words(table: str, column: str) -> str:
    """The column's own name where dbt tells of no such column."""
    description = _described().get(table, {}).get(column)
    return BEHIND.split(description)[0] if description else column


def of_model(question: str, column: str) -> str:
    """Of a column that a question's model weighs; a pair's model says whose it is, where it is not the pair's."""
    if column in MADE:
        return MADE[column]
    for table, prefix in READ[question]:
        name = column.removeprefix(prefix)
        if column.startswith(prefix) and name in _described().get(table, {}):
            return f"{prefix.removesuffix('_')}: {words(table, name)}" if prefix else words(table, name)
    return column


@cache
def _described() -> dict[str, dict[str, str]]:
    """table -> column -> description, as declared: a report can be written without dbt."""
    files = [yaml.safe_load(file.read_text()) for file in (PROJECT / "models" / "features").glob("*.yml")]
    models = [model for file in files for model in file.get("models", [])]
    return {model["name"]: {column["name"]: column["description"] for column in model["columns"]} for model in models}
