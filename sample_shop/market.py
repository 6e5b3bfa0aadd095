"""What moves demand from outside the customer: prices and promotions, competitors, the mood about brands, the season, the economy."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sample_shop import days
from sample_shop.products import BRANDS, SERIES, Products, assortment, types
from sample_shop.streams import stream
from sample_shop.tables import Tables, words

COMPETITORS = ["Kaufquelle", "Preisfuchs", "Megamarkt"]
CURRENCIES = {"CHF": 1.04, "GBP": 1.16, "USD": 0.93}
SENTIMENT_LEAD = 14  # days by which the mood runs ahead of demand
SENTIMENT_EFFECT = 0.8
_COMPETITOR_EFFECT = 0.9
_PROMOTION_EFFECT = 0.3  # beyond the price: a promotion is seen
_LAUNCH_EFFECT, _LAUNCH_WEEKS = -0.15, 8
_DISCOUNTS = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.4], dtype=np.float32)
_NOT_YET = -50.0  # the log of a demand that does not exist before the launch
_INDICATORS = ["consumer_confidence", "inflation_rate", "unemployment_rate"]
_MONTHS_BEFORE = 3


@dataclass(frozen=True)
class Market:
    """Day x product (days run one window past the end), and the chance of a visit by day.

    The rate at which a customer of price sensitivity e wants a product is multiplied by exp(push - e * log_price).
    """

    price_cents: np.ndarray
    discount: np.ndarray
    log_price: np.ndarray  # log(price paid / base price)
    push: np.ndarray
    visits: np.ndarray


def make(seed: int, products: Products, tables: Tables) -> Market:
    """Draw the market's paths and write its tables."""
    rng = stream(seed, "market")
    price_cents = _price_moves(rng, products)
    discount = _promotions(rng, products, tables)
    _write_prices(products, price_cents, discount, tables)
    paid = price_cents * (1 - discount)
    push = np.where(discount > 0, np.float32(_PROMOTION_EFFECT), np.float32(0))
    push += _season(products)
    push += _launch(products)
    push += SENTIMENT_EFFECT * _sentiment(rng, tables)[:, products.brand]
    push += _COMPETITOR_EFFECT * _competitor_prices(rng, price_cents, paid, tables)
    push += _competitor_launches(rng, tables)[:, products.category]
    confidence = _economy(rng, tables)
    _exchange_rates(rng, tables)
    return Market(
        price_cents=price_cents,
        discount=discount,
        log_price=np.log(paid / products.price_cents).astype(np.float32),
        push=push.astype(np.float32),
        visits=days.visit_calendar(confidence).astype(np.float32),
    )


def _price_moves(rng: np.random.Generator, products: Products) -> np.ndarray:
    """List prices: about two moves a year."""
    moves = np.where(rng.random((days.ALL_DAYS, len(products)), dtype=np.float32) < 2 / 365, np.float32(1), np.float32(0))
    at = np.nonzero(moves)
    moves[at] = rng.normal(0.008, 0.06, len(at[0]))
    level = np.clip(np.cumsum(moves, axis=0), -0.25, 0.35)
    return np.maximum((products.price_cents * np.exp(level) / 10).round() * 10 - 1, 49).astype(np.int32)


def _promotions(rng: np.random.Generator, products: Products, tables: Tables) -> np.ndarray:
    """Discounts by day: whole weeks, most of all the Black Week."""
    chance = np.where(days.is_black_week(), 0.35, 0.06)[:, None]
    is_on = rng.random((days.WEEK_COUNT, len(products)), dtype=np.float32) < chance
    is_on &= days.week_monday(np.arange(days.WEEK_COUNT))[:, None] >= np.maximum(products.launched_day, 0)
    by_week = np.where(is_on, _DISCOUNTS[rng.integers(0, len(_DISCOUNTS), is_on.shape, dtype=np.int8)], np.float32(0))
    week, product = np.nonzero(by_week)
    monday = days.week_monday(week)
    in_time = monday < days.DAYS
    tables.write(
        "promotions",
        {
            "promotion_id": np.arange(1, in_time.sum() + 1),
            "product_id": product[in_time] + 1,
            "week_start_date": days.date(monday[in_time]),
            "week_end_date": days.date(monday[in_time] + 6),
            "discount_share": by_week[week, product][in_time].round(2).astype(float).round(2),
        },
    )
    return by_week[days.WEEKS]


def _write_prices(products: Products, price_cents: np.ndarray, discount: np.ndarray, tables: Tables) -> None:
    """The change log: a row when the list price or the discount is another than the day before (first of all on the first day)."""
    start = np.maximum(products.launched_day, 0)
    changed = np.ones((days.DAYS, len(products)), dtype=bool)
    changed[1:] = (np.diff(price_cents[: days.DAYS], axis=0) != 0) | (np.diff(discount[: days.DAYS], axis=0) != 0)
    day_of = np.arange(days.DAYS)[:, None]
    changed = (changed & (day_of > start)) | (day_of == start)
    day, product = np.nonzero(changed)
    tables.write(
        "prices",
        {
            "product_id": product + 1,
            "valid_from_date": days.date(day),
            "price_cents": price_cents[day, product],
            "discount_share": discount[day, product].astype(float).round(2),
        },
    )


def _season(products: Products) -> np.ndarray:
    """The year's wave and Christmas, by category."""
    categories = list(assortment().values())
    peak, swing, gift = (np.array([one[name] for one in categories], dtype=np.float32) for name in ["peak", "swing", "gift"])
    wave = swing * np.cos(2 * np.pi * (days.DAY_OF_YEAR[:, None] - peak) / 365)
    christmas = gift * np.exp(-(((days.DAY_OF_YEAR[:, None] - 348) / 14.0) ** 2)) * (days.DAY_OF_YEAR[:, None] < 358)
    return (wave + christmas).astype(np.float32)[:, products.category]


def _launch(products: Products) -> np.ndarray:
    """Nothing before the launch, curiosity after it."""
    age = (np.arange(days.ALL_DAYS)[:, None] - products.launched_day).astype(np.float32)
    return np.where(age < 0, np.float32(_NOT_YET), np.float32(0.8) * np.exp(-np.maximum(age, 0) / 45))


def _sentiment(rng: np.random.Generator, tables: Tables) -> np.ndarray:
    """The mood about each brand two weeks ago, by day; posts of today tell of today's mood."""
    length = days.ALL_DAYS + SENTIMENT_LEAD
    mood = np.zeros((length, len(BRANDS)))
    shocks = rng.normal(0, 0.085, mood.shape) + np.where(rng.random(mood.shape) < 1 / 300, rng.normal(-0.15, 0.6, mood.shape), 0)
    mood[0] = rng.normal(0, 0.3, len(BRANDS))
    for day in range(1, length):
        mood[day] = 0.96 * mood[day - 1] + shocks[day]
    mood = np.tanh(mood)
    told = mood[SENTIMENT_LEAD:][: days.DAYS]
    posts = rng.poisson(25 * np.exp(0.6 * rng.normal(size=len(BRANDS))) * (1 + 2 * np.abs(told)))
    day, brand = _cells(told)
    tables.write(
        "brand_sentiment",
        {
            "brand": words(brand, BRANDS),
            "sentiment_date": days.date(day),
            "sentiment": np.clip(told + rng.normal(0, 0.35, told.shape) / np.sqrt(1 + posts / 4), -1, 1).round(3).ravel(),
            "count_posts": posts.ravel(),
            "known_at": days.utc(day + 1, np.full(len(day), 6 * 3600)),
        },
    )
    return mood[: days.ALL_DAYS].astype(np.float32)


def _competitor_prices(rng: np.random.Generator, price_cents: np.ndarray, paid: np.ndarray, tables: Tables) -> np.ndarray:
    """How much dearer the cheapest competitor is than we are (log), by day; 0 where none sells the product."""
    count = price_cents.shape[1]
    ours = price_cents[np.minimum(np.maximum(days.week_monday(np.arange(days.WEEK_COUNT)), 0), days.ALL_DAYS - 1)]
    cheapest = np.full((days.WEEK_COUNT, count), np.inf, dtype=np.float32)
    for number, name in enumerate(COMPETITORS):
        sold = np.flatnonzero(rng.random(count) < 0.42)
        gap = np.zeros((days.WEEK_COUNT, len(sold)), dtype=np.float32)
        noise = rng.normal(0.002, 0.035, gap.shape)
        for week in range(1, days.WEEK_COUNT):
            gap[week] = 0.92 * gap[week - 1] + noise[week]
        gap -= np.where(rng.random(gap.shape) < 0.06, rng.uniform(0.1, 0.35, gap.shape), 0)
        theirs = np.maximum((ours[:, sold] * np.exp(gap)).round(), 10).astype(np.int32)
        cheapest[:, sold] = np.minimum(cheapest[:, sold], theirs)
        week, position = _cells(theirs)
        scraped = days.week_monday(week)
        in_time = (scraped >= 0) & (scraped < days.DAYS)
        tables.write(
            "competitor_prices",
            {
                "product_id": sold[position[in_time]] + 1,
                "competitor": words(np.full(in_time.sum(), number), COMPETITORS),
                "price_cents": theirs.ravel()[in_time],
                "known_at": days.utc(scraped[in_time], rng.integers(4 * 3600, 6 * 3600, in_time.sum())),
            },
            part=name.lower(),
        )
    gap = np.log(cheapest)[days.WEEKS] - np.log(paid)
    return np.where(np.isfinite(gap), np.clip(gap, -0.4, 0.4), 0).astype(np.float32)


def _competitor_launches(rng: np.random.Generator, tables: Tables) -> np.ndarray:
    """What competitors' new products take from each category, by day."""
    effect = np.zeros((days.ALL_DAYS, len(assortment())), dtype=np.float32)
    count = rng.poisson(0.35 * days.WEEK_COUNT)
    day = np.sort(rng.integers(0, days.DAYS, count))
    type_ = rng.integers(0, len(types()), count)
    names = [f"{SERIES[rng.integers(len(SERIES))]} {types()[number][0]}" for number in type_]
    category = np.array([types()[number][1] for number in type_], dtype=int)
    for launch_day, one in zip(day, category, strict=True):
        effect[launch_day : launch_day + 7 * _LAUNCH_WEEKS, one] += _LAUNCH_EFFECT
    low, high = np.array([one["price"] for one in assortment().values()], dtype=float)[category].reshape(-1, 2).T
    tables.write(
        "competitor_launches",
        {
            "competitor": words(rng.integers(0, len(COMPETITORS), count), COMPETITORS),
            "product_name": pa.array(names, type=pa.string()),
            "category": words(category, list(assortment())),
            "price_cents": (100 * rng.uniform(low, high)).astype(np.int32),
            "known_at": days.utc(day, rng.integers(7 * 3600, 18 * 3600, count)),
        },
    )
    return effect


def _economy(rng: np.random.Generator, tables: Tables) -> np.ndarray:
    """Monthly indicators, first told six weeks after the month began and revised a month later. Confidence moves visits, by day."""
    months = int(days.MONTHS[-1]) + 1 + _MONTHS_BEFORE
    path = np.zeros((months, 3))
    for month in range(1, months):
        path[month] = 0.85 * path[month - 1] + rng.normal(0, [0.09, 0.35, 0.12])
    told = path * [10, 1, 1] + [98, 2.6, 5.6]
    period = np.repeat(np.arange(months), 3).reshape(months, 3)
    starts = (days.START.astype("datetime64[M]") + (period - _MONTHS_BEFORE)).astype("datetime64[D]")
    rows = []
    for lag, error in [(45, [0.5, 0.12, 0.08]), (75, [0, 0, 0])]:
        value = (told + rng.normal(size=told.shape) * error).round(2)
        known_at = starts.astype("datetime64[us]") + np.timedelta64(lag, "D") + np.timedelta64(8, "h")
        rows.append((np.tile(np.arange(3), months), starts.ravel(), value.ravel(), known_at.ravel()))
    indicator, start, value, known_at = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    in_time = known_at < days.END
    tables.write(
        "economic_indicators",
        {
            "indicator": words(indicator[in_time], _INDICATORS),
            "period_start_date": start[in_time],
            "value": value[in_time],
            "known_at": known_at[in_time],
        },
    )
    return path[days.MONTHS + _MONTHS_BEFORE, 0]


def _exchange_rates(rng: np.random.Generator, tables: Tables) -> None:
    """Euro for one unit of another currency, every day."""
    steps = np.cumsum(rng.normal(0, 0.003, (days.DAYS, len(CURRENCIES))), axis=0)
    rates = np.array(list(CURRENCIES.values())) * np.exp(0.3 * steps)
    day, currency = _cells(rates)
    tables.write(
        "exchange_rates",
        {"currency": words(currency, list(CURRENCIES)), "rate_date": days.date(day), "rate": rates.round(5).ravel()},
    )


def _cells(table: np.ndarray) -> np.ndarray:
    """Row and column of each cell of a table, in the order in which `ravel` tells them."""
    return np.indices(table.shape).reshape(2, -1)
