"""The purchase model: a classifier, a ranker that puts the top of its lists right where it can, and one calibrated probability.

The classifier (ml/classifier.py) knows how likely a purchase is. YetiRank (Gulin et al., Winning the transfer learning track of Yahoo!'s
learning to rank challenge with YetiRank, 2011) starts from its log-odds and learns what they get wrong among the products that a customer is
likeliest to buy again, on a cut-off that the classifier has not seen. Other customers of that cut-off tell whether lists are the better for
it, or else the classifier speaks alone, and what a score was worth there. The classifier is then trained anew, with the newest cut-off, and a
probability counts that month once beside each of the months learned from.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial

import catboost
import duckdb
import numpy as np
import pandas as pd
from scipy.special import expit

from forecart import timing
from ml import calibration, classifier, effort, metrics, minima, pairs, parallel, splits, trees
from ml.calibration import Calibration
from ml.classifier import Classifier
from ml.frames import listed
from ml.saved import Saved
from ml.season import ORDERS_30D, Season

MOST_BOUGHT, MOST_UNBOUGHT, UNBOUGHT_A_PURCHASE = 600_000, 800_000, 15
LEAST_BOUGHT, LEAST_CUSTOMERS = 300, 50
RANKED_LENGTH, MOST_CUSTOMERS = 60, 1500
RANKER = {**trees.SETTINGS, **trees.ONE_STEP, "border_count": 64, "depth": 4, "learning_rate": 0.1, "l2_leaf_reg": 20}
# So many standard errors above nothing is no chance.
CERTAIN = 2


@dataclass(frozen=True)
class Scores:
    classifier: Classifier
    ranker: catboost.CatBoostRanker | None = None

    def of(self, features: pd.DataFrame) -> np.ndarray:
        """What pairs are ranked by, shape (pairs,): log-odds, put right by the ranker where the product was bought before."""
        return self.classifier.log_odds(features) + self.correction(features)

    def correction(self, features: pd.DataFrame) -> np.ndarray:
        found, is_repeat = np.zeros(len(features)), pairs.was_bought(features)
        if self.ranker and is_repeat.any():
            repeats = features.loc[is_repeat, self.ranker.feature_names_]
            with timing.spent(timing.CATBOOST):
                found[is_repeat] = self.ranker.predict(repeats, thread_count=parallel.threads())
        return found


@dataclass(frozen=True)
class Boosted(Saved):
    """`calibration` and `season` are of the newest cut-off known, `usual_season` is the mean over the `count_learned` cut-offs learned from."""

    scores: Scores
    calibration: Calibration
    season: Season
    usual_season: Season
    count_learned: int
    name: str = "catboost"

    def score(self, features: pd.DataFrame) -> np.ndarray:
        return self.scores.of(features)

    def probability(self, score: np.ndarray, features: pd.DataFrame) -> np.ndarray:
        """P(the customer buys the product in the next 30 days), shape (pairs,); of one date it never falls where the score rises.

        Months differ by more than any calendar tells. A score, as log-odds, is right in the mean of the months learned from (nearly so where a
        ranker corrects it); a calibration knows what the classifier gets wrong, but of one month alone, and so has one say beside theirs: the
        geometric mean of rates of purchases.
        """
        newest = self.season.none(1 - self.calibration.predict(score), features)
        usual = self.usual_season.none(expit(-score), features)
        rates = -np.log(np.clip([newest, usual], calibration.SURE, 1 - calibration.SURE))
        return -np.expm1(-np.exp(np.average(np.log(rates), axis=0, weights=[1, self.count_learned])))


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date], before: Boosted | None = None) -> Boosted:
    """`before`, where there is one, was fitted on all of the dates but the newest: its classifier need not be trained again to be judged there.

    Raises TooLittleData below two cut-offs or the stated minima.
    """
    learned = drawn(connection, dates)
    learned = learned.of_columns(varying(learned.features))
    with timing.spent(timing.CATBOOST):
        first = before.scores.classifier if before else classifier.known_before_newest(learned)
        (ranker, calibrated, season), of_all = parallel.run(
            [partial(_put_right, connection, learned, first), partial(classifier.of_all, learned, first)]
        )
    cut_offs = learned.keys.drop_duplicates("as_of_date")
    return Boosted(Scores(of_all, ranker), calibrated, season, Season.of(ORDERS_30D, cut_offs), len(cut_offs))


def _put_right(
    connection: duckdb.DuckDBPyConnection, learned: pairs.Sample, first: Classifier | None
) -> tuple[catboost.CatBoostRanker | None, Calibration, Season]:
    """The ranker where it helps, and what scores are worth, on the newest cut-off and in its season, with a classifier of the earlier ones."""
    newest = learned.keys["as_of_date"].max().date()
    first = first or classifier.before_newest(learned)
    customers = pairs.active_customers(connection, "training", newest)
    step = 2 * max(1, len(customers) // (2 * effort.of(MOST_CUSTOMERS)))
    ranker = _rank(connection, first, newest, customers[::step])
    held = _held(connection, Scores(first, ranker), newest, customers[step // 2 :: step])
    if ranker and not _is_better(held, "ranked", "classified"):
        ranker = None
    calibrated = calibration.of_log_odds(held["ranked" if ranker else "classified"].to_numpy(), held["is_bought"].to_numpy(float))
    return ranker, calibrated, Season.of(ORDERS_30D, held)


def drawn(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> pairs.Sample:
    """What there is to learn from on the newest of the dates."""
    with timing.spent(timing.DUCKDB):
        known = connection.execute(f"""
            select as_of_date, count(*) from training.labels_purchase
            where as_of_date in ({listed(dates)}) and as_of_date in (select as_of_date from training.features_customer_product)
            group by as_of_date order by as_of_date desc
        """).fetchall()
    bought_in = [count for _, count in known]
    chosen = [day for place, (day, _) in enumerate(known) if not splits.is_enough(bought_in[:place])]
    minima.ask(len(chosen), splits.LEAST_TO_LEARN_FROM, "complete windows to learn from in which a customer bought")
    bought = sum(bought_in[: len(chosen)])
    found = pairs.sample(connection, chosen, effort.of(MOST_BOUGHT), effort.of(min(MOST_UNBOUGHT, UNBOUGHT_A_PURCHASE * bought)))
    minima.ask(int(found.bought.sum()), LEAST_BOUGHT, "purchases of products proposed")
    minima.ask(found.keys["customer_id"].nunique(), LEAST_CUSTOMERS, "active customers")
    return found


def varying(features: pd.DataFrame) -> list[str]:
    """Columns that say something: more than one value, empty counted as one. Those of a source that the shop has not are not among them."""
    is_varied = (features.max() > features.min()) | (features.isna().any() & ~features.isna().all())
    return list(features.columns[is_varied])


def _rank(connection: duckdb.DuckDBPyConnection, classified: Classifier, day: date, customers: list[str]) -> catboost.CatBoostRanker | None:
    """What the classifier's order of what a customer may buy again gets wrong. None where there is too little to learn from."""
    found, bought, log_odds, owner = [], [], [], []
    for batch in pairs.batches(connection, "training", day, with_labels=True, customers=customers):
        repeats = batch[pairs.was_bought(batch)]
        score = pd.Series(classified.log_odds(repeats), repeats.index)
        best = np.sort(pairs.top(repeats, score.to_numpy(), RANKED_LENGTH).index)  # rows of a customer stand together, as the pairs do
        found.append(repeats.loc[best, classified.columns])
        bought.append(repeats.loc[best, "is_bought"].to_numpy(int))
        log_odds.append(score[best])
        owner.append(repeats.loc[best, "customer_id"].to_numpy(str))
    is_bought = np.concatenate(bought)
    if not 0 < is_bought.sum() < len(is_bought):
        return None
    group = pd.factorize(np.concatenate(owner))[0]
    ranker = catboost.CatBoostRanker(loss_function="YetiRank", **RANKER, iterations=effort.of(40), thread_count=parallel.threads())
    learned = catboost.Pool(pd.concat(found), is_bought, group_id=group, baseline=np.concatenate(log_odds))
    try:
        with timing.spent(timing.CATBOOST):
            return trees.fit(ranker, learned)
    except minima.TooLittleData:  # a classifier does without one
        return None


def _held(connection: duckdb.DuckDBPyConnection, scores: Scores, day: date, customers: list[str]) -> pd.DataFrame:
    """What came of each score on a cut-off that was not learned from: all pairs of customers that the ranker has not seen."""
    found = []
    for batch in pairs.batches(connection, "training", day, with_labels=True, customers=customers):
        classified = scores.classifier.log_odds(batch)
        told = batch[["customer_id", "product_id", "is_bought", ORDERS_30D]]
        found.append(told.assign(classified=classified, ranked=classified + scores.correction(batch)))
    return pd.concat(found, ignore_index=True)


def _is_better(held: pd.DataFrame, score: str, other: str) -> bool:
    """Whether lists by a score are better than by another, and by more than chance."""
    gain = _ndcg(held, score) - _ndcg(held, other)
    gain = gain[~np.isnan(gain)]
    return bool(gain.mean() > CERTAIN * gain.std() / np.sqrt(len(gain))) if len(gain) else False


def _ndcg(held: pd.DataFrame, score: str) -> np.ndarray:
    """NDCG@10 of each customer."""
    owner, customers = pd.factorize(held["customer_id"])
    is_bought = held["is_bought"].to_numpy(bool)
    hits = pairs.hits(held, held[score].to_numpy(), is_bought, owner, len(customers))
    return metrics.of_each_list(hits, np.bincount(owner, is_bought).astype(int))["ndcg_at_10"]
