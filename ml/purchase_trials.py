"""How the purchase model and its baselines are tried on one cut-off: lists, probabilities, segments; and what each family of features is worth.

A unit is a customer. All methods are judged on the same active customers against all they bought in the window, candidates or not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse

from ml import boosted, classifier, effort, measures, minima, pairs
from ml.baselines import fallback, history
from ml.baselines.history import History
from ml.comparison import MODEL, Measure, Trials, mean_of

LENGTH = 20
NEW_DAYS = 60
SOME_CUSTOMERS = 500


@dataclass(frozen=True)
class Truth:
    """What was known before the cut-off and what was bought in the 30 days from it on; rows are `past.customers`."""

    past: History
    bought: sparse.csr_matrix
    count: np.ndarray
    count_repeated: np.ndarray

    @classmethod
    def load(cls, connection: duckdb.DuckDBPyConnection, day: date) -> "Truth":
        past = history.load(connection, day)
        bought, count = fallback.wanted(connection, past, day)
        return cls(past, bought, count, np.asarray(bought.multiply(past.bought).sum(axis=1)).ravel().astype(int))

    def segments(self) -> dict[str, np.ndarray]:
        """New since two months, else by orders below or from the median on; and all by purchases, the same way."""
        first_seen = np.zeros(len(self.past.customers))
        np.maximum.at(first_seen, self.past.customer, self.past.age_days)
        orders = self.past.count_orders
        purchases = np.bincount(self.past.customer, minlength=len(orders))
        is_new = first_seen <= NEW_DAYS
        is_regular = orders >= np.median(orders)
        is_many = purchases >= np.median(purchases)
        named = {"new": is_new, "occasional": ~is_new & ~is_regular, "regular": ~is_new & is_regular, "few purchases": ~is_many,
                 "many purchases": is_many}  # fmt: skip
        return {name: mask for name, mask in named.items() if mask.any()}


class Judged:
    """What a method lists for each customer, filled batch by batch; places without a product hold no hit and probability nan."""

    def __init__(self, count_customers: int):
        shape = count_customers, LENGTH
        self.products = np.full(shape, "", dtype=object)
        self.hits, self.new_hits, self.repeats = np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape, bool)
        self.probability = np.full(shape, np.nan)
        self.of_pair: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []  # of pairs bought before: customer, is bought, probability


def trials(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date], model: boosted.Boosted | fallback.Fallback) -> Trials:
    """The model, fitted on the dates `earlier`, and baselines tuned and calibrated on the newest of them.

    Raises TooLittleData where nobody was active at the cut-off.
    """
    truth = Truth.load(connection, cut_off)
    minima.ask(len(truth.past.customers), 1, f"customers active on {cut_off} to judge by")
    groups = _groups(connection, cut_off)
    told = {MODEL: _measures(truth, judge_model(connection, truth, cut_off, model), groups)}
    newest = Truth.load(connection, max(earlier))
    # One after the other, and of each no more is kept than its measures: of a large shop's pairs two at once take a gigabyte.
    for method, of_method in fallback.tuned(newest.past, newest.bought, newest.count).items():
        told[method] = _measures(truth, _calibrated_and_judged(of_method, newest, truth), groups)
    if isinstance(model, boosted.Boosted):
        told[MODEL]["ndcg_at_10_in_training"] = _in_training(connection, model, newest, max(earlier))
    return told


def measured(connection: duckdb.DuckDBPyConnection, cut_off: date, model: boosted.Boosted | fallback.Fallback) -> dict[str, Measure]:
    """What a model that is fitted reaches, by the same measures as in `trials`; with little effort on some of the customers."""
    truth = Truth.load(connection, cut_off)
    rows = effort.some(np.arange(len(truth.past.customers)))
    return _measures(truth, judge_model(connection, truth, cut_off, model, rows), _groups(connection, cut_off))


def of_history(
    connection: duckdb.DuckDBPyConnection, cut_off: date, model: boosted.Boosted | fallback.Fallback
) -> tuple[np.ndarray, np.ndarray]:
    """Of pairs that some customers bought before: whether it was bought in the window, and the probability promised, shape (pairs,)."""
    truth = Truth.load(connection, cut_off)
    rows = effort.at_most(np.arange(len(truth.past.customers)), SOME_CUSTOMERS)
    of_pair = judge_model(connection, truth, cut_off, model, rows).of_pair
    _, is_bought, probability = (np.concatenate(parts) for parts in zip(*of_pair, strict=True))
    return is_bought, probability


def listed_probabilities(
    model: boosted.Boosted | fallback.Fallback, connection: duckdb.DuckDBPyConnection, schema: str, day: date
) -> np.ndarray:
    """Of the first LENGTH products of every so manieth active customer, shape (listed,)."""
    if isinstance(model, fallback.Fallback):
        past = history.load(connection, day)
        rows = effort.at_most(np.arange(len(past.customers)), SOME_CUSTOMERS)
        found = [model.probability(score[np.isfinite(score)]) for _, _, score in history.lists(past, model.scorer(past), LENGTH, rows=rows)]
    else:
        customers, found = pairs.active_customers(connection, schema, day), []
        for batch in pairs.batches(connection, schema, day, customers=effort.at_most(customers, SOME_CUSTOMERS)):
            score = model.score(batch)
            best = pairs.top(batch, score, LENGTH).index
            found.append(model.probability(score[best], batch.loc[best]))
    return np.concatenate(found) if found else np.array([])


def ablation(connection: duckdb.DuckDBPyConnection, cut_off: date, earlier: list[date]) -> Trials:
    """The model with all families of features, and without each of those that the shop has: the classifier's ranks alone."""
    truth, found = Truth.load(connection, cut_off), {}
    learned = boosted.drawn(connection, earlier)
    all_columns = boosted.varying(learned.features)
    first = classifier.known_before_newest(learned.of_columns(all_columns))
    for method, without in {MODEL: (), **{f"without {family}": (family,) for family in pairs.FAMILIES}}.items():
        columns = [name for name in pairs.columns(without) if name in all_columns]
        if method == MODEL or len(columns) < len(all_columns):  # else the shop has nothing of that family
            scores = boosted.Scores(classifier.of_all(learned.of_columns(columns), first))
            found[method] = _measures(truth, judge(connection, truth, cut_off, scores.of, None), {})
    return found


def judge_model(
    connection: duckdb.DuckDBPyConnection,
    truth: Truth,
    day: date,
    model: boosted.Boosted | fallback.Fallback,
    rows: np.ndarray | None = None,
) -> Judged:
    """Of all customers, or of these rows of them."""
    if isinstance(model, fallback.Fallback):
        return judge_fallback(truth, model, rows)
    return judge(connection, truth, day, model.score, model.probability, None if rows is None else truth.past.customers[rows].tolist())


def judge(
    connection: duckdb.DuckDBPyConnection,
    truth: Truth,
    day: date,
    score: Callable[[pd.DataFrame], np.ndarray],
    probability: Callable[[np.ndarray, pd.DataFrame], np.ndarray] | None,
    customers: list[str] | None = None,
) -> Judged:
    """Of scores of candidate pairs. Without `probability`, the scores stand in its place."""
    judged = Judged(len(truth.past.customers))
    for batch in pairs.batches(connection, "training", day, with_labels=True, customers=customers):
        is_bought, is_repeat = batch["is_bought"].to_numpy(bool), pairs.was_bought(batch)
        scores = score(batch)
        chances = probability(scores, batch) if probability else scores
        customer = np.searchsorted(truth.past.customers, batch["customer_id"].to_numpy(str))
        best = pairs.top(batch, scores, LENGTH)
        row, place = customer[best.index], best["rank"].to_numpy() - 1
        judged.products[row, place] = best["product_id"]
        judged.hits[row, place], judged.repeats[row, place] = is_bought[best.index], is_repeat[best.index]
        judged.probability[row, place] = chances[best.index]
        fresh = pairs.top(batch[~is_repeat], scores[~is_repeat], LENGTH)
        judged.new_hits[customer[fresh.index], fresh["rank"].to_numpy() - 1] = is_bought[fresh.index]
        judged.of_pair.append((customer[is_repeat], is_bought[is_repeat], chances[is_repeat]))
    return judged


def judge_fallback(truth: Truth, method: fallback.Fallback, rows: np.ndarray | None = None) -> Judged:
    """Of a baseline's scores of all products."""
    past, judged = truth.past, Judged(len(truth.past.customers))
    scorer = method.scorer(past)
    for batch in past.batches(rows):
        scores, hit = scorer.score(batch), truth.bought[batch].toarray() > 0
        before = past.bought[batch].toarray() > 0
        best, of_best = history.best(past, scores, LENGTH)
        width = slice(best.shape[1])
        judged.products[batch, width] = past.products[best]
        judged.hits[batch, width] = np.take_along_axis(hit, best, axis=1)
        judged.repeats[batch, width] = np.take_along_axis(before, best, axis=1)
        judged.probability[batch, width] = method.probability(of_best)
        fresh, of_fresh = history.best(past, scores, LENGTH, without_bought_of=batch)
        judged.new_hits[batch, width] = np.take_along_axis(hit, fresh, axis=1) & np.isfinite(of_fresh)
        row, product = before.nonzero()
        judged.of_pair.append((batch[row], hit[row, product], method.probability(scores[row, product])))
    return judged


def _calibrated_and_judged(method: fallback.Fallback, newest: Truth, truth: Truth) -> Judged:
    return judge_fallback(truth, fallback.calibrated(method, newest.past, newest.bought))


def _measures(truth: Truth, judged: Judged, groups: dict[str, str]) -> dict[str, Measure]:
    units, segments = truth.past.customers, truth.segments()
    count_new = truth.count - truth.count_repeated
    hits, repeats, listed = judged.hits[:, :10], judged.repeats[:, :10], judged.products[:, :10]
    customer, is_bought, chance = (np.concatenate(parts) for parts in zip(*judged.of_pair, strict=True))
    is_listed = ~np.isnan(judged.probability)
    # Each method lists other products: whether its promises are kept can be compared, how hard they were to make cannot.
    published = units, judged.hits[is_listed].astype(int), judged.probability[is_listed], np.nonzero(is_listed)[0]
    of_top = measures.of_probabilities(*published, with_chance=True)
    known = dict(zip(truth.past.products, truth.past.popularity / max(len(units), 1), strict=True))
    surprise = -np.log2(np.array([[max(known.get(product, 0), 0.5 / len(units)) for product in of_one] for of_one in listed]))
    kinds = np.array([len({groups.get(product, product) for product in of_one if product}) for of_one in listed], dtype=float)
    return {
        **measures.of_lists(units, hits, truth.count, segments=segments),
        "map_at_12": measures.of_lists(units, judged.hits[:, :12], truth.count, at=12)["map_at_12"],
        "repeat_recall_at_10": measures.of_lists(units, hits & repeats, truth.count_repeated)["recall_at_10"],
        "explore_recall_at_10": measures.of_lists(units, hits & ~repeats, count_new)["recall_at_10"],
        **measures.of_lists(units, judged.new_hits[:, :10], count_new, name="discovery_", segments=segments),
        **measures.of_probabilities(units, is_bought.astype(int), chance, customer, "history_", with_chance=True),
        **{f"top_20_{metric}": of_top[metric] for metric in ("ece", "ece_beyond_chance")},
        "top_20_auc": replace(of_top["auc"], better=""),
        "coverage_at_10": Measure(units, _coverage(listed, int((truth.past.popularity > 0).sum())), ""),
        "novelty_bits_at_10": mean_of(units, surprise.mean(axis=1), better=""),
        "product_groups_at_10": mean_of(units, kinds, better=""),
    }


def _coverage(listed: np.ndarray, count_sold: int) -> Callable[[np.ndarray], float]:
    """Different products on the lists of who counts, as a share of the products that active customers bought in 30 days."""
    _, product = np.unique(listed.astype(str), return_inverse=True)
    product = product.reshape(listed.shape)
    return lambda weights: len(np.unique(product[weights > 0])) / max(count_sold, 1)


def _groups(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, str]:
    return dict(
        connection.execute("select product_id, product_group from training.features_product where as_of_date = ?", [day]).fetchall()
    )


def _in_training(connection: duckdb.DuckDBPyConnection, model: boosted.Boosted, newest: Truth, day: date) -> Measure:
    """NDCG@10 on a cut-off that was learned from: how much better than on a new one says how much was learned by heart."""
    asked = effort.at_most(newest.past.customers, SOME_CUSTOMERS).tolist()
    judged = judge(connection, newest, day, model.score, model.probability, asked)
    is_asked = judged.products[:, 0] != ""
    values = measures.of_lists(newest.past.customers[is_asked], judged.hits[is_asked], newest.count[is_asked])
    ndcg = values["ndcg_at_10"]
    return Measure(ndcg.units, ndcg.value, "")
