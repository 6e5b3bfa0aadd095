"""Whom to offer what, so that customers stay: the largest expected margin a cent, under a budget.

expected margin = P(no purchase) × uplift × what the customer would spend × margin − cost. The uplift is declared (ml/offers.yml) and an
assumption; a random tenth of customers, the same ones for ever, is offered nothing, so that it can be measured (ml/uplift.py).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from forecart.errors import ForecartError
from forecart.run import Run
from ml import archive
from ml.splits import HORIZON

TABLE = "retention_offers"
FILE = Path(__file__).with_name("offers.yml")
COLUMNS = {
    "group_name": "string",
    "offer_name": "string",
    "churn_probability": "float64",
    "sales_cents_if_kept_30d": "int64",
    "uplift": "float64",
    "uplift_source": "string",
    "cost_cents": "int64",
    "expected_margin_cents": "float64",
}


@dataclass(frozen=True)
class Offer:
    name: str
    cost_cents: int
    uplift: float
    source: str = "declared assumption"


@dataclass(frozen=True)
class Offers:
    """Shares between 0 and 1, money in cents; the budget is for 30 days, however many plans there are in them."""

    margin: float
    budget_cents: int
    hold_out: float
    offers: tuple[Offer, ...]


def declared(shop: str, file: Path = FILE) -> Offers:
    """The shop's own offers, else the default ones. Raises ForecartError where a number cannot be meant."""
    every = yaml.safe_load(file.read_text())
    found = every.get(shop, every["default"])
    offers = Offers(found["margin"], found["budget_cents"], found["hold_out"], tuple(Offer(**offer) for offer in found["offers"]))
    shares = [offers.margin, offers.hold_out, *(offer.uplift for offer in offers.offers)]
    if not all(0 <= share <= 1 for share in shares) or min([offers.budget_cents, *(offer.cost_cents for offer in offers.offers)]) < 0:
        raise ForecartError(f"{file.name}, {shop}: expected shares from 0 to 1 and costs of 0 or more")
    return offers


def under_way(run: Run) -> pd.DataFrame:
    """The customers, groups and costs of plans that were published before the run's date and whose 30 days are not over."""
    files = [file for day, file in archive.kept(run, TABLE).items() if run.as_of_date - HORIZON < day < run.as_of_date]
    columns = ["customer_id", "group_name", "cost_cents"]
    return pd.concat([pd.read_parquet(file, columns=columns) for file in files]) if files else pd.DataFrame(columns=columns)


def plan(risks: pd.DataFrame, offers: Offers, may_be_asked: set[str] | None = None, under_way: pd.DataFrame | None = None) -> pd.DataFrame:
    """A row for each customer for whom an offer pays: in group `offered` with the offer, or `hold_out`, who would have got it and gets none.

    `risks` has as_of_date, customer_id, churn_probability and expected_sales_cents_30d, a mean over staying and leaving: who stays
    spends expected / (1 − churn_probability). A customer gets one offer at most, the one of the largest margin; the budget goes to the
    largest margins a cent first (the greedy rule of the knapsack problem, Dantzig 1957). `may_be_asked` are those who consented; None
    where consent is not kept. What plans `under_way` cost is spent of the budget, and who is on them, held out or not, is on no other.
    Without a row where the shop declares no offers.
    """
    asked = risks if may_be_asked is None else risks[risks["customer_id"].isin(may_be_asked)]
    budget = offers.budget_cents
    if under_way is not None:
        asked = asked[~asked["customer_id"].isin(under_way["customer_id"])]
        budget -= under_way.loc[under_way["group_name"] == "offered", "cost_cents"].sum()
    probability = asked["churn_probability"].to_numpy("float64")
    if_kept = asked["expected_sales_cents_30d"].to_numpy("float64") / np.maximum(1 - probability, 0.05)
    choices = offers.offers or (Offer("none", 0, 0.0),)  # which never pays
    uplift = np.array([offer.uplift for offer in choices])
    cost = np.array([offer.cost_cents for offer in choices])
    margins = probability[:, None] * uplift * if_kept[:, None] * offers.margin - cost
    best = margins.argmax(axis=1)
    found = pd.DataFrame(
        {
            "as_of_date": asked["as_of_date"],
            "customer_id": asked["customer_id"],
            "group_name": np.where([is_held_out(customer, offers.hold_out) for customer in asked["customer_id"]], "hold_out", "offered"),
            "offer_name": np.array([offer.name for offer in choices], dtype=object)[best],
            "churn_probability": probability,
            "sales_cents_if_kept_30d": if_kept.round(),
            "uplift": uplift[best],
            "uplift_source": np.array([offer.source for offer in choices], dtype=object)[best],
            "cost_cents": cost[best],
            "expected_margin_cents": margins[np.arange(len(best)), best],
        }
    ).astype(COLUMNS)
    found = found[found["expected_margin_cents"] > 0]
    rate = found["expected_margin_cents"] / found["cost_cents"].clip(lower=1)
    ordered = found.loc[rate.sort_values(ascending=False, kind="stable").index]
    affordable = _affordable(ordered["cost_cents"], ordered["group_name"] == "offered", budget)
    return ordered.loc[affordable].reset_index(drop=True)  # of no rows too, where [[]] would ask for no columns


def _affordable(costs: pd.Series, is_spent: pd.Series, budget: float) -> list[bool]:
    """Whether what is left of the budget is enough, in order; who is held out is chosen as the others and costs nothing."""
    found = []
    for cost, spends in zip(costs, is_spent, strict=True):
        found.append(cost <= budget)
        budget -= cost if found[-1] and spends else 0
    return found


def is_held_out(customer_id: str, share: float) -> bool:
    """By a hash of the id: the same answer for ever, whatever else is known of the customer."""
    return int(hashlib.sha256(f"hold out {customer_id}".encode()).hexdigest()[:8], 16) < share * 16**8
