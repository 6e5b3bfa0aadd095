"""The published versions of a shop: `versions/<n>/` holds one, and the link `published` says which of them serves.

A version is a data file and its manifest, and a reader must find both of the same one. Two files cannot be renamed at
once, so the folder is what changes: `published` is a relative symbolic link, replaced by one rename. Against renaming the
file over its predecessor, which a link was weighed against:

- *The path stays open.* Either way who holds the old file reads on undisturbed. Who resolves the link once (`readlink`,
  `Path.resolve`) has file and manifest of one version until five newer ones are out; that holds only here.
- *The folder is copied.* `cp -r published` copies the link; say `cp -rL published` or `cp -r published/.`, which take the
  pair of one version. With two renames a copy could hold a new file beside an old manifest, and nothing would show it.
- *The file is watched.* Polling (time, size, inode) sees the swap either way. An inotify watch belongs on the shop's
  folder, where `published` is renamed into place; one inside `published` watches a version, which never changes.

A version is complete before it has a number, and it is never changed afterwards. A rollback leaves the mark `withdrawn` beside
the version it leaves: "made, and taken back" is not the same as "a crash came before it served".
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from forecart.durable import fsync_folder
from forecart.run import Run

DATA, MANIFEST, WITHDRAWN = "forecart.duckdb", "manifest.json", "withdrawn"
KEPT = 5
ASIDE = ".building"
DROPPED = ".dropped"


class Versions:
    def __init__(self, home: Path):
        self.home = home
        self.folder = home / "versions"
        self.link = home / "published"

    @classmethod
    def of(cls, run: Run) -> "Versions":
        """A historical run has versions of its own, in its own folder."""
        return cls(run.folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One publisher at a time. Waits; the OS frees it if we die."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.home / ".publishing.lock"):
            yield

    def serving(self) -> int | None:
        """The version that `published` names, whether or not it is still there."""
        try:
            return int(self.link.readlink().name)
        except FileNotFoundError:
            return None

    def manifest(self, version: int | None) -> dict[str, Any] | None:
        """The manifest of a version whose data file is there in its full size; None for any other."""
        folder = self.folder / str(version)
        try:
            manifest = json.loads((folder / MANIFEST).read_text())
            return manifest if (folder / DATA).stat().st_size == manifest["bytes"] else None
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def newest_made(self) -> int | None:
        """The newest version that ever served. After a rollback it is newer than the one that serves."""
        serving = self.serving()
        return max((n for n in self._numbers() if n == serving or self._is_withdrawn(n)), default=serving)

    def history(self) -> list[int]:
        """Whole versions that can serve, from the one that does backwards: each is followed by what it replaced.

        Where the link is lost, from the newest.
        """
        found, version = [], self.serving() or max(self._numbers(), default=None)
        while version is not None:
            manifest = self.manifest(version)
            if manifest:
                found.append(version)
            # Where a version is damaged, what it replaced is unknown; the one made before it comes nearest.
            before = max((n for n in self._numbers() if n < version), default=None)
            replaced = manifest["previous"] if manifest else before
            version = replaced if replaced is not None and replaced < version else None  # ever older, whatever a manifest says
        return found

    def clean(self) -> None:
        """Remove what a crash left behind: versions half built, half dropped, or complete but never served."""
        serving = self.serving()
        for number in self._numbers():
            if serving is not None and number > serving and not self._is_withdrawn(number):
                self._drop(number)
        for leftover in self.folder.glob(".*"):
            shutil.rmtree(leftover)

    def start(self) -> Path:
        """An empty folder to build the next version in."""
        aside = self.folder / ASIDE
        aside.mkdir()
        return aside

    def next_number(self) -> int:
        return max(self._numbers(), default=0) + 1

    def put(self, aside: Path, number: int) -> None:
        """Give the folder its number. It does not serve yet."""
        fsync_folder(aside)
        aside.rename(self.folder / str(number))
        fsync_folder(self.folder)

    def serve(self, number: int) -> None:
        """Swap the link. Every reader finds the version before, or this one."""
        aside = self.home / ".published"
        aside.unlink(missing_ok=True)
        aside.symlink_to(Path(self.folder.name) / str(number), target_is_directory=True)
        aside.replace(self.link)
        fsync_folder(self.home)

    def withdraw(self, number: int) -> None:
        (self.folder / str(number) / WITHDRAWN).touch()
        fsync_folder(self.folder / str(number))

    def prune(self) -> None:
        """Keep the version that serves and the four it can be rolled back to, one after the other."""
        kept = {self.serving(), *self.history()[:KEPT]}
        for number in self._numbers():
            if number not in kept:
                self._drop(number)

    def _drop(self, number: int) -> None:
        """Renamed first: half a version must not look like one."""
        doomed = self.folder / f"{DROPPED}-{number}"
        (self.folder / str(number)).rename(doomed)
        shutil.rmtree(doomed)

    def _numbers(self) -> list[int]:
        return sorted(int(folder.name) for folder in self.folder.glob("[0-9]*"))

    def _is_withdrawn(self, number: int) -> bool:
        return (self.folder / str(number) / WITHDRAWN).exists()
