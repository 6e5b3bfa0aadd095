"""Survey answers: short, few, and true: who is about to leave, or waited long for a parcel, is less pleased."""

import numpy as np

from sample_shop.browsing import Sessions
from sample_shop.fulfilment import Orders
from sample_shop.people import People
from sample_shop.streams import stream
from sample_shop.tables import Tables, words

_ANSWERS = 0.025  # of sessions of customers
_COMMENTS = {
    "late": ["My last parcel took far too long.", "Delivery is unreliable lately.", "I waited a week longer than promised."],
    "leaving": ["I find most things cheaper elsewhere by now.", "I order less and less here.", "The range does not fit me any more."],
    "pleased": ["Found everything quickly.", "Great choice, always happy here.", "Everything as it should be."],
    "middling": ["It is fine.", "Prices could be better.", "Search does not always find what I mean."],
    "": [""],
}


def write(
    seed: int, month: int, people: People, orders: Orders, sessions: Sessions, session_id: np.ndarray, ended_at: np.ndarray, tables: Tables
) -> None:
    """Write a month's answers, given when a session ends."""
    rng = stream(seed, "surveys", month)
    asked = np.flatnonzero((rng.random(len(sessions)) < _ANSWERS) & (sessions.person >= 0))
    asked = asked[np.argsort(session_id[asked])]
    count = len(asked)
    order = np.where(sessions.last_visit[asked] >= 0, orders.of_visit[sessions.last_visit[asked]], -1)
    delay = np.where(order >= 0, orders.delay_days[order], 0)
    was_late = (delay > 2) & (orders.delivered_day[order] <= sessions.day[asked])
    # the nearer the end, the more restless: the hazard is what a customer could tell of it
    restless = np.clip(np.log(people.hazard[sessions.person[asked]] * 365 / 0.3), -1.5, 2)
    score = np.clip(np.round(8.1 - 1.3 * restless - 0.35 * delay * was_late + 1.3 * rng.normal(size=count)), 0, 10).astype(np.int64)
    theme = np.where(was_late & (score < 8), 0, np.where((restless > 0.7) & (score < 8), 1, np.where(score > 7, 2, 3)))
    theme = np.where(rng.random(count) < 0.45, 4, theme)
    vocabulary = [comment for comments in _COMMENTS.values() for comment in comments]
    sizes = np.array([len(comments) for comments in _COMMENTS.values()])
    comment = (np.cumsum(sizes) - sizes)[theme] + (sizes[theme] * rng.random(count)).astype(int)
    tables.write(
        "survey_answers",
        {
            "answer_id": (month + 1) * 10_000_000 + np.arange(count),
            "session_id": session_id[asked],
            "answered_at": ended_at[asked] + np.timedelta64(5, "s"),
            "score": score,
            "comment": words(comment, vocabulary, theme != 4),
        },
        part=f"{month:02}",
    )
