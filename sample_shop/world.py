"""The whole sample shop: its clean world, the source systems that tell of it, and the truth; made aside and swapped in."""

import ast
import fcntl
import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

import sqlalchemy

from forecart.durable import fsync_folder, sha256_of, write_durably
from forecart.errors import ForecartError
from sample_shop import days, simulation, telling
from sample_shop.simulation import Size

SYSTEMS = tuple(telling.SOURCES)
FOLDER = "sample_shop"
HOUSE = "sample"  # the shop of shops.yml that reads it


@dataclass(frozen=True)
class Shop:
    """Which shop: its size, its chance, and what is made of it. Tastes change on the day of `drift`; `shop_db` is a database URL,
    None for SQLite in the shop's folder."""

    scale: float = 0.2
    seed: int = 1
    customers: int | None = None
    drift: date | None = None
    shop_db: str | None = None
    systems: tuple[str, ...] = SYSTEMS

    def described(self) -> dict:
        """The manifest's first part: equal for shops that are equal."""
        size = Size.of(self.scale, self.customers)
        return {
            "scale": self.scale,
            "seed": self.seed,
            "customers": size.customers,
            "products": size.products,
            "drift": self.drift.isoformat() if self.drift else None,
            "world": _fingerprint(is_telling=False),
            "systems": list(self.systems),
            "shop_db": sqlalchemy.make_url(self.shop_db).render_as_string() if self.shop_db else None,
            "sources": _fingerprint(is_telling=True) if self.systems else None,
        }


def ensure(
    data_folder: Path,
    scale: float = 0.2,
    seed: int = 1,
    customers: int | None = None,
    drift: date | None = None,
    shop_db: str | None = None,
    systems: tuple[str, ...] = SYSTEMS,
    if_missing: bool = False,
) -> bool:
    """Make the shop in `<data_folder>/sample_shop` unless it is there as asked for (with `if_missing`: in any form). True if made.

    A world that is there as asked for is kept when only the sources' code has changed. Raises ForecartError for an unknown system, for a
    size, seed or day of change that no shop has, and where another shop would take the place of one that has landed: its ids would be taken
    for the ones that they are not.
    """
    if unknown := set(systems) - set(SYSTEMS):
        raise ForecartError(f"No such system: {', '.join(sorted(unknown))}. The sample shop has {', '.join(SYSTEMS)}.")
    if not 0 < scale < math.inf or seed < 0 or (customers is not None and customers < 1):
        raise ForecartError("A shop needs a scale above 0, a seed of 0 or more, and one customer or more where their number is given.")
    if drift and not 0 < days.number(drift) < days.DAYS:
        raise ForecartError(f"Tastes cannot change on {drift}: the sample shop's days lie between {days.START} and {days.END}.")
    shop = Shop(scale, seed, customers, drift, shop_db, systems)
    data_folder.mkdir(parents=True, exist_ok=True)
    with _alone(data_folder):
        there = manifest(data_folder)
        if there and (if_missing or _is_as_asked(there, shop)):
            return False
        house = data_folder / HOUSE
        if (house / "landing").exists():
            raise ForecartError(f"{house} holds what landed of the sample shop before. Remove {house}, then make another one.")
        for left in data_folder.glob(f".{FOLDER}.*.aside"):  # of killed runs: nobody else is at work
            shutil.rmtree(left)
        aside = data_folder / f".{FOLDER}.{os.getpid()}.aside"
        try:
            _make(aside, shop, data_folder / FOLDER / "truth" if there and _is_world_as_asked(there, shop) else None)
            _swap(aside, data_folder / FOLDER)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return True


def manifest(data_folder: Path) -> dict | None:
    """The manifest of the shop that is there, if one is."""
    try:
        return json.loads((data_folder / FOLDER / "truth" / "manifest.json").read_text())
    except FileNotFoundError:
        return None


def _is_as_asked(there: dict, shop: Shop) -> bool:
    return all(there.get(name) == value for name, value in shop.described().items())


def _is_world_as_asked(there: dict, shop: Shop) -> bool:
    mine = replace(shop, systems=()).described()
    return all(there.get(name) == mine[name] for name in ["seed", "customers", "products", "drift", "world"])


def _make(folder: Path, shop: Shop, known_world: Path | None) -> None:
    """Write sources, truth and, last of all, the manifest."""
    truth = folder / "truth"
    truth.mkdir(parents=True)
    if known_world:
        for path in known_world.rglob("*.parquet"):
            if path.stem not in telling.TRUTH_TABLES:
                copy = truth / path.relative_to(known_world)
                copy.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, copy)
    else:
        simulation.make(truth, Size.of(shop.scale, shop.customers), shop.seed, shop.drift)
    if shop.systems:
        telling.tell(folder, shop.seed, shop.systems, shop.shop_db)
    files = {str(path.relative_to(truth)): sha256_of(path) for path in sorted(truth.rglob("*.parquet"))}
    write_durably(truth / "manifest.json", json.dumps({**shop.described(), "files": files}, indent=1))


def _swap(new: Path, place: Path) -> None:
    """Put a whole shop in the place of another. Killed in between, there is none, and the next run makes one."""
    fsync_folder(new)
    if place.exists():
        place.rename(new.with_name(f".{FOLDER}.old.aside"))
    new.rename(place)
    fsync_folder(place.parent)
    shutil.rmtree(place.with_name(f".{FOLDER}.old.aside"), ignore_errors=True)


@contextmanager
def _alone(data_folder: Path) -> Iterator[None]:
    """One maker at a time: another one waits, and finds the shop made."""
    with (data_folder / f".{FOLDER}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fingerprint(is_telling: bool) -> str:
    """The code that makes the world, or what else it takes to tell of it; and the libraries whose chance and words each uses."""
    here = Path(__file__).parent
    names = _imported_from("simulation", here) | {"assortment.yml"}
    if is_telling:
        names = (_imported_from("telling", here) | {"dirt.yml"}) - names
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(f"{name}\n".encode() + (here / name).read_bytes())
    for library in ["duckdb"] if is_telling else ["numpy", "pyarrow", "faker"]:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:16]


def _imported_from(module: str, folder: Path) -> set[str]:
    """The files of a module of this package and of all that it imports from the package."""
    found, waiting = set(), [module]
    while waiting:
        file = f"{waiting.pop().replace('.', '/')}.py"
        if file in found or not (folder / file).exists():
            continue
        found.add(file)
        for node in ast.walk(ast.parse((folder / file).read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sample_shop":
                package = node.module.removeprefix("sample_shop").lstrip(".")
                waiting += [package, *(f"{package}.{alias.name}".lstrip(".") for alias in node.names)]
    return found
