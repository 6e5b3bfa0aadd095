"""A question in miniature, as a module of ml: 400 units at each training date, x and a little noise, P(yes) = logistic(2 x - 1).

`fit` learns a logistic regression on x; the baseline one on x without its digits. Tests put other challengers in the place of `fit`.
"""

import sys
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from forecart.run import Run
from ml import measures, train
from ml.comparison import MODEL
from ml.frames import fetch, listed
from ml.saved import Saved
from tests.ml import world

COUNT = 400


@dataclass(frozen=True)
class Model(Saved):
    """`shift` is added to the log-odds; with `peeks` every fourth answer is known when it is asked; `is_true` of rows counts for both."""

    name: str
    fitted: Any
    columns: tuple[str, ...] = ("x",)
    digits: int = 9
    shift: float = 0.0
    peeks: bool = False

    def probability(self, frame: pd.DataFrame) -> np.ndarray:
        log_odds = self.fitted.decision_function(_values(frame, self.columns, self.digits)) + self.shift
        if self.peeks:
            log_odds = log_odds + np.where(frame["place"] % 4 == 0, 3 * (2 * frame["is_true"] - 1), 0)
        return 1 / (1 + np.exp(-log_odds))


class Broken(Model):
    def save(self, folder):
        (folder / "model.pickle").write_bytes(b"no model")


def learned(connection, dates, kind=Model, name="catboost", columns=("x",), digits=9, **told) -> Model:
    frame = labelled(connection, dates)
    fitted = LogisticRegression(C=1e6).fit(_values(frame, columns, digits), frame["is_true"])
    return kind(name, fitted, columns, digits, **told)


def fit(connection, dates):
    return learned(connection, dates)


def fit_baseline(connection, dates):
    return learned(connection, dates, name="baseline", digits=0)


def judge(model, connection, cut_off):
    frame = labelled(connection, [cut_off])
    of = frame["unit"].to_numpy(), frame["is_true"].to_numpy(int), model.probability(frame)
    told = {"segments": {"odd": (frame["place"] % 2 == 1).to_numpy()}}
    return measures.of_probabilities(*of, **told) | measures.of_risks(*of, **told)


def shuffle(connection):
    connection.execute("""
        create or replace table training.labels_little as
        with places as (
            select *, row_number() over (partition by as_of_date order by unit) as place,
                row_number() over (partition by as_of_date order by md5(unit || as_of_date)) as other_place
            from training.labels_little
        )
        select ours.as_of_date, ours.unit, theirs.is_true
        from places as ours inner join places as theirs on ours.as_of_date = theirs.as_of_date and ours.place = theirs.other_place
    """)


def scores(model, connection, schema, day):
    return model.probability(labelled(connection, [day]))


def labelled(connection, dates) -> pd.DataFrame:
    query = f"""
        select * from training.features_little inner join training.labels_little using (as_of_date, unit)
        where as_of_date in ({listed(dates)}) order by as_of_date, unit
    """
    return fetch(connection, query)


def module() -> SimpleNamespace:
    def trials(connection, cut_off, earlier, model):
        methods = {MODEL: model, "baseline": there.fit_baseline(connection, earlier)}
        return {method: there.judge(way, connection, cut_off) for method, way in methods.items()}

    there = ModuleType("ml.little")
    vars(there).update(
        Model=Model, fit=fit, fit_baseline=fit_baseline, judge=judge, trials=trials, HEADLINE=("auc", "higher"), WINDOWS=2,
        shuffle=shuffle, scores=scores, CHANCE={"auc": 0.5}, CEILING={"auc": 0.99},
        CALIBRATED={"ece_beyond_chance": 0.02, "promised_over_kept": 0.2},
    )  # fmt: skip
    return there


def install(run: Run, monkeypatch) -> ModuleType:
    """Its tables at the run's training dates, and the module as `ml.little`."""
    chance = np.random.default_rng(5)
    days = train.training_dates(run)
    x = chance.normal(size=len(days) * COUNT)
    frame = pd.DataFrame(
        {
            "as_of_date": np.repeat([day.isoformat() for day in days], COUNT),
            "unit": np.tile([f"u{place:03}" for place in range(COUNT)], len(days)),
            "place": np.tile(np.arange(COUNT), len(days)),
            "x": x,
            "noise": chance.normal(size=len(x)),
            "is_true": chance.uniform(size=len(x)) < 1 / (1 + np.exp(1 - 2 * x)),
        }
    )
    frame["answer"] = frame["is_true"].astype(float)
    world.write(run, "features_little", frame.drop(columns="is_true"))
    world.write(run, "labels_little", frame[["as_of_date", "unit", "is_true"]])
    there = module()
    monkeypatch.setitem(sys.modules, "ml.little", there)
    return there


def _values(frame: pd.DataFrame, columns: tuple[str, ...], digits: int) -> np.ndarray:
    return frame[list(columns)].to_numpy("float64").round(digits)
