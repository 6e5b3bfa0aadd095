"""The model as Splink's settings, and Splink's waterfall chart of why records were joined: one page that needs no network."""

import logging
from typing import Any

import duckdb

from privacy.identity import comparisons
from privacy.identity.model import LEAST_WEIGHT, RAREST_NAME, Model

EXAMPLES = 100  # of the page, from the lightest to the heaviest


def settings(model: Model) -> dict:
    """Splink's settings of a model: its levels as SQL, with the probabilities learned. Splink gives a pair the weight that model.score gives it."""
    return {
        "link_type": "dedupe_only",
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": model.prior,
        "blocking_rules_to_generate_predictions": ["l.example = r.example"],
        "comparisons": [_comparison(one, model) for one in comparisons.ALL if one.name in model.levels],
    }


def _comparison(one: comparisons.Comparison, model: Model) -> dict:
    levels: list[dict] = []
    if one.unknown != "false":
        levels.append({"sql_condition": one.unknown, "label_for_charts": "unknown", "is_null_level": True})
    for number, (label, condition) in enumerate(one.levels.items()):
        m, u = model.m[one.name][number], model.u[one.name][number]
        last = number == len(one.levels) - 1
        level = {"sql_condition": "ELSE" if last else condition, "label_for_charts": label, "m_probability": m, "u_probability": u}
        if one is comparisons.FIRST_NAME and number == 0:
            # Splink adjusts by frequency where a level is equality and nothing else, so swapped names get a level of the same weight.
            exact = {
                "sql_condition": "first_name_l = first_name_r",
                "tf_adjustment_column": "first_name",
                "tf_minimum_u_value": RAREST_NAME,
            }
            levels.append(level | exact)
            level["label_for_charts"] += ", each in the other's field"
        levels.append(level)
    return {"output_column_name": one.name, "comparison_levels": levels}


def page(connection: duckdb.DuckDBPyConnection, model: Model) -> str:
    """HTML of one chart: EXAMPLES pairs of the tables `scored` and `people`, each with what its columns said for and against one person."""
    connection.sql(
        f"""
        create or replace temp table examples as
        with banded as (select left_id, right_id, weight, ntile({EXAMPLES}) over (order by weight, left_id, right_id) as band from scored
            where weight >= {LEAST_WEIGHT})
        from banded qualify row_number() over (partition by band order by weight, left_id, right_id) = 1
        """
    )
    linker, weighed = splink_weights(connection, model, "examples")
    return linker.visualisations.waterfall_chart(weighed).to_html(inline=True)


def splink_weights(connection: duckdb.DuckDBPyConnection, model: Model, pairs: str) -> tuple[Any, list[dict[str, Any]]]:
    """Splink's linker, and its record of each pair of `pairs` (left_id, right_id) in the order of their weight."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    from splink import DuckDBAPI, Linker

    columns = ", ".join(comparisons.COLUMNS)
    people = connection.sql(
        f"""
        with sides as (
            select example, unnest([2 * example, 2 * example + 1]) as unique_id, unnest([left_id, right_id]) as record_id
            from (select row_number() over (order by left_id, right_id) as example, left_id, right_id from {pairs})
        ),
        names as (select first_name, count(*) / sum(count(*)) over () as tf_first_name from people where first_name is not null group by 1)
        select example, unique_id, {columns}, tf_first_name
        from sides join people using (record_id) left join names using (first_name) order by unique_id
        """
    ).to_arrow_table()
    linker = Linker(DuckDBAPI(connection=duckdb.connect()).register(people), settings(model))
    weighed = linker.inference.predict().as_record_list()
    return linker, sorted(weighed, key=lambda one: (one["match_weight"], one["unique_id_l"]))
