"""A shop is a time zone, a country and a list of source systems, declared in shops.yml."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from forecart import settings
from forecart.errors import ForecartError


@dataclass(frozen=True)
class Shop:
    name: str
    description: str
    timezone: str
    currency: str
    systems: tuple[str, ...]
    country: str | None = None

    @property
    def folder(self) -> Path:
        """Everything of a shop lies under this folder."""
        return settings.data_folder() / self.name

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def personal(self) -> Path:
        """Personal columns and quarantined rows, load by load: for identity and erasure alone."""
        return self.folder / "personal"

    @property
    def models(self) -> Path:
        return self.folder / "models"


def declared_shops() -> dict[str, Shop]:
    """All shops of shops.yml, the default one first."""
    declared = yaml.safe_load(settings.shops_file().read_text())
    return {
        name: Shop(
            name=name,
            description=shop["description"],
            timezone=shop["timezone"],
            currency=shop["currency"],
            systems=tuple(shop["systems"]),
            country=shop.get("country"),
        )
        for name, shop in declared.items()
    }


def load_shop(name: str) -> Shop:
    shops = declared_shops()
    if name not in shops:
        raise ForecartError(f"there is no shop {name!r} in {settings.shops_file().name}: it has {', '.join(shops)}")
    return shops[name]
