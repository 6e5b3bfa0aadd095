"""A shop is a time zone, a country and a list of source systems, declared in shops.yml."""

from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

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
    """All shops of shops.yml, the default one first. Raises ForecartError, naming the shop and the word, where it cannot be understood."""
    file = settings.shops_file()
    try:
        declared = yaml.safe_load(file.read_text())
        shops = {name: _shop(name, words) for name, words in declared.items()}
    except (OSError, AttributeError, TypeError, ValueError, yaml.YAMLError) as error:
        raise ForecartError(f"{file} cannot be understood: {error}") from error
    if not shops:
        raise ForecartError(f"{file} cannot be understood: a shop was expected, none found")
    return shops


def _shop(name: str, words: dict[str, Any]) -> Shop:
    known = {word.name: word.default is MISSING for word in fields(Shop) if word.name != "name"}
    if unknown := [word for word in words if word not in known]:
        raise TypeError(f"{name}: {', '.join(unknown)} is no word of a shop; {', '.join(known)} are")
    if missing := [word for word, is_needed in known.items() if is_needed and word not in words]:
        raise TypeError(f"{name} has no {', '.join(missing)}")
    if not isinstance(words["systems"], list):
        raise TypeError(f"{name}: expected a list of systems, found {words['systems']}")
    # YAML takes some countries for truth values: NO is false.
    if no_text := [word for word, value in words.items() if word != "systems" and not isinstance(value, str)]:
        raise TypeError(f"{name}: expected text as {', '.join(no_text)}; put it in quotes")
    try:
        ZoneInfo(words["timezone"])
    except (KeyError, ValueError, OSError):  # what it raises for a name unknown, for none, and for a folder of names
        raise TypeError(f"{name}: no time zone is called {words['timezone']}") from None
    return Shop(name, **words | {"systems": tuple(words["systems"])})


def load_shop(name: str) -> Shop:
    shops = declared_shops()
    if name not in shops:
        raise ForecartError(f"there is no shop {name!r} in {settings.shops_file().name}: it has {', '.join(shops)}")
    return shops[name]
