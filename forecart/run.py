"""A run is a shop seen from one date. It is what the DAGs pass to each other, as the partition key of an asset event."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forecart import sql
from forecart.errors import ForecartError
from forecart.shop import Shop, load_shop

HISTORICAL = "historical"


@dataclass(frozen=True)
class Run:
    """`as_of_date` is the first day that is not known. A historical run never touches the live files."""

    shop: Shop
    as_of_date: date
    is_historical: bool = False

    @property
    def key(self) -> str:
        """`shop|as_of_date`, with `|historical` behind it where that is so."""
        parts = [self.shop.name, self.as_of_date.isoformat()]
        return "|".join([*parts, HISTORICAL] if self.is_historical else parts)

    @classmethod
    def from_key(cls, key: str) -> "Run":
        name, as_of_date, *rest = key.split("|")
        if rest not in ([], [HISTORICAL]):
            raise ForecartError(f"{key!r} is no run key: shop|as_of_date or shop|as_of_date|{HISTORICAL} was expected")
        return cls(load_shop(name), parse_date(as_of_date), bool(rest))

    @property
    def moment(self) -> str:
        """SQL for the timestamp (UTC) at which `as_of_date` begins in the shop."""
        return f"(timestamp '{self.as_of_date} 00:00:00' at time zone {sql.text(self.shop.timezone)} at time zone 'UTC')"

    @property
    def folder(self) -> Path:
        if self.is_historical:
            return self.shop.folder / "as_of" / self.as_of_date.isoformat()
        return self.shop.folder

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse" / "warehouse.duckdb"

    @property
    def quality(self) -> Path:
        """Data Docs and what else the gates leave for a person to read."""
        return self.folder / "quality"


def parse_date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:  # Python reads 20251102 as well, and 2025-W44-7; folders are named in one way
        raise ForecartError(f"{text!r} is no date: YYYY-MM-DD was expected")
    return found
