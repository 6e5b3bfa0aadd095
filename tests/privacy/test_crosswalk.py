"""Ids stay with the records, and the log tells what became of those that do not."""

from datetime import datetime

import duckdb
import pytest

from privacy.identity import crosswalk

FIRST, SECOND, THIRD = datetime(2025, 1, 1), datetime(2025, 1, 2), datetime(2025, 1, 3)


@pytest.fixture
def kept():
    connection = duckdb.connect()
    connection.sql("create schema identity")
    crosswalk.create(connection, "identity")
    return connection


def _day(connection, clusters: list[str], at: datetime) -> dict[str, int]:
    """`clusters` are words; each letter is a record."""
    rows = [(letter, number) for number, word in enumerate(clusters) for letter in word]
    connection.sql("create or replace table resolved (system varchar, subject_id varchar, cluster integer)")
    if rows:
        connection.executemany("insert into resolved values ('crm', ?, ?)", rows)
    return crosswalk.update(connection, "identity", "resolved", at)


def _ids(connection) -> dict[str, str]:
    rows = connection.sql(
        "select string_agg(subject_id, '' order by subject_id), customer_id from identity.crosswalk where valid_to is null group by 2"
    )
    return dict(rows.fetchall())


def _log(connection) -> list[tuple]:
    return connection.sql(
        "select event, customer_id, other_customer_id, count_records from identity.log where event <> 'new' order by all"
    ).fetchall()


def test_a_rerun_changes_nothing(kept):
    _day(kept, ["ab", "c"], FIRST)
    before = kept.sql("from identity.crosswalk order by all").fetchall(), kept.sql("from identity.log order by all").fetchall()
    assert _day(kept, ["c", "ab"], SECOND) == {}
    assert (kept.sql("from identity.crosswalk order by all").fetchall(), kept.sql("from identity.log order by all").fetchall()) == before


def test_a_merged_customer_keeps_the_id_that_holds_most_records(kept):
    _day(kept, ["a", "bc"], FIRST)
    assert _day(kept, ["abc"], SECOND) == {"merge": 1}
    assert _ids(kept) == {"abc": "b"}
    assert _log(kept) == [("merge", "b", "a", 1)]
    validity = kept.sql(
        "select customer_id, valid_from, valid_to from identity.crosswalk where subject_id = 'a' order by valid_from"
    ).fetchall()
    assert validity == [("a", FIRST, SECOND), ("b", SECOND, None)]


def test_of_equal_ids_the_oldest_is_kept(kept):
    _day(kept, ["b"], FIRST)
    _day(kept, ["b", "a"], SECOND)
    _day(kept, ["ab"], THIRD)
    assert _ids(kept) == {"ab": "b"}


def test_a_split_leaves_the_id_with_most_records_and_makes_one_new(kept):
    _day(kept, ["abc"], FIRST)
    assert _day(kept, ["a", "bc"], SECOND) == {"new": 1, "split": 1}
    ids = _ids(kept)
    assert ids["bc"] == "a" and ids["a"] not in "abc"
    assert _log(kept) == [("split", "a", ids["a"], 1)]


def test_an_old_id_goes_to_one_customer_only(kept):
    _day(kept, ["abcd", "ef"], FIRST)
    _day(kept, ["abe", "cdf"], SECOND)
    assert len(set(_ids(kept).values())) == 2
    alive = kept.sql("select count(*), count(distinct subject_id) from identity.crosswalk where valid_to is null").fetchone()
    assert alive == (6, 6)


def test_a_record_that_is_gone_ends_its_validity(kept):
    _day(kept, ["a", "b"], FIRST)
    assert _day(kept, ["b"], SECOND) == {"gone": 1}
    assert _ids(kept) == {"b": "b"}
    assert _log(kept) == [("gone", "a", None, 1)]


def test_three_days_with_a_merge_a_split_and_a_correction_end_as_one_run_from_nothing(kept):
    days = [["ab", "cd", "e"], ["abe", "c", "d"], ["ab", "cd", "ef"]]
    for clusters, at in zip(days, (FIRST, SECOND, THIRD), strict=True):
        _day(kept, clusters, at)
    fresh = duckdb.connect()
    fresh.sql("create schema identity")
    crosswalk.create(fresh, "identity")
    _day(fresh, days[-1], THIRD)
    assert _ids(kept).keys() == _ids(fresh).keys()
    # Who was told apart and put right again is called as before.
    assert {word: _ids(kept)[word] for word in ("ab", "cd")} == {"ab": "a", "cd": "c"}
    events = [event for (event,) in kept.sql("select event from identity.log where event <> 'new' order by happened_at, event").fetchall()]
    assert events == ["merge", "split", "merge", "split"]
