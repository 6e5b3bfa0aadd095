"""Chance by name: every part of the world draws from its own stream, so that a change in one leaves the others as they were."""

import zlib
from collections.abc import Callable

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The generator of one part of the world, for instance `stream(seed, "visits", day)`."""
    return np.random.default_rng([seed, *[zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]])


def chances(seed: int, name: str, day: np.ndarray, number: int) -> np.ndarray:
    """`number` x len(day) uniform draws from [0, 1). Each of the (sorted) days has a stream of its own: what one brings moves no other's."""
    return _by_day(seed, name, day, lambda rng, count: rng.random((number, count)))


def normals(seed: int, name: str, day: np.ndarray, number: int) -> np.ndarray:
    """`number` x len(day) standard normal draws, in the same way."""
    return _by_day(seed, name, day, lambda rng, count: rng.normal(size=(number, count)))


def _by_day(seed: int, name: str, day: np.ndarray, draw: Callable[[np.random.Generator, int], np.ndarray]) -> np.ndarray:
    found, counts = np.unique(day, return_counts=True)
    parts = [draw(stream(seed, name, int(one)), int(count)) for one, count in zip(found, counts, strict=True)]
    return np.concatenate(parts or [draw(stream(seed, name), 0)], axis=1)


def pick(rng: np.random.Generator, shares: list[float] | np.ndarray, size: int) -> np.ndarray:
    """Positions in `shares`, each as often as its share says."""
    return choose(shares, rng.random(size))


def choose(shares: list[float] | np.ndarray, chance: np.ndarray) -> np.ndarray:
    """The position in `shares` that a draw from [0, 1) means."""
    return np.searchsorted(np.cumsum(shares) / np.sum(shares), chance, side="right").astype(np.int8)


def between(low: int, end: int, chance: np.ndarray) -> np.ndarray:
    """The whole number from `low` to before `end` that a draw from [0, 1) means."""
    return low + ((end - low) * chance).astype(np.int64)
