"""Records of customers in, persons out: everything between, in order. No files, no clock; the same records and model give the same persons."""

from dataclasses import dataclass

import duckdb

from privacy.identity import blocking, clusters, comparisons, model, normalise, shared, veto


@dataclass(frozen=True)
class Resolution:
    """What was found. Tables of the connection: `people` (as normalise made it), `scored` (as model.score made it), `resolved`
    (record_id, system, subject_id, cluster: the record_id of its cluster's first record, is_held)."""

    records: int
    clusters: int
    pairs: int
    model: model.Model | None
    held: list[list[int]]
    shared: list[shared.SharedValue]
    notes: list[str]


def resolve(connection: duckdb.DuckDBPyConnection, records: str, known: model.Model | None = None) -> Resolution:
    """Resolve the table or view `records` (columns.KEY, and what of columns.PERSONAL there is) by the model `known`, or by one trained on it.

    Records that name nothing a person could be recognised by stay persons of their own.
    """
    notes: list[str] = []
    normalise.normalise(connection, records, "people")
    count = connection.sql("select count(*) from people").fetchone()[0]
    dropped = shared.drop(connection, "people")
    shared.mark_rare_names(connection, "people")
    pairs = blocking.pairs(connection, "people", "candidates")
    if not pairs:
        if count:
            notes.append(f"{count:,} records, and no two share a fact that names a person: each is a customer of its own")
        return Resolution(count, _keep(connection, None, count), 0, None, [], dropped, notes)
    if known is None:
        known = model.train(connection, "people", "candidates")
    elif missing := sorted(set(model.compared_columns(connection, "people")) - set(known.levels)):
        notes.append(f"the saved model does not know {', '.join(missing)}, which these records have: retrain it to use them")
    veto.judge(connection, "people", "candidates", "judged")
    comparisons.compare(connection, "people", "(from judged where veto is null)", "compared")
    model.score(connection, "people", "compared", known, "scored")
    found = clusters.cluster(connection, "people", "scored", "judged", count)
    for held in found.held:
        notes.append(f"{len(held):,} records look like one customer, which is more than {clusters.LARGEST}: held for review, not merged")
    for table in ("candidates", "judged", "compared"):
        connection.sql(f"drop table {table}")
    return Resolution(count, _keep(connection, found, count), pairs, known, found.held, dropped, notes)


def _keep(connection: duckdb.DuckDBPyConnection, found: clusters.Clusters | None, count: int) -> int:
    """Make the table `resolved`, and return how many clusters there are."""
    import numpy
    import pandas

    first = numpy.arange(count) if found is None else found.of_record
    held = [record for one in found.held for record in one] if found else []
    frame = pandas.DataFrame({"record_id": numpy.arange(1, count + 1), "cluster": first + 1})
    frame["is_held"] = frame["record_id"].isin(held)
    connection.register("clustered", frame)
    connection.sql(
        "create or replace temp table resolved as"
        " select record_id, system, subject_id, cluster, is_held from people join clustered using (record_id) order by record_id"
    )
    connection.unregister("clustered")
    return len(numpy.unique(first))
