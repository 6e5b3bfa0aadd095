"""How right a clustering is, where the truth is known."""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1: of pairs of records, and B-cubed, the mean over records (Bagga and Baldwin 1998)."""

    precision: float
    recall: float
    f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float


def score(connection: duckdb.DuckDBPyConnection, labelled: str) -> Scores:
    """Scores of `labelled`: a row a record, `cluster` as found and `person_id` as is."""
    found, true, both, of_found, of_true = connection.sql(
        f"""
        with cells as (select cluster, person_id, count(*)::hugeint as n from {labelled} group by all),
        sizes as (select n, sum(n) over (partition by cluster) as found, sum(n) over (partition by person_id) as true_ from cells)
        select
            (select sum(n * (n - 1) // 2) from (select sum(n) as n from cells group by cluster)),
            (select sum(n * (n - 1) // 2) from (select sum(n) as n from cells group by person_id)),
            sum(n * (n - 1) // 2), sum(n * n / found) / sum(n), sum(n * n / true_) / sum(n)
        from sizes
        """
    ).fetchone()
    precision, recall = (float(both / found) if found else 1.0), (float(both / true) if true else 1.0)
    return Scores(precision, recall, _mean(precision, recall), float(of_found), float(of_true), _mean(float(of_found), float(of_true)))


def _mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
