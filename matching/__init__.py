"""Which products of two catalogues are one: identifiers first, then names, brands and prices, without labels."""

from matching.catalogue import NotMatchable
from matching.match import duplicates, match

__all__ = ["NotMatchable", "duplicates", "match"]
