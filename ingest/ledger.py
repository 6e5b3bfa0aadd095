"""What has landed of an entity: the deliveries seen, the loads made of them, and which of these serve.

`landing/<system>/<entity>/<load_id>/` holds a load: data.parquet, and its manifest, written last. A load without a manifest does not
exist. `deliveries.json` beside the loads says which delivery became which load.
"""

import json
import re
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from forecart.durable import write_durably
from forecart.errors import ForecartError
from forecart.shop import Shop
from ingest.systems import REPLACE, Entity

DATA, MANIFEST = "data.parquet", "manifest.json"
BEFORE_ALL = "1900-01-01 00:00:00"  # no time that lands is earlier


@dataclass(frozen=True)
class Delivery:
    """One file, or one answer of a database or an API. `version` is the source's own; `stamp` tells at a glance that it is unchanged."""

    name: str
    batch: str
    version: int
    stamp: str
    sha256: str
    load_id: str


@dataclass
class Ledger:
    """`lost_from`: of a table with a cursor, from which value of it on rows must be asked for again, because a load of them was damaged."""

    entity: Entity
    folder: Path
    personal: Path
    deliveries: list[Delivery] = field(default_factory=list)
    failure: dict[str, str] | None = None
    lost_from: str | None = None

    @classmethod
    def of(cls, shop: Shop, entity: Entity) -> "Ledger":
        place = Path(entity.system) / entity.name
        ledger = cls(entity, shop.landing / place, shop.personal / place)
        if ledger.file.exists():
            kept = json.loads(ledger.file.read_text())
            ledger.deliveries = [Delivery(**delivery) for delivery in kept["deliveries"]]
            ledger.failure, ledger.lost_from = kept.get("failure"), kept.get("lost_from")
        return ledger

    @property
    def file(self) -> Path:
        return self.folder / "deliveries.json"

    def keep(self) -> None:
        kept = {"deliveries": [asdict(delivery) for delivery in self.deliveries], "failure": self.failure, "lost_from": self.lost_from}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_durably(self.file, json.dumps(kept, indent=1))

    def refuse_contradiction(self, delivery: Delivery) -> None:
        """Raises ForecartError where the source contradicts itself: the same batch and version with other content.

        An answer without a batch is the whole table, asked for while there was no cursor to ask from; the next one takes its place.
        """
        if (
            self.entity.is_append
            and delivery.batch
            and self.entity.loads != REPLACE
            and any(known.sha256 != delivery.sha256 for known in self._same(delivery))
        ):
            raise ForecartError(
                f"{self.entity.full_name}: file {delivery.name}: expected what landed under this name before, found other content; "
                f"a correction comes as a newer version (`{{version}}` in the file's name), or the table is declared with `loads: {REPLACE}`"
            )

    def add(self, delivery: Delivery) -> None:
        """In place of an earlier one of the same batch and version."""
        same = self._same(delivery)
        self.deliveries = [known for known in self.deliveries if known not in same] + [delivery]

    def _same(self, delivery: Delivery) -> list[Delivery]:
        return [known for known in self.deliveries if (known.batch, known.version) == (delivery.batch, delivery.version)]

    def is_landed(self, load_id: str) -> bool:
        return (self.folder / load_id / MANIFEST).exists()

    def manifest(self, load_id: str) -> dict[str, Any]:
        return json.loads((self.folder / load_id / MANIFEST).read_text())

    def data(self, load_id: str) -> Path:
        return self.folder / load_id / DATA

    def serving(self) -> list[str]:
        """The loads that are the entity now: of every batch its newest version, or the newest batch alone; with what replay re-admitted."""
        newest: dict[str, Delivery] = {}
        for delivery in self.deliveries:  # a later delivery of the same version replaces the earlier one: it is what the source says now
            if delivery.batch not in newest or delivery.version >= newest[delivery.batch].version:
                newest[delivery.batch] = delivery
        batches = sorted(newest, key=_in_order) if self.entity.is_append else sorted(newest, key=_in_order)[-1:]
        loads = list(dict.fromkeys(newest[batch].load_id for batch in batches))
        there = [load for load in loads if self.is_landed(load)]
        replayed = {path.name.rpartition("-r")[0] for path in self.folder.glob("*-r*")}  # the folder is read once, not once a load
        return there + [replay for load in there if load in replayed for replay in self.replays(load)[-1:]]

    def replays(self, load_id: str) -> list[str]:
        """Loads of rows that this one had refused, the newest last."""
        found = (path.parent.name for path in self.folder.glob(f"{load_id}-r*/{MANIFEST}"))
        return sorted(found, key=lambda name: int(name.rpartition("-r")[2]))

    def serving_or_raise(self) -> list[str]:
        """`serving`, of which a required source must have one."""
        loads = self.serving()
        if not loads and self.entity.is_required:
            raise ForecartError(f"{self.entity.full_name}: nothing has landed yet; `make run` or the DAG land_sources takes it in")
        return loads

    def lose(self, load_id: str) -> None:
        """A damaged load: the next landing takes it from the source again, which a cursor must be told, for newer loads have passed it by."""
        manifest = self.manifest(load_id)
        if self.entity.cursor and "replay_of" not in manifest:
            since = manifest.get("look_back_from") or BEFORE_ALL
            self.lost_from = min(self.lost_from or since, since)
        self.remove(load_id)

    def remove(self, load_id: str) -> None:
        shutil.rmtree(self.folder / load_id)
        self.deliveries = [delivery for delivery in self.deliveries if delivery.load_id != load_id]
        self.keep()


def _in_order(batch: str) -> list[str | int]:
    """By which the newest batch is the last: digits count as numbers, so that 10 comes after 9."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split("([0-9]+)", batch))]
