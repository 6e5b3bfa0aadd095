"""`python -m ml.oracle`: what the purchase model reaches of what an oracle with the true probabilities would, on the sample shop.

The model is trained on what the sources tell before each date. The oracle ranks by the true probability, so its lists are the best that
can be expected; a calibration slope of 1 says that the model's log-odds move as the true ones do (Cox, Two further applications of a model
for binary regression, 1958).
"""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from rich.console import Console

from forecart import durable, sql, warehouse
from forecart.errors import ForecartError
from forecart.run import Run
from ingest import landing
from ml import boosted, features, metrics, pairs, sample_truth, splits, targets
from ml.backtest import Backtest, copy_marts
from ml.calibration import log_odds
from ml.purchase_trials import Truth
from privacy import vault

LEAST_PROBABILITY = 1e-4


def oracle(live: Run, console: Console) -> dict[str, dict[str, float]]:
    """date -> figures of the dates that both the truth and a complete window tell of. Raises ForecartError where there are none."""
    run = Backtest(live.shop, live.as_of_date)
    copy_marts(live, run)
    with warehouse.connect(run) as connection:
        true = true_probabilities(connection, vault.index_file(live.shop))
        first_day = splits.first_day(connection)
    days = sorted(day for day in true["as_of_date"].dt.date.unique() if day + splits.HORIZON <= run.as_of_date)
    earlier = {day: splits.training_dates(day, first_day) for day in days}
    if not days:
        raise ForecartError(f"{sample_truth.folder()}: no date whose 30 days are known by {run.as_of_date}")
    built = sorted({one for day in days for one in (day, *earlier[day])}, reverse=True)
    features.build(run, built, schema="training", more_pair_dates=len(days) - 1)
    found = {}
    for day in days:
        with warehouse.connect(run) as connection:
            found[day.isoformat()] = judged(connection, day, boosted.fit(connection, earlier[day]), true[true["as_of_date"].dt.date == day])
        console.print(day, found[day.isoformat()])
    return found


def true_probabilities(connection: duckdb.DuckDBPyConnection, index: Path) -> pd.DataFrame:
    """as_of_date, customer_id, product_id and true_probability, of persons with one account. The vault alone knows which customer is whom."""
    chances, numbers, true_products = (
        sample_truth.table("purchase_probabilities"),
        sample_truth.table("customer_numbers"),
        sample_truth.products(),
    )
    connection.execute(f"attach {sql.text(index)} as vault (read_only)")
    try:
        return connection.execute(f"""
            with accounts as (
                select person_id, customer_number from {numbers} qualify count(*) over (partition by person_id) = 1
            ),
            customers as (
                select distinct accounts.person_id, sources.customer_id
                from accounts
                inner join vault.subjects on try_cast(substr(subjects.source_id, 2) as bigint) = accounts.customer_number
                inner join marts.customer_sources as sources on sources.source_customer_id = subjects.subject_id
            ),
            products as ({true_products})
            select as_of_date, customers.customer_id, products.product_id, max(probability) as true_probability
            from {chances} as chances
            inner join customers using (person_id)
            inner join products on products.true_product_id = chances.product_id
            group by all order by all
        """).df()
    finally:
        connection.execute("detach vault")


def judged(connection: duckdb.DuckDBPyConnection, day: date, model: boosted.Boosted, true: pd.DataFrame) -> dict[str, float]:
    """Both judged on what was bought; the slope on all candidate pairs, since the truth leaves out what is unlikely."""
    truth = Truth.load(connection, day)
    found = []
    for batch in pairs.batches(connection, "training", day, with_labels=True):
        score = model.score(batch)
        found.append(batch[["customer_id", "product_id", "is_bought"]].assign(score=score, probability=model.probability(score, batch)))
    ours = pd.concat(found, ignore_index=True)
    known = true[true["customer_id"].isin(truth.past.customers)]
    is_known = np.isin(truth.past.customers, known["customer_id"].unique())
    reached = _ndcg(truth, ours.rename(columns={"is_bought": "is_hit"}), ours["score"].to_numpy(), is_known)
    labels = connection.execute("select customer_id, product_id from training.labels_purchase where as_of_date = ?", [day]).df()
    oracles = known.merge(labels.assign(is_hit=True), how="left", on=["customer_id", "product_id"]).assign(
        is_hit=lambda rows: rows["is_hit"].notna()
    )
    possible = _ndcg(truth, oracles, oracles["true_probability"].to_numpy(), is_known)
    both = ours.merge(known, on=["customer_id", "product_id"])
    return {
        "ndcg_at_10": reached,
        "oracle_ndcg_at_10": possible,
        "share_of_oracle_ndcg": reached / possible,
        "calibration_slope": _slope(ours["probability"].to_numpy(), ours["is_bought"].to_numpy(float)),
        "correlation_with_truth": float(
            np.corrcoef(log_odds(both["probability"], LEAST_PROBABILITY), log_odds(both["true_probability"], LEAST_PROBABILITY))[0, 1]
        ),
        "mean_probability": float(ours["probability"].mean()),
        "mean_bought": float(ours["is_bought"].mean()),
    }


def _ndcg(truth: Truth, listed: pd.DataFrame, score: np.ndarray, is_known: np.ndarray) -> float:
    customers = truth.past.customers
    owner = np.searchsorted(customers, listed["customer_id"].to_numpy(str))
    hits = pairs.hits(listed, score, listed["is_hit"].to_numpy(bool), owner, len(customers))
    return float(np.nanmean(metrics.of_each_list(hits, truth.count)["ndcg_at_10"][is_known]))


def _slope(probability: np.ndarray, is_true: np.ndarray) -> float:
    """The slope of a logistic regression of what came true on the log-odds promised."""
    from sklearn.linear_model import LogisticRegression

    return float(LogisticRegression(C=1e6).fit(log_odds(probability, LEAST_PROBABILITY)[:, None], is_true).coef_[0, 0])


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    console = Console()
    try:
        live = landing.plan_run(sample_truth.SHOP)
        found = oracle(live, console)
    except ForecartError as error:
        sys.exit(str(error))
    mean = {metric: float(np.mean([figures[metric] for figures in found.values()])) for metric in next(iter(found.values()))}
    for metric, target in targets.of_question(sample_truth.SHOP, "oracle").items():
        console.print(metric, targets.reached(metric, target, {"model": mean}))
    file = Backtest(live.shop, live.as_of_date).folder / "oracle.json"
    durable.write_durably(file, json.dumps({"dates": found, "mean": mean}, indent=2) + "\n")
    console.print(f"written to {file}")


if __name__ == "__main__":
    main()
