"""The assortment: products of brands and categories, described in words that tell of their quality."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from sample_shop import days
from sample_shop.people import TASTES
from sample_shop.streams import stream
from sample_shop.tables import Columns, optional, words

BRANDS = [
    "Alvento",
    "Bergquell",
    "Brisa",
    "Calmora",
    "Castello",
    "Corvina",
    "Dorado",
    "Ebenholz",
    "Elmwood",
    "Fjordlind",
    "Felicia",
    "Granat",
    "Grünhain",
    "Halden",
    "Hellweg",
    "Isarblau",
    "Jolina",
    "Kaskade",
    "Kernholz",
    "Kupferstern",
    "Lavendra",
    "Lichtung",
    "Lindenhof",
    "Lumina",
    "Marlow",
    "Meridian",
    "Moosbach",
    "Nordlicht",
    "Novalis",
    "Ostwind",
    "Otterbach",
    "Pallas",
    "Pinea",
    "Quellwerk",
    "Ravensberg",
    "Rosalind",
    "Salvia",
    "Seeblick",
    "Silvana",
    "Solara",
    "Sternthal",
    "Tamarind",
    "Tannwald",
    "Terranova",
    "Thalweg",
    "Ulmenau",
    "Urbanek",
    "Valeria",
    "Veridia",
    "Vierjahr",
    "Waldgrün",
    "Weitblick",
    "Wiesental",
    "Wolkenstein",
    "Xantos",
    "Ybbsthal",
    "Zedernholz",
    "Zephyr",
    "Zirbel",
    "Zwölfender",
]
SERIES = [
    "Classic",
    "Pure",
    "Natur",
    "Premium",
    "Comfort",
    "Active",
    "Sensitive",
    "Family",
    "Original",
    "Essential",
    "Select",
    "Nova",
    "Urban",
    "Alpine",
    "Fresh",
    "Gold",
]
_OPENINGS = ["{0} with {1}", "{0}: {1}", "A {0} known for {1}", "Our {0} stands out by {1}", "{0}, made with {1}"]
_BRANDS_A_CATEGORY = 9


@dataclass(frozen=True)
class Products:
    """One position per product; its id is the position + 1. `tier` is its price level among its like, `appeal` how well known it is."""

    category: np.ndarray
    type: np.ndarray
    brand: np.ndarray
    price_cents: np.ndarray
    tier: np.ndarray
    quality: np.ndarray
    appeal: np.ndarray
    replenish_days: np.ndarray  # 0: durable
    lead_time_days: np.ndarray
    launched_day: np.ndarray
    returns: np.ndarray
    category_taste: np.ndarray  # category x taste
    brand_taste: np.ndarray  # brand x taste
    columns: Columns

    def __len__(self) -> int:
        return len(self.category)


@cache
def assortment() -> dict[str, dict]:
    """The categories, as assortment.yml tells them."""
    return yaml.safe_load((Path(__file__).parent / "assortment.yml").read_text())


def types() -> list[tuple[str, int, float]]:
    """Each product type: its name, the position of its category, and how dear it is among the category's types."""
    return [(name, number, dear) for number, one in enumerate(assortment().values()) for name, dear in one["types"].items()]


def make(seed: int, count: int) -> Products:
    """So many products, spread over the assortment."""
    rng = stream(seed, "products")
    categories = list(assortment().values())
    type_names, type_category, type_dear = zip(*types(), strict=True)
    type_ = rng.permutation(np.arange(count) % len(type_names))
    category = np.array(type_category)[type_]
    brands_of = np.array([rng.permutation(len(BRANDS))[:_BRANDS_A_CATEGORY] for _ in categories])
    brand = brands_of[category, (_BRANDS_A_CATEGORY * rng.random(count) ** 1.5).astype(int)]

    low, high = np.array([one["price"] for one in categories], dtype=float)[category].T
    brand_level = rng.normal(size=len(BRANDS))
    level = np.clip(0.5 + 0.14 * brand_level[brand] + 0.16 * rng.normal(size=count), 0, 1)
    price = low * (high / low) ** level * np.array(type_dear)[type_] ** 0.7
    price_cents = np.maximum((price * 2).round() * 50 - 1, 99).astype(np.int32)
    quality = np.clip(0.56 + 0.11 * rng.normal(size=len(BRANDS))[brand] + 0.16 * (level - 0.5) + 0.17 * rng.normal(size=count), 0.03, 0.97)
    launched_day = np.where(rng.random(count) < 0.8, -rng.integers(1, 1400, count), rng.integers(0, days.DAYS, count))
    replenish = np.array([one["days"] or 0 for one in categories])[category]
    lead_time = rng.integers(2, 15, count)
    return Products(
        category=category,
        type=type_,
        brand=brand,
        price_cents=price_cents,
        tier=((level - 0.5) / 0.2).astype(np.float32),
        quality=quality.astype(np.float32),
        appeal=np.exp(0.9 * rng.normal(size=count)),
        replenish_days=(replenish * np.exp(0.15 * rng.normal(size=count))).astype(np.float32),
        lead_time_days=lead_time,
        launched_day=launched_day,
        returns=np.array([one["returns"] for one in categories])[category],
        category_taste=rng.normal(size=(len(categories), TASTES)).astype(np.float32),
        brand_taste=rng.normal(size=(len(BRANDS), TASTES)).astype(np.float32),
        columns=_columns(rng, type_, category, brand, price_cents, quality, replenish, lead_time, launched_day),
    )


def _columns(
    rng: np.random.Generator,
    type_: np.ndarray,
    category: np.ndarray,
    brand: np.ndarray,
    price_cents: np.ndarray,
    quality: np.ndarray,
    replenish: np.ndarray,
    lead_time: np.ndarray,
    launched_day: np.ndarray,
) -> Columns:
    """The table `products`."""
    count = len(type_)
    names = list(assortment())
    categories = list(assortment().values())
    type_names = [name for name, _, _ in types()]
    departments = list(dict.fromkeys(one["department"] for one in categories))
    size = np.array([one["size_mm"] for one in categories])[category] * np.exp(0.2 * rng.normal(size=(count, 3)))
    series = rng.integers(0, len(SERIES), count)
    unit = rng.random(count)
    units = [categories[c]["unit"][int(u * len(categories[c]["unit"]))] for c, u in zip(category, unit, strict=True)]
    return {
        "product_id": np.arange(1, count + 1),
        "product_name": _names(brand, type_, series, units),
        "brand": words(brand, BRANDS),
        "department": words(np.array([departments.index(one["department"]) for one in categories])[category], departments),
        "category": words(category, names),
        "product_type": words(type_, type_names),
        "description": [
            _describe(rng, BRANDS[b], type_names[t], categories[c], q) for b, t, c, q in zip(brand, type_, category, quality, strict=True)
        ],
        "gtin": [_with_check_digit(f"40{10_000 + 37 * b:05}{number:05}") for number, b in enumerate(brand.tolist(), start=1)],
        "model_number": [
            f"{BRANDS[b][:3].upper()}-{type_names[t][0]}{1000 + number}" for number, (b, t) in enumerate(zip(brand, type_, strict=True))
        ],
        "price_cents": price_cents,
        "cost_cents": (price_cents * rng.uniform(0.4, 0.55, count)).astype(np.int32),
        "weight_g": (np.array([one["grams"] for one in categories])[category] * np.exp(0.3 * rng.normal(size=count))).astype(np.int32) + 5,
        **{name: size[:, axis].astype(np.int32) + 5 for axis, name in enumerate(["length_mm", "width_mm", "height_mm"])},
        "launched_date": days.date(launched_day),
        "quality": quality,
        "replenish_days": optional(replenish.astype(np.int32), replenish > 0),
        "lead_time_days": lead_time,
    }


def _names(brand: np.ndarray, type_: np.ndarray, series: np.ndarray, units: list[str]) -> pa.Array:
    """A name of its own for each product."""
    type_names = [name for name, _, _ in types()]
    seen: dict[str, int] = {}
    found = []
    for b, t, s, unit in zip(brand, type_, series, units, strict=True):
        name = f"{BRANDS[b]} {SERIES[s]} {type_names[t]}"
        seen[f"{name} {unit}"] = number = seen.get(f"{name} {unit}", 0) + 1
        found.append(f"{name} {unit}" if number == 1 else f"{name} No. {number} {unit}")
    return pa.array(found)


def _describe(rng: np.random.Generator, brand: str, type_name: str, category: dict, quality: float) -> str:
    """A few sentences. What they praise depends on the quality: materials for the good, price for the rest."""
    good = [str(word) for word in rng.permutation(category["good"])]
    poor = [str(word) for word in rng.permutation(category["poor"])]
    praised = good[0] if quality > 0.5 or rng.random() < 0.25 else poor[0]
    opening = _OPENINGS[rng.integers(len(_OPENINGS))].format(type_name, praised)
    if quality > 0.65:
        rest = f"{brand} adds {good[1]} and gives five years of warranty."
    elif quality > 0.45:
        rest = f"Solid everyday choice by {brand}."
    else:
        rest = f"{brand} keeps it simple: {poor[-1]}, at a small price."
    return f"{opening[0].upper()}{opening[1:]}. {rest}"


def _with_check_digit(digits: str) -> str:
    """A GTIN-13 of its first twelve digits."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
