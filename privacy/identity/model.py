"""How much each level of a comparison speaks for or against one person: Fellegi and Sunter's match weights, in a file of their own."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from forecart.durable import write_durably
from forecart.errors import ForecartError
from privacy.identity import comparisons, expectation

LEAST_WEIGHT = 2.0  # log2 of the odds that two records are one person: four to one
# The share of matches follows the shop's size in steps, so that a day's new records leave all other weights as they are.
_STEPS_A_DOUBLING = 2
VERSION = 1  # of the file and of what its levels mean
SEED = 20260101
_LEAST_KNOWN = 0.01  # a column that fewer records know is not compared
RAREST_NAME = 1e-4  # no first name counts as rarer: it may be a slip


@dataclass(frozen=True)
class Model:
    """Comparison -> (labels, probabilities among matches, probabilities among other pairs); and what it was learned from."""

    levels: dict[str, list[str]]
    m: dict[str, list[float]]
    u: dict[str, list[float]]
    prior: float
    trained_on: int
    version: int = VERSION

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, json.dumps(asdict(self), indent=1, sort_keys=True))

    def weights(self, name: str) -> list[float]:
        """log2 of how much likelier each level is among matches."""
        return [math.log2(m / u) for m, u in zip(self.m[name], self.u[name], strict=True)]


def load(path: Path) -> Model:
    """The model of a file; an error says what is wrong with it and what to do."""
    then = "Remove it, or run the retraining; the next run trains another."
    try:
        model = Model(**json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise ForecartError(f"{path} is no saved model of identities ({error}). {then}") from error
    if model.version != VERSION:
        raise ForecartError(f"{path} is a model of version {model.version}; version {VERSION} was expected. {then}")
    known = {one.name: one.labels for one in comparisons.ALL}
    for name, labels in model.levels.items():
        if known.get(name) != labels:
            raise ForecartError(f"{path} is a model of another schema: it compares {name} by other levels than this version does. {then}")
    return model


def compared_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The comparisons that enough records of `table` have the columns for."""
    columns = ["first_name", "birth_date", "gender", "national_id"]
    counts = connection.sql(f"select count(*), {', '.join(f'count({column})' for column in columns)} from {table}").fetchone()
    return [column for column, count in zip(columns, counts[1:], strict=True) if count > _LEAST_KNOWN * counts[0]] + ["household"]


def train(connection: duckdb.DuckDBPyConnection, table: str, candidates: str) -> Model:
    """A model of `table`, learned from its candidate pairs as blocking.pairs made them."""
    names = compared_columns(connection, table)
    learned = expectation.learn(connection, table, candidates, names, SEED)
    return Model(
        levels={one.name: one.labels for one in comparisons.ALL if one.name in names},
        m={name: m for name, (m, _) in learned.probabilities.items()},
        u={name: u for name, (_, u) in learned.probabilities.items()},
        prior=learned.prior,
        trained_on=connection.sql(f"select count(*) from {table}").fetchone()[0],
    )


def explain(connection: duckdb.DuckDBPyConnection, scored: str, model: Model | None, into: str, least_weight: float = LEAST_WEIGHT) -> None:
    """Make the table `into` of why records were joined, a row a pair: left_subject_id, right_subject_id, match_weight and, adding up to it,
    prior_weight and the weight of each comparison; log2 of odds, and no personal values."""
    names = list(model.levels) if model else []
    weights = ", ".join(f"{name}_weight" for name in ("prior", *(one.name for one in comparisons.ALL)))
    if model is None:
        columns = "".join(f", {name} double" for name in ("match_weight", *weights.split(", ")))
        connection.sql(f"create or replace temp table {into} (left_subject_id varchar, right_subject_id varchar{columns})")
        return
    absent = "".join(f", 0.0::double as {one.name}_weight" for one in comparisons.ALL if one.name not in names)
    connection.sql(
        f"""
        create or replace temp table {into} as
        with joined as (select *{absent} from {scored} where weight >= {least_weight})
        select l.subject_id as left_subject_id, r.subject_id as right_subject_id, weight as match_weight, {weights}
        from joined join people as l on l.record_id = left_id join people as r on r.record_id = right_id
        """
    )


def score(connection: duckdb.DuckDBPyConnection, table: str, compared: str, model: Model, into: str) -> None:
    """Make the table `into`: the rows of `compared` with prior_weight, the weight of each comparison, and their sum `weight`.

    A weight is log2 of how much likelier the level is among matches; the sum is log2 of the odds that the two are one person. The share of
    matches among all pairs is taken from the model and scaled to this table's size: twice the shop, half the share. A first name that is the
    same weighs by its own frequency (Winkler 2000).
    """
    records = connection.sql(f"select count(*) from {table}").fetchone()[0]
    growth = round(math.log2(max(records, 1) / model.trained_on) * _STEPS_A_DOUBLING) / _STEPS_A_DOUBLING
    share = min(model.prior / 2**growth, 0.5)
    parts = {"prior_weight": repr(math.log2(share / (1 - share)))}
    for name in model.levels:
        weights = ", ".join(f"{weight!r}" for weight in model.weights(name))
        parts[f"{name}_weight"] = f"coalesce(list_extract([{weights}]::double[], compared.{name}_level + 1), 0)"
    if "first_name" in model.levels:
        same = math.log2(model.u["first_name"][0])
        parts["first_name_weight"] += (
            f" + case when l.first_name = r.first_name then {same!r} - log2(greatest(names.share, {RAREST_NAME})) else 0 end"
        )
    connection.sql(
        f"""
        create or replace temp table {into} as
        with names as (
            select first_name as name, count(*) / sum(count(*)) over () as share from {table} where first_name is not null group by 1
        ),
        weighed as (
            select compared.*, {", ".join(f"({sql})::double as {name}" for name, sql in parts.items())}
            from {compared} as compared
            join {table} as l on l.record_id = left_id
            join {table} as r on r.record_id = right_id
            left join names on names.name = l.first_name
        )
        select *, {" + ".join(parts)} as weight from weighed
        """
    )
