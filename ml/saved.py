"""How a trained model is kept: as one file in the folder that the registry takes."""

import pickle
from pathlib import Path
from typing import Self

FILE = "model.pickle"


class Saved:
    """Loads only what this project's own registry wrote: a pickle is code."""

    def save(self, folder: Path) -> None:
        (folder / FILE).write_bytes(pickle.dumps(self))

    @classmethod
    def load(cls, folder: Path) -> Self:
        return pickle.loads((folder / FILE).read_bytes())
