"""The warehouse: orders by a forecast, waits for suppliers, runs out now and then."""

from dataclasses import dataclass

import numpy as np

from sample_shop import days
from sample_shop.products import Products

_LEARN = 0.04  # how fast the forecast follows sales
_COVER, _SAFETY = 21.0, 1.3
_LATEST = days.ALL_DAYS + 200


@dataclass
class Stock:
    """Units by product. `arriving` is day x product: what suppliers will bring."""

    products: Products
    on_hand: np.ndarray
    forecast: np.ndarray
    mistake: np.ndarray
    arriving: np.ndarray
    on_order: np.ndarray

    @classmethod
    def fresh(cls, rng: np.random.Generator, products: Products, usual: np.ndarray) -> "Stock":
        """Shelves at the start; `usual` is a guess of units a day."""
        count = len(products)
        mistake = np.exp(0.25 * rng.normal(size=count))
        need = usual * mistake * (products.lead_time_days + _COVER)
        return cls(
            products=products,
            on_hand=(need + 2 + rng.poisson(2, count)).astype(np.int32),
            forecast=usual.astype(float),
            mistake=mistake,
            arriving=np.zeros((_LATEST, count), dtype=np.int32),
            on_order=np.zeros(count, dtype=np.int32),
        )

    def copy(self) -> "Stock":
        return Stock(self.products, self.on_hand.copy(), self.forecast.copy(), self.mistake, self.arriving.copy(), self.on_order.copy())

    def open(self, day: int) -> None:
        """Take in what arrives in the morning."""
        self.on_hand += self.arriving[day]
        self.on_order -= self.arriving[day]

    def serve(self, product: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """Units that each of the day's wishes gets, first come, first served."""
        order = np.argsort(product, kind="stable")
        wished = quantity[order]
        before = np.cumsum(wished) - wished
        first = np.r_[True, product[order][1:] != product[order][:-1]] if len(order) else np.zeros(0, dtype=bool)
        before -= np.maximum.accumulate(np.where(first, before, 0)) if len(order) else 0
        served = np.zeros_like(quantity)
        served[order] = np.clip(self.on_hand[product[order]] - before, 0, wished)
        np.subtract.at(self.on_hand, product, served)
        return served

    def close(self, rng: np.random.Generator, day: int, sold: np.ndarray) -> None:
        """Follow the day's sales and order anew. Some orders come late, some products are judged wrongly."""
        self.forecast += _LEARN * (sold - self.forecast)
        lead = self.products.lead_time_days
        position = self.on_hand + self.on_order
        # a shop does not watch every product every day
        expected = self.forecast * self.mistake * lead * (1 + _SAFETY)
        level = expected + 1.5 * np.sqrt(expected) + 2
        is_low = (position < level) & (rng.random(len(lead)) < 0.5)
        is_low &= self.products.launched_day <= day + 20
        at = np.flatnonzero(is_low)
        units = np.ceil(level[at] + self.forecast[at] * self.mistake[at] * _COVER + 1 - position[at]).astype(np.int32)
        late = np.where(rng.random(len(at)) < 0.05, 3.0, rng.uniform(0.8, 1.5, len(at)))
        arrives = np.minimum(day + 1 + (lead[at] * late).astype(int), _LATEST - 1)
        self.arriving[arrives, at] += units
        self.on_order[at] += units

    def back_to_start(self, day: int) -> None:
        """Call `day` day 0."""
        self.arriving = np.concatenate([self.arriving[day:], np.zeros_like(self.arriving[:day])])
