"""Sessions told as events, with the names that Google Analytics 4 gives them."""

from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq

from sample_shop import days
from sample_shop.browsing import DEVICES, SOURCES, Sessions
from sample_shop.people import People
from sample_shop.products import BRANDS, Products, types
from sample_shop.streams import stream
from sample_shop.tables import Tables, optional, words

EVENTS = [
    "page_view",
    "view_item_list",
    "select_item",
    "view_promotion",
    "select_promotion",
    "view_item",
    "add_to_cart",
    "begin_checkout",
    "purchase",
    "view_search_results",
]
_PAGE, _LIST, _SELECT, _PROMOTION, _SELECT_PROMOTION, _ITEM, _CART, _CHECKOUT, _PURCHASE, _SEARCH = range(10)
_STEPS = 5  # events that a stop has at most
_LISTED, _SEARCHED = 0.45, 0.25  # of items are found in a list, by searching; the rest by a link


@dataclass
class Events:
    """Writes sessions and events month by month and counts their ids on."""

    seed: int
    people: People
    products: Products
    tables: Tables
    sessions: int = 0
    events: int = 0

    def __post_init__(self) -> None:
        promotions = pq.read_table(self.tables.folder / "promotions", columns=["promotion_id", "product_id", "week_start_date"])
        week = (promotions["week_start_date"].to_numpy().astype("datetime64[D]") - days.START).astype(int)
        week = (week + 6) // 7
        order = np.argsort(week, kind="stable")
        self._promotion = promotions["promotion_id"].to_numpy()[order]
        self._promoted = promotions["product_id"].to_numpy()[order]
        self._week_starts = np.searchsorted(week[order], np.arange(days.WEEK_COUNT + 1))
        names = [name.lower() for name, _, _ in types()]
        self._terms = names + [f"{BRANDS[b]} {names[t]}".lower() for b, t in zip(self.products.brand, self.products.type, strict=True)]

    def write(self, month: int, sessions: Sessions) -> np.ndarray:
        """Write a month. Returns each session's id and, beside it, when it began (as two rows)."""
        rng = stream(self.seed, "events", month)
        count = len(sessions)
        # a session is a start, its items, and an end
        session = np.concatenate([np.arange(count), sessions.item_session, np.arange(count)])
        part = np.repeat([0, 1, 2], [count, len(sessions.item_session), count])
        order = np.lexsort((part, session))  # stable: items keep their order
        session, part = session[order], part[order]
        item = order - count
        product = np.full(len(session), -1)
        is_item = part == 1
        product[is_item] = sessions.item_product[item[is_item]]
        steps = self._steps(rng, sessions, session, part, product, item)
        stop, step = np.nonzero(steps >= 0)
        name, owner = steps[stop, step], session[stop]

        pause = np.round(rng.exponential(16, len(stop)) + 1, 3)
        first = np.searchsorted(owner, np.arange(count + 1))
        since = np.cumsum(pause)
        since -= since[first[:-1]][owner]  # seconds since the session's first event
        length = since[first[1:] - 1]
        begins = np.where(sessions.order >= 0, sessions.second - length, sessions.second)
        started_at = days.utc(sessions.day, begins)
        event_at = days.utc(sessions.day[owner], begins[owner] + since)

        by_time = np.argsort(started_at, kind="stable")
        session_id = np.empty(count, dtype=np.int64)
        session_id[by_time] = self.sessions + 1 + np.arange(count)
        rows = np.argsort(session_id[owner], kind="stable")
        self._write_sessions(rng, month, sessions, session_id, by_time, begins, length)
        self._write_events(rng, month, sessions, session_id, rows, name, owner, product[stop], event_at)
        self.sessions += count
        self.events += len(rows)
        return session_id, started_at + ((length * 1e6).astype("timedelta64[us]"))

    def _steps(
        self, rng: np.random.Generator, sessions: Sessions, session: np.ndarray, part: np.ndarray, product: np.ndarray, item: np.ndarray
    ) -> np.ndarray:
        """Stop x step: the event of each step, -1 for none."""
        steps = np.full((len(session), _STEPS), -1, dtype=np.int8)
        is_start, is_item, is_end = part == 0, part == 1, part == 2
        steps[is_start, 0] = _PAGE
        chance = rng.random((2, len(session)), dtype=np.float32)
        week = days.WEEKS[sessions.day[session]]
        sees = is_start & (chance[0] < 0.3) & (self._week_starts[week + 1] > self._week_starts[week])
        steps[sees, 1] = _PROMOTION
        steps[sees & (chance[1] < 0.2), 2] = _SELECT_PROMOTION
        found = np.where(chance[0] < _LISTED, _LIST, np.where(chance[0] < _LISTED + _SEARCHED, _SEARCH, -1))
        steps[is_item, 0] = found[is_item]
        steps[is_item & (found >= 0), 1] = _SELECT
        steps[is_item, 2] = _PAGE
        steps[is_item, 3] = _ITEM
        carted = np.zeros(len(session), dtype=bool)
        carted[is_item] = sessions.is_carted[item[is_item]]
        steps[carted, 4] = _CART
        buys = is_end & (sessions.order[session] >= 0)
        steps[buys, 0] = _CHECKOUT
        steps[buys, 1] = _PURCHASE
        has_cart = np.zeros(len(sessions), dtype=bool)
        has_cart[session[carted]] = True
        steps[is_end & ~buys & has_cart[session] & (chance[0] < 0.3), 0] = _CHECKOUT
        return steps

    def _write_sessions(
        self,
        rng: np.random.Generator,
        month: int,
        sessions: Sessions,
        session_id: np.ndarray,
        by_time: np.ndarray,
        begins: np.ndarray,
        length: np.ndarray,
    ) -> None:
        joined = np.where(sessions.person >= 0, self.people.joined_day[sessions.person] == sessions.day, False)
        logged_in = begins + length * rng.uniform(0.05, 0.85, len(sessions))
        logged_in = np.where(joined, np.maximum(logged_in, self.people.joined_second[sessions.person] + 1), logged_in)
        logged_in_at = days.utc(sessions.day, np.round(logged_in))
        started_at = days.utc(sessions.day, begins)
        logged_in_at = np.maximum(logged_in_at, started_at)
        person = sessions.person[by_time] + 1
        logs_in = sessions.logs_in[by_time]
        self.tables.write(
            "sessions",
            {
                "session_id": session_id[by_time],
                "person_id": optional(person, person > 0),
                "device_id": sessions.device_id[by_time].astype(np.int64),
                "started_at": started_at[by_time],
                "logged_in_at": optional(logged_in_at[by_time], logs_in),
                "device_category": words(sessions.device[by_time], DEVICES),
                "traffic_source": words(sessions.source[by_time], SOURCES),
            },
            part=f"{month:02}",
        )
        self.tables.write("logins", {"person_id": person[logs_in], "logged_in_at": logged_in_at[by_time][logs_in]}, part=f"{month:02}")

    def _write_events(
        self,
        rng: np.random.Generator,
        month: int,
        sessions: Sessions,
        session_id: np.ndarray,
        rows: np.ndarray,
        name: np.ndarray,
        owner: np.ndarray,
        product: np.ndarray,
        event_at: np.ndarray,
    ) -> None:
        name, owner, product = name[rows], owner[rows], product[rows]
        count = len(rows)
        week = days.WEEKS[sessions.day[owner]]
        first, size = self._week_starts[week], self._week_starts[week + 1] - self._week_starts[week]
        # one promotion a session
        promotion = np.minimum(first + (size * rng.random(len(sessions))[owner]).astype(int), len(self._promotion) - 1)
        is_promotion = (name == _PROMOTION) | (name == _SELECT_PROMOTION)
        has_product = (name == _SELECT) | (name == _ITEM) | (name == _CART)
        product_id = np.where(is_promotion, self._promoted[promotion], product + 1)
        by_name = rng.random(count) < 0.35
        term = np.where(by_name, len(types()) + product, self.products.type[product])
        is_search = name == _SEARCH
        is_purchase = name == _PURCHASE
        self.tables.write(
            "events",
            {
                "event_id": self.events + 1 + np.arange(count),
                "session_id": session_id[owner],
                "event_name": words(name, EVENTS),
                "event_at": event_at[rows],
                "product_id": optional(product_id, has_product | is_promotion),
                "list_position": optional(np.minimum(rng.geometric(0.18, count), 24), name == _SELECT),
                "search_term": words(np.where(is_search, term, 0), self._terms, is_search),
                "promotion_id": optional(self._promotion[promotion], is_promotion),
                "order_id": optional(sessions.order[owner] + 1, is_purchase),
            },
            part=f"{month:02}",
        )
