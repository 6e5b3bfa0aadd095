"""Two catalogues of any size whose truth is known, to measure time on: nothing of the method knows how they are made."""

import numpy as np
import pandas as pd

_ENDINGS = [
    "lamp",
    "chair",
    "speaker",
    "kettle",
    "drill",
    "shampoo",
    "notebook",
    "jacket",
    "router",
    "camera",
    "shelf",
    "tea",
    "toy",
    "pan",
    "bike",
]
_COLOURS = ["black", "white", "red", "blue", "silver", "green"]
_SYLLABLES = np.array([first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "or", "el")])


def catalogues(products: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, set[tuple[int, int]]]:
    """Left and right, `products` each, and the pairs that are one product: four fifths of them."""
    rng = np.random.default_rng(seed)
    common = products * 4 // 5
    count = 2 * products - common
    vocabulary = _words(rng, max(200, count // 100), 3)
    brands = _words(rng, max(50, count // 500), 2)
    brand, kind = rng.choice(brands, count), rng.choice(_ENDINGS, count)
    series, trait = rng.choice(vocabulary, count), rng.choice(vocabulary, count)
    colour = rng.choice(_COLOURS, count)
    model = [
        f"{brand[one][:2].upper()}-{letter}{number}"
        for one, (letter, number) in enumerate(zip(rng.choice(list("ABCDEFGH"), count), rng.integers(1000, 99_999, count), strict=True))
    ]
    price = np.round(np.exp(rng.normal(3, 1, count)), 2)
    one = pd.DataFrame(
        {
            "id": np.arange(count),
            "name": [" ".join(each) for each in zip(brand, series, trait, kind, colour, model, strict=True)],
            "brand": brand,
            "price": price,
        }
    )
    # The other side's office writes names in another order, leaves the number out now and then, and asks another price.
    number = [one.replace("-", "") for one in model]
    trait, number = (np.where(rng.random(count) < share, one, "") for share, one in ((0.8, trait), (0.6, number)))
    other = pd.DataFrame(
        {
            "id": np.arange(count),
            "name": [f"{kind[row].title()} {series[row]} {trait[row]} {number[row]}, {brand[row].upper()}" for row in range(count)],
            "brand": np.where(rng.random(count) < 0.5, brand, None),
            "price": np.round(price * np.exp(rng.normal(-0.3, 0.1, count)), 2),
        }
    )
    left, right = one.iloc[:products], other.iloc[products - common :]
    return (
        left.sample(frac=1, random_state=seed),
        right.sample(frac=1, random_state=seed),
        {(each, each) for each in range(products - common, products)},
    )


def _words(rng: np.random.Generator, count: int, syllables: int) -> np.ndarray:
    return np.unique(["".join(rng.choice(_SYLLABLES, syllables)) for _ in range(count)])
