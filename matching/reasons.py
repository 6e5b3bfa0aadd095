"""Why two products were taken for one, in words."""

import math

import numpy as np

from matching import text
from matching.catalogue import Catalogue
from matching.compare import AGREEMENTS, LIKENESSES


def reason(left: Catalogue, right: Catalogue, row: int, column: int, likenesses: np.ndarray, agreements: np.ndarray, apart: float) -> str:
    """The witnesses of one pair, for and against: `names 0.83 alike, model number rs130, same brands, other colours, price 4 % apart`."""
    said = [f"names {max(likenesses[list(LIKENESSES).index(name)] for name in ('name_words', 'name_grams')):.2f} alike"]
    common = text.codes(left.texts[row]) & text.codes(right.texts[column])
    if common:
        said.append(f"model number {max(sorted(common), key=len)}")
    said += [
        f"{'same' if value > 0 else 'other'} {name.replace('_', ' ')}" for name, value in zip(AGREEMENTS, agreements, strict=True) if value
    ]
    if not math.isnan(apart):
        said.append(f"price {100 * math.expm1(abs(apart)):.0f} % apart")
    return ", ".join(said)
