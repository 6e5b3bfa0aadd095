"""Below this much data there is no model: the baseline serves, and the reason is told."""

from forecart.errors import ForecartError


class TooLittleData(ForecartError):
    """Says what there is and what there would have to be."""


def ask(found: int, least: int, what: str) -> None:
    """Raises TooLittleData where there are fewer than `least`."""
    if found < least:
        raise TooLittleData(f"too little data for a model: {found:,} {what}, at least {least:,} are needed")
