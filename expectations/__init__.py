"""The gates: what must hold of the data before the next room may read it."""

from expectations.runner import GateFailed, gate

__all__ = ["GateFailed", "gate"]
