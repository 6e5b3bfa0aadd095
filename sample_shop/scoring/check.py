"""One entity's part of the score: where its rows are found, and what they should say."""

from dataclasses import dataclass

# Rows that were left out for another reason than an error of theirs.
SUPERSEDED = "older version of the same key"


@dataclass(frozen=True)
class Check:
    """An entity of the truth's table `planted`, as SQL over the catalogs `house` (the warehouse) and the schemas `world` and `truth`.

    Rows of all parts are named by `source_key`, as `planted` names them.
    refused   of a row that landing put into quarantine (its text is the JSON `raw`): the source_key
    judged    source_key, quarantine_reason and drop_reason of the rows that landed and were judged in conformed; None where none are
    found     source_key and what the conformed table says of every row that it accepted
    true      source_key and the same columns as they should be said, of every row that is true; what is kept as it is written stands here so
    known     SQL over the columns of `true`: whether the row was known on the run's date; one that was not is not scored
    landed    the entity's name in the source system, where it is another
    """

    system: str
    entity: str
    refused: str
    judged: str | None
    found: str
    true: str
    known: str = "true"
    landed: str | None = None


def raw(*names: str) -> str:
    """SQL for the source_key of a refused row: these columns of it."""
    parts = ", '/', ".join(f"json_extract_string(raw, '$.{name}')" for name in names)
    return f"concat({parts})"


def judged(entity: str, key: str) -> str:
    """Rows of a conformed entity that carry their own key; `key` is SQL over its staged columns."""
    return f"select {key} as source_key, quarantine_reason, drop_reason from house.conformed.{entity}_judged"


def customer(column: str) -> str:
    """SQL that joins, as `whose`, the house's customer of a source's subject; use `whose.customer_id`."""
    return f"left join accounts as whose on whose.subject_id = {column}"
