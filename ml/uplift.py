"""What offers do: the declared uplift of each, corrected by what became of who was offered it and of who was held out.

Uplift is 1 - (share who stayed away of those offered) / (share of those held out). The declared one counts as a guess that is as uncertain as
it is large, the measured one with its own standard error; their mean by precision is a Bayesian's (normal prior, normal likelihood; the delta
method for the ratio). So an offer whose effect nobody has measured keeps its declaration, and in the end outcomes alone have the word.
"""

from dataclasses import dataclass, replace

import duckdb

from ml.retention import Offer, Offers

# Fewer customers held out say nothing of an effect of some percent.
LEAST_HELD_OUT = 100
MEASURED = "declared, corrected by {offered:,} customers offered it and {held_out:,} held out"


@dataclass(frozen=True)
class Seen:
    """Customers of a group, and how many of them stayed away."""

    count: int = 0
    away: int = 0

    @property
    def share(self) -> float:
        return (self.away + 0.5) / (self.count + 1)

    @property
    def relative_variance(self) -> float:
        """Of the share, as a share of its square."""
        return (1 - self.share) / (self.share * (self.count + 1))


def metric(group: str, offer: str | None = None) -> str:
    """The name under which quality.prediction_outcomes holds the share of a group that stayed away."""
    return f"away_share_{group}" + (f": {offer}" if offer else "")


def corrected(connection: duckdb.DuckDBPyConnection, offers: Offers) -> Offers:
    """The offers with uplifts as far as they are measured by now."""
    seen = {offer: [_seen(connection, group, offer.name) for group in ("offered", "hold_out")] for offer in offers.offers}
    return replace(offers, offers=tuple(_corrected(offer, *groups) for offer, groups in seen.items()))


def _corrected(offer: Offer, offered: Seen, held_out: Seen) -> Offer:
    if held_out.count < LEAST_HELD_OUT or not offered.count or not offer.uplift:
        return offer
    ratio = offered.share / held_out.share
    variance = ratio**2 * (offered.relative_variance + held_out.relative_variance)
    precisions = 1 / offer.uplift**2, 1 / variance
    uplift = (offer.uplift * precisions[0] + (1 - ratio) * precisions[1]) / sum(precisions)
    source = MEASURED.format(offered=offered.count, held_out=held_out.count)
    return replace(offer, uplift=min(max(uplift, 0.0), 1.0), source=source)


def _seen(connection: duckdb.DuckDBPyConnection, group: str, offer: str) -> Seen:
    """Of all plans: within 30 days nobody is on two of them."""
    try:
        rows = connection.execute(
            "select value, count_rows from quality.prediction_outcomes where metric = ?", [metric(group, offer)]
        ).fetchall()
    except duckdb.CatalogException:
        return Seen()
    return Seen(sum(size for _, size in rows), sum(round(share * size) for share, size in rows))
