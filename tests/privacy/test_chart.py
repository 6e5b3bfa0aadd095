"""Why two records were joined: the weights are Splink's, and the chart needs no network."""

import re

import duckdb
import pytest

from privacy.identity import chart, model, resolve
from sample_shop import duplicates


@pytest.fixture(scope="module")
def resolved():
    connection = duckdb.connect()
    duplicates.write(connection, seed=4, count=1_500)
    return connection, resolve.resolve(connection, "records").model


def test_splink_gives_each_pair_the_weight_that_joined_it(resolved):
    connection, trained = resolved
    connection.sql(
        "create or replace temp table pairs as select left_id, right_id, weight from scored where weight > -5 order by left_id, right_id"
    )
    ours = [weight for (weight,) in connection.sql("select weight from pairs order by left_id, right_id").fetchall()]
    _, weighed = chart.splink_weights(connection, trained, "pairs")
    # Splink's share of matches is of the table that it was trained on, and so is ours here.
    theirs = [one["match_weight"] for one in sorted(weighed, key=lambda one: one["unique_id_l"])]
    assert len(ours) > 500
    assert theirs == pytest.approx(ours, abs=1e-6)


def test_the_weights_of_the_columns_add_up(resolved):
    connection, trained = resolved
    model.explain(connection, "scored", trained, "why")
    parts = " + ".join(f"{name}_weight" for name in ("prior", "first_name", "birth_date", "gender", "national_id", "household"))
    assert connection.sql(f"select count(*) > 100, max(abs(match_weight - ({parts}))) < 1e-9 from why").fetchone() == (True, True)


def test_the_chart_works_offline(resolved):
    page = chart.page(*resolved)
    assert "vega" in page and len(page) > 500_000 and "cdn." not in page
    assert not re.findall(r"<(?:script|link)[^>]+(?:src|href)=", page)
