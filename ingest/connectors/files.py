"""Files in a folder, or anywhere fsspec reaches. A name that says "not finished" waits; one that leads out of the folder is refused."""

import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from forecart import settings
from forecart.errors import ForecartError
from ingest.connectors import Offer
from ingest.ledger import Ledger
from ingest.systems import Entity

PACKAGE = "package:"
UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".writing")


def offers(location: str, ledger: Ledger) -> Iterator[Offer]:
    entity = ledger.entity
    if entity.file is None:
        raise ForecartError(f"{entity.full_name}: {location} holds files, and the declaration names no `file`")
    filesystem, root = fsspec.url_to_fs(folder_of(location))
    is_local = isinstance(filesystem, LocalFileSystem)
    pattern = _pattern(entity.file)
    folder = str(PurePosixPath(root) / PurePosixPath(entity.file).parent)
    found = []
    for details in _listed(filesystem, folder):
        name = PurePosixPath(details["name"]).name
        match = pattern.fullmatch(name)
        if match is None or name.startswith(".") or name.endswith(UNFINISHED):
            continue
        if is_local:
            _refuse_bad_link(entity, Path(details["name"]), Path(root))
        parts = match.groupdict()
        found.append((parts.get("batch") or "", int(parts.get("version") or 0), name, details))
    # What comes file by file has nothing new today; a table that is one file is not there any more.
    if not found and (not ledger.deliveries or "{" not in entity.file):
        raise ForecartError(f"{entity.full_name}: file {PurePosixPath(root) / entity.file}: expected a {entity.format} file, found none")
    if not found and is_local and not Path(folder).is_dir():  # an object store has no folders without files
        raise ForecartError(f"{entity.full_name}: expected a folder {folder}, found none; is what holds it not mounted?")
    for batch, version, name, details in sorted(found, key=lambda one: one[:3]):
        stamp = f"{details['size']}-{_changed(details)}" if _changed(details) else ""
        yield Offer(
            name=str(PurePosixPath(folder) / name),
            batch=batch,
            version=version,
            stamp=stamp,
            format=entity.format,
            fetch=_fetch(filesystem, details["name"], is_local),
        )


def _fetch(filesystem: Any, path: str, is_local: bool):
    def fetch(into: Path) -> Path:
        if is_local:
            return Path(path)
        copy = into / PurePosixPath(path).name
        with filesystem.open(path, "rb") as remote, copy.open("wb") as local:
            shutil.copyfileobj(remote, local, 8 << 20)
        return copy

    return fetch


def _listed(filesystem: Any, folder: str) -> list[dict[str, Any]]:
    try:
        return [details for details in filesystem.ls(folder, detail=True) if details["type"] != "directory"]
    except FileNotFoundError:
        return []


def _changed(details: dict[str, Any]) -> str:
    """When the file last changed, in whatever words this file system has for it."""
    return next(
        (str(details[word]) for word in ("mtime", "LastModified", "last_modified", "updated", "etag", "ETag") if details.get(word)), ""
    )


def _pattern(file: str) -> re.Pattern[str]:
    name = re.escape(PurePosixPath(file).name)
    return re.compile(name.replace(r"\{batch\}", r"(?P<batch>[^/]+?)").replace(r"\{version\}", r"(?P<version>[0-9]+)"))


def _refuse_bad_link(entity: Entity, path: Path, root: Path) -> None:
    """A link inside the folder is a file like another; one that leads out of it could show us anything."""
    if path.is_symlink() and not path.exists():
        raise ForecartError(f"{entity.full_name}: file {path}: expected a file, found a link to {path.readlink()}, which is not there")
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        raise ForecartError(f"{entity.full_name}: file {path}: expected a file of its folder, found a link that leads out of it")


def folder_of(location: str) -> str:
    """A folder may lie in an installed package: `package:name/folder`."""
    if not location.startswith(PACKAGE):
        return location if "://" in location else str((settings.ROOT / Path(location).expanduser()).resolve())
    package, _, folder = location.removeprefix(PACKAGE).partition("/")
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ForecartError(f"the package {package!r} that holds the data is not installed; run `make setup`")
    return str(Path(found.submodule_search_locations[0]) / folder)
