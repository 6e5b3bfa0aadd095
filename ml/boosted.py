"""The purchase model: a CatBoost classifier, a ranker that puts the top of its lists right, and one calibrated probability of their sum.

The classifier knows how likely a purchase is. YetiRank (Gulin et al., Winning the transfer learning track of Yahoo!'s learning to rank
challenge with YetiRank, 2011) starts from its log-odds and learns what they get wrong among a customer's likeliest products, on a cut-off
that the classifier has not seen; other customers of that cut-off tell what a score is worth. The classifier is then trained anew, with the
newest cut-off.
"""

from dataclasses import dataclass
from datetime import date

import catboost
import duckdb
import numpy as np
import pandas as pd

from forecart import settings, timing
from ml import calibration, effort, minima, pairs
from ml.calibration import Calibration
from ml.frames import listed
from ml.saved import Saved

# Newer cut-offs say more, and a pair's history is the longer the newer it is: older ones are learned from until there is enough.
ENOUGH_BOUGHT = 400_000
MOST_BOUGHT, MOST_UNBOUGHT, UNBOUGHT_A_PURCHASE = 600_000, 800_000, 15
LEAST_BOUGHT, LEAST_CUSTOMERS = 300, 50
RANKED_LENGTH, MOST_CUSTOMERS = 60, 1500


@dataclass(frozen=True)
class Scores:
    classifier: catboost.CatBoostClassifier
    ranker: catboost.CatBoostRanker | None = None

    def of(self, features: pd.DataFrame) -> np.ndarray:
        """What pairs are ranked by, shape (pairs,): log-odds, put right by the ranker."""
        pool = catboost.Pool(features[self.classifier.feature_names_])
        with timing.spent(timing.CATBOOST):
            log_odds = self.classifier.predict(pool, prediction_type="RawFormulaVal", thread_count=settings.threads())
            return log_odds + self.ranker.predict(pool, thread_count=settings.threads()) if self.ranker else log_odds


@dataclass(frozen=True)
class Boosted(Saved):
    scores: Scores
    calibration: Calibration
    name: str = "catboost"

    def score(self, features: pd.DataFrame) -> np.ndarray:
        return self.scores.of(features)

    def probability(self, score: np.ndarray) -> np.ndarray:
        """P(the customer buys the product in the next 30 days) of a score, shape (pairs,); never falls where the score rises."""
        return self.calibration.predict(score)


def fit(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> Boosted:
    """Raises TooLittleData below two cut-offs or the stated minima."""
    learned = drawn(connection, dates)
    of_row = learned.keys["as_of_date"].dt.date.to_numpy()
    newest = max(of_row)
    columns = varying(learned.features)
    first = train(learned.of_rows(of_row != newest), columns)
    customers = pairs.active_customers(connection, "training", newest)
    step = 2 * max(1, len(customers) // (2 * effort.of(MOST_CUSTOMERS)))
    ranker = _rank(connection, first, newest, customers[::step])
    calibrated = _calibrate(connection, Scores(first, ranker), newest, customers[step // 2 :: step])
    return Boosted(Scores(train(learned, columns), ranker), calibrated)


def drawn(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> pairs.Sample:
    """What there is to learn from on the newest of the dates."""
    with timing.spent(timing.DUCKDB):
        known = connection.execute(f"""
            select as_of_date, count(*) from training.labels_purchase
            where as_of_date in ({listed(dates)}) and as_of_date in (select as_of_date from training.features_customer_product)
            group by as_of_date order by as_of_date desc
        """).fetchall()
    before = np.cumsum([0, *(count for _, count in known)])[:-1]
    chosen = [day for (day, _), count in zip(known, before, strict=True) if count < ENOUGH_BOUGHT]
    minima.ask(len(chosen), 2, "complete windows to learn from")
    bought = sum(count for day, count in known if day in chosen)
    found = pairs.sample(connection, chosen, effort.of(MOST_BOUGHT), effort.of(min(MOST_UNBOUGHT, UNBOUGHT_A_PURCHASE * bought)))
    minima.ask(int(found.bought.sum()), LEAST_BOUGHT, "purchases of products proposed")
    minima.ask(found.keys["customer_id"].nunique(), LEAST_CUSTOMERS, "active customers")
    return found


def varying(features: pd.DataFrame) -> list[str]:
    """Columns that say something: more than one value, empty counted as one. Those of a source that the shop has not are not among them."""
    is_varied = (features.max() > features.min()) | (features.isna().any() & ~features.isna().all())
    return list(features.columns[is_varied])


def train(learned: pairs.Sample, columns: list[str]) -> catboost.CatBoostClassifier:
    classifier = catboost.CatBoostClassifier(**_settings(int(learned.bought.sum())))
    with timing.spent(timing.CATBOOST):
        return classifier.fit(catboost.Pool(learned.features[columns], learned.bought, weight=learned.weight))


def _rank(
    connection: duckdb.DuckDBPyConnection, classifier: catboost.CatBoostClassifier, day: date, customers: list[str]
) -> catboost.CatBoostRanker | None:
    """What the classifier's order of a customer's likeliest products gets wrong. None where none of them was bought, or every one."""
    columns, found, bought, log_odds, owner = classifier.feature_names_, [], [], [], []
    for batch in pairs.batches(connection, "training", day, with_labels=True, customers=customers):
        score = Scores(classifier).of(batch)
        best = np.sort(pairs.top(batch, score, RANKED_LENGTH).index.to_numpy())  # rows of a customer stand together, as the pairs do
        found.append(batch.loc[best, columns])
        bought.append(batch["is_bought"].to_numpy(int)[best])
        log_odds.append(score[best])
        owner.append(batch["customer_id"].to_numpy(str)[best])
    is_bought = np.concatenate(bought)
    if not 0 < is_bought.sum() < len(is_bought):
        return None
    group = pd.factorize(np.concatenate(owner))[0]
    given = _settings(int(is_bought.sum())) | {"iterations": effort.of(40), "depth": 4, "learning_rate": 0.1, "rsm": 1, "l2_leaf_reg": 20}
    ranker = catboost.CatBoostRanker(loss_function="YetiRank", **given)
    with timing.spent(timing.CATBOOST):
        return ranker.fit(catboost.Pool(pd.concat(found), is_bought, group_id=group, baseline=np.concatenate(log_odds)))


def _settings(count_bought: int) -> dict:
    """Trees that see a fifth of the columns at each split; shallower ones in smaller steps where there is less to learn from."""
    is_small = count_bought < 50_000
    return {
        "iterations": effort.of(300),
        "depth": 4 if is_small else 6,
        "learning_rate": 0.08 if is_small else 0.1,
        "rsm": 0.2,
        "border_count": 64,
        "leaf_estimation_iterations": 1,
        "random_seed": 7,
        "verbose": False,
        "allow_writing_files": False,
        "thread_count": settings.threads(),
    }


def _calibrate(connection: duckdb.DuckDBPyConnection, scores: Scores, day: date, customers: list[str]) -> Calibration:
    """What came of each score on a cut-off that was not learned from: all pairs of customers that the ranker has not seen."""
    found, bought = [], []
    for batch in pairs.batches(connection, "training", day, with_labels=True, customers=customers):
        bought.append(batch["is_bought"].to_numpy(float))
        found.append(scores.of(batch))
    return calibration.of_log_odds(np.concatenate(found), np.concatenate(bought))
