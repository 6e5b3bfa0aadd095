"""What became of published predictions: each is scored once, when its 30 days are known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from forecart import sql, warehouse
from forecart.run import Run
from ml import archive, metrics, uplift
from ml.baselines.history import ACTIVE_DAYS
from ml.splits import HORIZON

COLUMNS = "question varchar, as_of_date date, model_version varchar, metric varchar, value double, count_rows bigint"
LIST_LENGTH = 10
Figures = dict[str, tuple[float, int]]
"""metric -> its value, and how many rows are behind it."""


def score(run: Run) -> int:
    """Add to `quality.prediction_outcomes` what has matured since. Returns the number of predictions scored; a historical run scores none.

    Where the shop's date went back, since a day that it told of was a mistake, what seemed to have matured by then is scored again in its time.
    """
    with warehouse.connect(run) as connection:
        connection.execute("create schema if not exists quality")
        connection.execute(f"create table if not exists quality.prediction_outcomes ({COLUMNS})")
        if run.is_historical:
            return 0
        connection.execute(f"delete from quality.prediction_outcomes where as_of_date + {HORIZON.days} > ?", [run.as_of_date])
        scored = set(connection.execute("select distinct question, as_of_date from quality.prediction_outcomes").fetchall())
        matured = [
            (question, day, file)
            for question, outcome in OUTCOMES.items()
            for day, file in archive.kept(run, outcome.table).items()
            if day + HORIZON <= run.as_of_date and (question, day) not in scored
        ]
        for question, day, file in matured:
            found = _found(connection, OUTCOMES[question], file, day)
            with warehouse.transaction(connection):  # a prediction counts as scored once one of its figures is there
                for model_version, metric, value, rows in found:
                    row = [question, day, model_version, metric, value, rows]
                    connection.execute("insert into quality.prediction_outcomes values (?, ?, ?, ?, ?, ?)", row)
    return len(matured)


def _found(connection: duckdb.DuckDBPyConnection, outcome: "Outcome", file: Path, day: date) -> list[tuple[str, str, float, int]]:
    frame = outcome.meets(connection, sql.parquet(file), f"date '{day}'")
    if frame.empty:
        return []
    version = frame["model_version"].iloc[0]
    return [(version, name, float(value), rows) for name, (value, rows) in outcome.figures(frame).items() if not np.isnan(value)]


def _of_customers(connection: duckdb.DuckDBPyConnection, file: str, day: str) -> pd.DataFrame:
    """Of customers whom the marts still know: who was erased since is no leaver."""
    return connection.execute(f"""
        select predicted.*, coalesce(bought.sales_cents, 0) as kept_cents, bought.customer_id is null as is_away
        from {file} as predicted
        semi join marts.customers using (customer_id)
        left join (
            select customer_id, sum(gross_sales_cents) as sales_cents from marts.order_lines
            where is_purchase and order_date >= {day} and order_date < {day} + {HORIZON.days} group by customer_id
        ) as bought using (customer_id)
        order by customer_id
    """).df()


def _of_lists(connection: duckdb.DuckDBPyConnection, file: str, day: str, among: str = "") -> pd.DataFrame:
    """Purchases count `among` those that a join (SQL) leaves."""
    return connection.execute(f"""
        with bought as (
            select distinct customer_id, product_id from marts.order_lines {among}
            where is_purchase and order_date >= {day} and order_date < {day} + {HORIZON.days}
        ),
        active as (
            select distinct customer_id from marts.order_lines
            where is_purchase and order_date < {day} and order_date >= {day} - {ACTIVE_DAYS}
        )
        select predicted.customer_id, predicted.rank, predicted.probability, predicted.model_version, bought.product_id is not null as is_bought,
            predicted.customer_id in (select customer_id from active) and predicted.customer_id in (select customer_id from bought) as is_judged
        from {file} as predicted
        semi join marts.customers using (customer_id)
        left join bought using (customer_id, product_id)
        where predicted.rank <= {LIST_LENGTH}
        order by customer_id, rank
    """).df()


def _of_discoveries(connection: duckdb.DuckDBPyConnection, file: str, day: str) -> pd.DataFrame:
    """Judged are customers who bought anything that was new to them."""
    before = f"from marts.order_lines where is_purchase and order_date < {day}"
    return _of_lists(connection, file, day, f"anti join ({before}) as before using (customer_id, product_id)")


def _of_products(connection: duckdb.DuckDBPyConnection, file: str, day: str) -> pd.DataFrame:
    """What was asked for counts, as in the training: what ran out was not wanted less."""
    return connection.execute(f"""
        select predicted.*, coalesce(asked.milliunits, 0) / 1000 as kept_units
        from {file} as predicted
        left join (
            select product_id, sum(demand_milliunits)::double as milliunits from features.demand_days
            where sale_date >= {day} and sale_date < {day} + {HORIZON.days} group by product_id
        ) as asked using (product_id)
        where predicted.horizon_days = {HORIZON.days}
        order by product_id
    """).df()


def _churn(frame: pd.DataFrame) -> Figures:
    return _of_all(frame, _promised(frame["is_away"], frame["churn_probability"]))


def _purchase(frame: pd.DataFrame) -> Figures:
    """kept_share is the share of listed products that were bought; precision_at_10 that of active customers who bought anything (of
    discoveries: anything new), as it is measured in a training."""
    judged = frame[frame["is_judged"]]
    customers = judged["customer_id"].nunique()
    precision = judged["is_bought"].sum() / (LIST_LENGTH * customers) if customers else np.nan
    return _of_all(frame, _promised(frame["is_bought"], frame["probability"])) | {"precision_at_10": (precision, len(judged))}


def _of_all(frame: pd.DataFrame, values: dict[str, float]) -> Figures:
    return {name: (value, len(frame)) for name, value in values.items()}


def _promised(came_true: pd.Series, probability: pd.Series) -> dict[str, float]:
    order = np.argsort(probability.to_numpy(), kind="stable")
    is_true, promised, every = came_true.to_numpy("float64")[order], probability.to_numpy("float64")[order], np.ones(len(order))
    return {
        "promised_share": float(promised.mean()),
        "kept_share": float(is_true.mean()),
        "auc": metrics.auc(is_true, promised, every),
        "brier": metrics.brier(is_true, promised, every),
        "ece": metrics.ece(is_true, promised, every),
    }


def _value(frame: pd.DataFrame) -> Figures:
    kept, expected = frame["kept_cents"].to_numpy("float64"), frame["expected_sales_cents_30d"].to_numpy("float64")
    bias = metrics.total_bias(kept, expected, np.ones(len(kept)))
    return _of_all(frame, {"mae": float(np.abs(expected - kept).mean()), "total_bias": bias})


def _demand(frame: pd.DataFrame) -> Figures:
    columns = ("kept_units", "units_p10", "units_p50", "units_p90", "units_mean")
    return _of_all(frame, metrics.quantity(*(frame[column].to_numpy("float64") for column in columns)))


def _retention(frame: pd.DataFrame) -> Figures:
    """Who stayed away of those offered something and of those held out, in all and by offer: what ml/uplift.py corrects the declared by."""
    every = frame.groupby("group_name")["is_away"].agg(["mean", "size"])
    by_offer = frame.groupby(["group_name", "offer_name"])["is_away"].agg(["mean", "size"])
    shares = {uplift.metric(group): (mean, int(size)) for group, mean, size in every.itertuples()}
    shares |= {uplift.metric(group, offer): (mean, int(size)) for (group, offer), mean, size in by_offer.itertuples()}
    offered, held_out = (shares.get(uplift.metric(group), (np.nan, 0))[0] for group in ("offered", "hold_out"))
    return shares | {"uplift": (1 - offered / held_out if held_out else np.nan, len(frame))}


@dataclass(frozen=True)
class Outcome:
    """`meets` joins the rows of a published table with what came true, `figures` says how good they were."""

    table: str
    meets: Callable[[duckdb.DuckDBPyConnection, str, str], pd.DataFrame]
    figures: Callable[[pd.DataFrame], Figures]


OUTCOMES = {
    "purchase": Outcome("product_recommendations", _of_lists, _purchase),
    "discovery": Outcome("discoveries", _of_discoveries, _purchase),
    "demand": Outcome("demand_forecast", _of_products, _demand),
    "value": Outcome("customer_value", _of_customers, _value),
    "churn": Outcome("churn_risk", _of_customers, _churn),
    "retention": Outcome("retention_offers", _of_customers, _retention),
}
