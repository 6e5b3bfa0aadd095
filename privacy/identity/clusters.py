"""Records that are one person: what the joined pairs connect, unless two of them are vetoed.

Connected components first, in one step. Only where a component holds a vetoed pair (a parent and a child of one name, with a record between them
that could be either's; also where the two were no candidates) its pairs are joined one by one, the heaviest first, and none that would bring a
vetoed pair together: agglomeration with cannot-link constraints (Davidson and Ravi 2005).
"""

from dataclasses import dataclass

import duckdb
import numpy
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from privacy.identity import veto
from privacy.identity.model import LEAST_WEIGHT

LARGEST = 30  # a cluster of more records is held for review: nobody has so many accounts, a mistake in the data has


@dataclass(frozen=True)
class Clusters:
    """For each record (position record_id - 1) the position of its cluster's first record; and the clusters held for review, as record_ids."""

    of_record: numpy.ndarray
    held: list[list[int]]


def cluster(
    connection: duckdb.DuckDBPyConnection,
    people: str,
    scored: str,
    judged: str,
    records: int,
    least_weight: float = LEAST_WEIGHT,
    largest: int = LARGEST,
) -> Clusters:
    """Clusters of so many records of `people`, of the pairs of `scored` (as model.score made it) that weigh enough and the vetoes of `judged`.

    What a component brings together that was no candidate is added to `judged`.
    """
    joined = connection.sql(
        f"select left_id - 1 as l, right_id - 1 as r, weight from {scored} where weight >= {least_weight} order by l, r"
    )
    left, right, weight = joined.fetchnumpy().values()
    label = components(left, right, records)
    _judge_inside(connection, people, judged, label, largest)
    vetoed = connection.sql(f"select left_id - 1 as l, right_id - 1 as r from {judged} where veto is not null order by l, r").fetchnumpy()
    torn = numpy.zeros(records, dtype=bool)
    inside = label[vetoed["l"]] == label[vetoed["r"]]
    torn[label[vetoed["l"][inside]]] = True
    whole = ~torn[label[left]]
    kept_left, kept_right = _agglomerate(left[~whole], right[~whole], weight[~whole], vetoed["l"][inside], vetoed["r"][inside])
    left, right = numpy.concatenate([left[whole], kept_left]), numpy.concatenate([right[whole], kept_right])
    return _hold(components(left, right, records), largest)


def _judge_inside(connection: duckdb.DuckDBPyConnection, people: str, judged: str, label: numpy.ndarray, largest: int) -> None:
    sizes = numpy.bincount(label, minlength=len(label))[label]
    record = numpy.flatnonzero((sizes > 2) & (sizes <= largest))
    connection.register("components", pa.table({"record_id": record + 1, "component": label[record]}))
    connection.sql(
        f"""
        create or replace temp table inside as
        select l.record_id as left_id, r.record_id as right_id
        from components as l join components as r on l.component = r.component and l.record_id < r.record_id
        anti join {judged} as judged on judged.left_id = l.record_id and judged.right_id = r.record_id
        """
    )
    veto.judge(connection, people, "inside", "judged_inside")
    connection.sql(f"insert into {judged} by name from judged_inside; drop table inside; drop table judged_inside")
    connection.unregister("components")


def components(left: numpy.ndarray, right: numpy.ndarray, records: int) -> numpy.ndarray:
    """For each record the component's first record."""
    graph = coo_matrix((numpy.ones(len(left), dtype=bool), (left, right)), shape=(records, records))
    count, label = connected_components(graph, directed=False)
    first = numpy.full(count, records, dtype=numpy.int64)
    numpy.minimum.at(first, label, numpy.arange(records))
    return first[label]


def _agglomerate(left, right, weight, vetoed_left, vetoed_right) -> tuple[numpy.ndarray, numpy.ndarray]:
    members: dict[int, set[int]] = {}
    foes: dict[int, set[int]] = {}
    for a, b in zip(vetoed_left.tolist(), vetoed_right.tolist(), strict=True):
        foes.setdefault(a, set()).add(b)
        foes.setdefault(b, set()).add(a)
    kept = []
    for place in numpy.lexsort((right, left, -weight)).tolist():
        a, b = int(left[place]), int(right[place])
        one, other = members.setdefault(a, {a}), members.setdefault(b, {b})
        if one is other:
            continue
        if len(one) < len(other):
            one, other = other, one
        if any(foe in one for member in other for foe in foes.get(member, ())):
            continue
        one |= other
        members.update(dict.fromkeys(other, one))
        kept.append(place)
    return left[kept], right[kept]


def _hold(label: numpy.ndarray, largest: int) -> Clusters:
    sizes = numpy.bincount(label, minlength=len(label))
    too_large = numpy.flatnonzero(sizes > largest)
    held = [(numpy.flatnonzero(label == one) + 1).tolist() for one in too_large]
    for records in held:
        label[numpy.array(records) - 1] = numpy.array(records) - 1
    return Clusters(label, held)
