"""`python -m ml.demand.truth`: what the restocking plan keeps of its promises on the sample shop, where the demand before stock-outs is known.

At three cut-offs 30 days apart, trained on earlier ones, each product's plan meets the units that were really asked for until an order of
that day arrives. Beside it stands the rule that most shops have: what was sold a day in the last 30, and a Poisson's quantile.
"""

import argparse
import json
import sys
from datetime import date

import duckdb
import numpy as np
import pandas as pd
from rich.console import Console
from scipy.stats import poisson

from forecart import durable, warehouse
from forecart.errors import ForecartError
from forecart.run import Run
from ingest import landing
from ml import features, metrics, sample_truth, splits
from ml.backtest import COUNT_CUT_OFFS, Backtest, copy_marts
from ml.demand import model, restock


def judge(live: Run, console: Console) -> dict[str, dict[str, float]]:
    """cut-off -> figures, see `figures`. Raises ForecartError where there is no truth, or no window that it tells of."""
    run = Backtest(live.shop, live.as_of_date)
    copy_marts(live, run)
    sample_truth.table("true_demand")  # without it there is no use in building features
    with warehouse.connect(run) as connection:
        first_day = splits.first_day(connection)
    days = splits.training_dates(run.as_of_date, first_day, most=COUNT_CUT_OFFS)
    earlier = {day: found for day in sorted(days) if (found := splits.training_dates(day, first_day))}
    if not earlier:
        raise ForecartError(f"{live.shop.name}: the history begins on {first_day}, and a plan is judged on 30 days after 90 of them")
    features.build(run, sorted({*earlier, *(one for found in earlier.values() for one in found)}, reverse=True), schema="training")
    told = {}
    for day, dates in earlier.items():
        with warehouse.connect(run) as connection:
            told[day.isoformat()] = figures(planned(connection, day, dates), true_units(connection, day))
        console.print(day, told[day.isoformat()])
    return told


def planned(connection: duckdb.DuckDBPyConnection, day: date, earlier: list[date]) -> pd.DataFrame:
    """The plan of a day by product, with `units_mean` of the next 30 and `units_sold` of the last 30."""
    fitted = model.fit(connection, earlier)
    means = fitted.forecast(connection, "training", day).means
    sums = means.products.sum(axis=1)
    month = fitted.quantiles(model.MONTH, sums)
    plan = restock.plan(connection, day, restock.Demand(means.product_ids, means.products, month[:, 0], month[:, 2])).set_index(
        "product_id"
    )
    sold = connection.execute(
        "select product_id, sum(units)::double as units from marts.daily_product_sales where sale_date >= ? - 30 and sale_date < ? group by 1",
        [day, day],
    ).df()
    sold = sold.set_index("product_id")["units"].reindex(plan.index).fillna(0)
    return plan.assign(units_mean=pd.Series(sums, means.product_ids).reindex(plan.index).fillna(0), units_sold=sold)


def true_units(connection: duckdb.DuckDBPyConnection, day: date) -> pd.DataFrame:
    """Units asked for on each of the 30 days from a date on, as the shop's products are called: a row a product, a column a day."""
    found = connection.execute(
        f"""
        with products as ({sample_truth.products()})
        select products.product_id, demand.day - ? as day, sum(units_demanded) as units
        from {sample_truth.table("true_demand")} as demand inner join products on products.true_product_id = demand.product_id
        where demand.day >= ? and demand.day < ? + {model.HORIZON_DAYS}
        group by all
        """,
        [day, day, day],
    ).df()
    return found.pivot(index="product_id", columns="day", values="units").reindex(columns=range(model.HORIZON_DAYS)).fillna(0)


def figures(plan: pd.DataFrame, true: pd.DataFrame) -> dict[str, float]:
    """How often the reorder point sufficed until an order arrives (`kept_share`, the service level asks for), how many units that were asked
    for lay above it, as a share, and how many units it holds; the same of the simple rule. How true the probability of running out is, where
    the stock is known. WAPE of 30 days against what was asked for, beside that of what was sold before."""
    true = true.reindex(plan.index).fillna(0).to_numpy("float64")
    lead_time = plan["lead_time_days"].to_numpy().clip(max=model.HORIZON_DAYS)
    until_arrival = np.where(np.arange(model.HORIZON_DAYS) < lead_time[:, None], true, 0).sum(axis=1)
    simple = poisson.ppf(restock.SERVICE_LEVEL, np.maximum(plan["units_sold"].to_numpy() / 30 * lead_time, 1e-9))
    points = {"": plan["reorder_point_units"].to_numpy("float64"), "simple_": simple}
    told = {"service_level": restock.SERVICE_LEVEL, "count_products": float(len(plan))}
    for name, point in points.items():
        told[f"{name}kept_share"] = float((until_arrival <= point).mean())
        told[f"{name}missed_units_share"] = float(np.maximum(until_arrival - point, 0).sum() / max(until_arrival.sum(), 1))
        told[f"{name}units_held"] = float(point.sum())
    is_known = plan["units_on_hand"].notna().to_numpy()
    promised = plan["probability_of_running_out"].to_numpy("float64")[is_known]
    ran_out = (until_arrival > plan["units_on_hand"].to_numpy("float64", na_value=np.nan))[is_known].astype(float)
    order, every = np.argsort(promised, kind="stable"), np.ones(len(promised))
    told |= {
        "promised_to_run_out": float(promised.mean()) if len(promised) else float("nan"),
        "ran_out": float(ran_out.mean()) if len(promised) else float("nan"),
        "ran_out_auc": metrics.auc(ran_out[order], promised[order], every) if len(promised) else float("nan"),
        "ran_out_ece": metrics.ece(ran_out[order], promised[order], every) if len(promised) else float("nan"),
    }
    asked = true.sum(axis=1)
    for name, expected in (("", plan["units_mean"]), ("sold_before_", plan["units_sold"])):
        told[f"{name}wape_30d"] = float(np.abs(expected.to_numpy("float64") - asked).sum() / max(asked.sum(), 1))
    return told


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    console = Console()
    try:
        live = landing.plan_run(sample_truth.SHOP)
        found = judge(live, console)
    except ForecartError as error:
        sys.exit(str(error))
    mean = {metric: float(np.nanmean([told[metric] for told in found.values()])) for metric in next(iter(found.values()))}
    console.print("mean", mean)
    file = Backtest(live.shop, live.as_of_date).folder / "restock_truth.json"
    durable.write_durably(file, json.dumps({"dates": found, "mean": mean}, indent=2) + "\n")
    console.print(f"written to {file}")


if __name__ == "__main__":
    main()
