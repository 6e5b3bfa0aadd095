"""A catalogue as matching reads it: one form of each column, whatever came."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matching import text

_OPTIONAL = ("name", "description", "brand", "model_number", "gtin", "price")
_LONGEST = 400  # characters of a description: what tells products apart stands at its beginning


class NotMatchable(ValueError):
    """The columns given do not allow matching; the message says why."""


@dataclass(frozen=True)
class Catalogue:
    """One position per product. Texts are plain (text.plain), "" where unknown; prices are above zero or NaN."""

    ids: np.ndarray
    names: list[str]
    texts: list[str]  # name, model number and the beginning of the description
    brands: np.ndarray
    models: np.ndarray
    gtins: np.ndarray
    prices: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: np.ndarray) -> "Catalogue":
        """The products at these positions."""
        return Catalogue(
            self.ids[rows],
            [self.names[row] for row in rows],
            [self.texts[row] for row in rows],
            self.brands[rows],
            self.models[rows],
            self.gtins[rows],
            self.prices[rows],
        )


def read(table: object, side: str) -> Catalogue:
    """A DataFrame or an Arrow table, with `id` and any of name, description, brand, model_number, gtin, price.

    Raises NotMatchable if ids are missing, absent or not unique.
    """
    frame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
    if "id" not in frame:
        raise NotMatchable(f"The {side} catalogue has no column id.")
    if frame["id"].isna().any() or frame["id"].duplicated().any():
        raise NotMatchable(f"The {side} catalogue's ids are not unique and complete.")
    frame = frame.reindex(columns=["id", *_OPTIONAL])
    plain = {column: [text.plain(value) for value in frame[column]] for column in ("name", "description", "brand")}
    models = ["".join(text.parts(text.plain(value))) for value in frame["model_number"]]
    prices = pd.to_numeric(frame["price"], errors="coerce").to_numpy(float)
    return Catalogue(
        ids=frame["id"].to_numpy(),
        names=plain["name"],
        texts=[
            f"{name} {model} {told[:_LONGEST]}".strip()
            for name, model, told in zip(plain["name"], models, plain["description"], strict=True)
        ],
        brands=np.array(["".join(text.parts(brand)) for brand in plain["brand"]], dtype=object),
        models=np.array(models, dtype=object),
        gtins=np.array([trade_item_number(value) for value in frame["gtin"]], dtype=object),
        prices=np.where(prices > 0, prices, math.nan),
    )


def trade_item_number(value: object) -> str:
    """A GTIN of 8, 12, 13 or 14 digits as 14, "" if it is none: its check digit must be right (GS1 General Specifications, 7.9)."""
    digits = "".join(sign for sign in value if sign.isdigit()) if isinstance(value, str) else ""
    if len(digits) not in (8, 12, 13, 14) or not digits.strip("0"):
        return ""
    digits = digits.zfill(14)
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return digits if total % 10 == 0 else ""
