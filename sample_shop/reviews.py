"""Reviews: the rating mixes product, parcel and mood; the words tell them apart, and whether the customer will come back for it."""

import numpy as np

from sample_shop import days
from sample_shop.fulfilment import Orders
from sample_shop.people import People
from sample_shop.products import Products, assortment, types
from sample_shop.record import Record
from sample_shop.streams import between, chances, normals, stream
from sample_shop.tables import Tables

_WRITES = 0.045  # of delivered lines
_TITLES = [
    ["Never again", "A disappointment", "Waste of money"],
    ["Not convinced", "Expected more", "Below average"],
    ["It is okay", "Does its job", "Average"],
    ["Good", "Happy with it", "Solid"],
    ["Excellent", "Exactly right", "Love it"],
]
_GOOD = ["You notice {0}.", "What I like: {0}.", "{0}, as described.", "Convinced by {0}."]
_POOR = ["Sadly {0}.", "You notice {0}.", "For the money I got {0}.", "My complaint: {0}."]
_LATE = ["It came {0} days late.", "The parcel took {0} days too long.", "Delivery was a mess, {0} days over time."]
_AGAIN = ["Will order again.", "Already my second choice by default.", "This stays on my list."]
_SWITCH = ["Next time I will try another brand.", "I am going back to my old one.", "Once is enough."]
_FILLER = ["Bought it for everyday use.", "A present for my sister.", "Recommended by a friend.", "Ordered on a whim.", ""]


def write(seed: int, people: People, products: Products, record: Record, orders: Orders, tables: Tables) -> None:
    """Write the reviews known at the end: at most one of a person and product, after the delivery."""
    lines = int(np.searchsorted(orders.day[orders.line], days.DAYS))
    line, product = orders.line[:lines], record.product[:lines].astype(np.int64)
    person, ordered_day = orders.person[line].astype(np.int64), orders.day[line]
    mood = 0.5 * stream(seed, "moods").normal(size=len(people))
    delay = orders.delay_days[line]
    chance, noise = chances(seed, "reviews", ordered_day, 2), normals(seed, "ratings", ordered_day, 1)
    pleased = 2.45 + 3.1 * products.quality[product] + mood[person] + 0.7 * noise[0] - 0.22 * delay
    rating = np.clip(np.round(pleased), 1, 5).astype(np.int64)
    share = _WRITES * np.where(rating == 3, 0.6, np.where(rating == 1, 2.0, 1.0))
    day = orders.delivered_day[line] + between(1, 26, chance[0])
    rows = np.flatnonzero((chance[1] < share) & ~np.isnat(orders.delivered_at[line]) & (day < days.DAYS))
    _, first = np.unique(person[rows] * len(products) + product[rows], return_index=True)
    rows = rows[np.sort(first)]
    chance, noise = chances(seed, "review words", ordered_day[rows], 10), normals(seed, "review words", ordered_day[rows], 2)
    second = between(8 * 3600, 23 * 3600, chance[8])
    order = np.lexsort((second, day[rows]))
    rows, chance, noise, second = rows[order], chance[:, order], noise[:, order], second[order]
    tables.write(
        "reviews",
        {
            "review_id": np.arange(1, len(rows) + 1),
            "person_id": person[rows] + 1,
            "product_id": product[rows] + 1,
            "reviewed_at": days.utc(day[rows], second),
            "rating": rating[rows],
            "title": [_one(_TITLES[r - 1], u) for r, u in zip(rating[rows].tolist(), chance[9].tolist(), strict=True)],
            "body": _bodies(products, product[rows], delay[rows], chance[:8], noise),
        },
    )


def _bodies(products: Products, product: np.ndarray, delay: np.ndarray, chance: np.ndarray, noise: np.ndarray) -> list[str]:
    """What the reviews say: materials by quality, the delay, and the next purchase. `chance`: 8 x reviews, `noise`: 2 x reviews."""
    categories = list(assortment().values())
    type_names = [name.lower() for name, _, _ in types()]
    is_good = products.quality[product] + 0.12 * noise[0] > 0.54
    again = products.quality[product] + 0.2 * noise[1] > 0.56
    lasts = products.replenish_days[product] > 0
    found = []
    for one, late, comes_back, good, replenished, u in zip(
        *(values.tolist() for values in (product, delay, again, is_good, lasts, chance.T)), strict=True
    ):
        category = categories[products.category[one]]
        aspect = _one(category["good" if good else "poor"], u[0])
        sentences = [_one(_FILLER, u[1]), _one(_GOOD if good else _POOR, u[2]).format(aspect)]
        if u[3] < 0.3:
            sentences.append(f"A {'fine' if good else 'poor'} {type_names[products.type[one]]}.")
        if late > 2 and u[4] < 0.7:
            sentences.append(_one(_LATE, u[5]).format(late))
        if replenished and u[6] < 0.6:
            sentences.append(_one(_AGAIN if comes_back else _SWITCH, u[7]))
        found.append(" ".join(sentence[0].upper() + sentence[1:] for sentence in sentences if sentence))
    return found


def _one(choices: list[str], chance: float) -> str:
    return choices[int(chance * len(choices))]
