"""The probabilities of the model, learned without labels by expectation maximisation.

All pairs of the shop are one population: the candidates, every one of them, and the pairs that no key brought together, by a sample, which are
no matches. So the non-matches hold families with their true weight. (Trained on blocks of pairs, as is usual, what a family shares passes for what
one person's records share, because both agree in the block.)
"""

from dataclasses import dataclass

import duckdb
import numpy

from privacy.identity import comparisons

_SAMPLED_PAIRS = 500_000
_STEPS = 100
_ENOUGH = 1e-6
_LEAST = 1e-10
_HOUSEHOLD_BELIEF = 20.0  # pairs that a combination hardly ever seen borrows from its parts
_BELIEF_SHARE = 0.5  # what is believed of names and dates weighs so much beside what the matches show
# What is believed beforehand of the levels of a comparison in the records of one person, best first.
_BELIEF = {
    "first_name": [0.77, 0.09, 0.09, 0.02, 0.01, 0.02],
    "birth_date": [0.92, 0.05, 0.015, 0.015],
    "gender": [0.985, 0.015],
    "national_id": [0.92, 0.05, 0.03],
}


@dataclass(frozen=True)
class Learned:
    """Comparison -> (probability of each level among matches, the same among all other pairs), and the share of matches among all pairs."""

    probabilities: dict[str, tuple[list[float], list[float]]]
    prior: float


def learn(connection: duckdb.DuckDBPyConnection, table: str, candidates: str, names: list[str], seed: int) -> Learned:
    """Learn from the candidate pairs of `table` (or, of very many, a sample that stands for all) the comparisons `names`."""
    sizes = {one.name: len(one.labels) for one in comparisons.ALL if one.name in names}
    records = connection.sql(f"select count(*) from {table}").fetchone()[0]
    population = max(records * (records - 1) / 2, 1)
    found = connection.sql(f"select count(*) from {candidates}").fetchone()[0]
    connection.sql(
        f"""
        create or replace temp table drawn_candidates as
        from {candidates} where hash({seed}, left_id, right_id) % {max(found, 1)} < {_SAMPLED_PAIRS}
        """
    )
    comparisons.compare(connection, table, "drawn_candidates", "compared_candidates")
    levels, counts = _patterns(connection, "compared_candidates", names)
    connection.sql("drop table drawn_candidates; drop table compared_candidates")
    counts *= found / max(counts.sum(), 1)
    _compare_by_chance(connection, table, candidates, records, seed)
    others, other_counts = _patterns(connection, "compared_by_chance", names)
    connection.sql("drop table compared_by_chance")
    if other_counts.sum():
        other_counts = other_counts * (max(population - counts.sum(), 0) / other_counts.sum())

    match = _first_guess(levels, names)
    m, u = {}, {}
    for _ in range(_STEPS):
        expected = float((match * counts).sum())
        for place, (name, size) in enumerate(sizes.items()):
            matches = _tally(levels, counts * match, place, size)
            rest = _tally(levels, counts * (1 - match), place, size) + _tally(others, other_counts, place, size)
            if name == "household":
                m[name], u[name] = _share(_borrow(matches)), _share(_borrow(rest))
            else:
                belief = numpy.array(_BELIEF[name])
                m[name] = _share(matches + belief * (20 + _BELIEF_SHARE * matches.sum()))
                u[name] = _share(rest + 0.5 / size)
        odds = numpy.full(len(counts), numpy.log(max(expected, 0.5) / population))
        for place, name in enumerate(sizes):
            odds += numpy.append(numpy.log(m[name]) - numpy.log(u[name]), 0.0)[levels[:, place]]  # the last one: unknown
        match = 1 / (1 + numpy.exp(-numpy.clip(odds, -500, 500)))
        if abs(float((match * counts).sum()) - expected) <= _ENOUGH * max(expected, 1):
            break
    return Learned({name: (m[name].tolist(), u[name].tolist()) for name in sizes}, max(float((match * counts).sum()), 0.5) / population)


def _compare_by_chance(connection: duckdb.DuckDBPyConnection, table: str, candidates: str, records: int, seed: int) -> None:
    connection.sql(
        f"""
        create or replace temp table chance as
        with places as (select row_number() over (order by record_id) as place, record_id from {table}),
        drawn as (
            select 1 + hash({seed}, range, 1) % {max(records, 1)} as a, 1 + hash({seed}, range, 2) % {max(records, 1)} as b
            from range({min(_SAMPLED_PAIRS, records * records)})
        )
        select distinct least(l.record_id, r.record_id) as left_id, greatest(l.record_id, r.record_id) as right_id
        from drawn join places as l on l.place = a join places as r on r.place = b
        where a <> b
        """
    )
    connection.sql(f"create or replace temp table chance as from chance anti join {candidates} using (left_id, right_id)")
    comparisons.compare(connection, table, "chance", "compared_by_chance")
    connection.sql("drop table chance")


def _patterns(connection: duckdb.DuckDBPyConnection, compared: str, names: list[str]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The patterns of levels (rows × comparisons, -1 for unknown), and how many pairs show each."""
    levels = ", ".join(f"coalesce({name}_level, -1) as {name}" for name in names)
    rows = connection.sql(f"select {levels}, count(*) as pairs from {compared} group by all order by all").fetchnumpy()
    return numpy.column_stack([numpy.asarray(rows[name], dtype=int) for name in names]), numpy.asarray(rows["pairs"], dtype=float)


def _tally(levels: numpy.ndarray, counts: numpy.ndarray, place: int, size: int) -> numpy.ndarray:
    known = levels[:, place] >= 0
    return numpy.bincount(levels[known, place], weights=counts[known], minlength=size)


def _share(counts: numpy.ndarray) -> numpy.ndarray:
    return numpy.maximum(counts / max(counts.sum(), 1e-9), _LEAST)


def _borrow(counts: numpy.ndarray) -> numpy.ndarray:
    """Counts of the household's combinations, those hardly ever seen filled up as if their parts were independent."""
    cube = counts.reshape(comparisons.PART_SIZES)
    product = numpy.ones(())
    for axis in range(cube.ndim):
        other = tuple(one for one in range(cube.ndim) if one != axis)
        product = numpy.multiply.outer(product, _share(cube.sum(axis=other) + 0.1))
    return (cube + _HOUSEHOLD_BELIEF * product).reshape(-1)


def _first_guess(levels: numpy.ndarray, names: list[str]) -> numpy.ndarray:
    """Matches, to begin with, are the candidates of a like first name and date of birth: a family is not, however much it shares."""
    guess = numpy.full(len(levels), 0.9)
    known = numpy.zeros(len(levels), dtype=int)
    for name, worst in (("first_name", 4), ("birth_date", 2), ("national_id", 2), ("gender", 1)):
        if name in names:
            level = levels[:, names.index(name)]
            guess[level >= worst] *= 0.05
            known += (level >= 0) & (name != "gender")
    guess[known < 1] *= 0.05
    # Nothing shared at home (each part unknown or its worst): only if all else agrees.
    parts = numpy.unravel_index(levels[:, names.index("household")], comparisons.PART_SIZES)
    nothing = numpy.all([(part == 0) | (part == size - 1) for part, size in zip(parts, comparisons.PART_SIZES, strict=True)], axis=0)
    guess[nothing] *= 0.1
    return guess
