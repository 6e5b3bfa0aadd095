"""Columns into Parquet: the world's tables are folders of parts, written one after another."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Columns = dict[str, np.ndarray | pa.Array | list]


@dataclass(frozen=True)
class Tables:
    """A folder of tables: `<folder>/<table>/part-<part>.parquet`."""

    folder: Path

    def write(self, table: str, columns: Columns, part: str = "all") -> None:
        """Write one part of a table."""
        path = self.folder / table / f"part-{part}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, columns)


def write_file(path: Path, columns: Columns) -> None:
    """Write columns as one Parquet file. Not-a-time is null."""
    with File(path) as file:
        file.write(columns)


class File:
    """A Parquet file written piece by piece, one row group each; a context."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "File":
        return self

    def write(self, columns: Columns) -> None:
        table = pa.table({name: _plain(values) for name, values in columns.items()})
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, table.schema, compression="zstd", compression_level=1, write_statistics=False)
        self._writer.write_table(table)

    def __exit__(self, *_: object) -> None:
        if self._writer:
            self._writer.close()


def _plain(values: np.ndarray | pa.Array | list) -> pa.Array:
    """An array without a vocabulary: written with one, the same words gave other bytes each time (pyarrow 25)."""
    if isinstance(values, pa.DictionaryArray):
        return values.dictionary_decode()
    return values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)


def optional(values: np.ndarray, is_known: np.ndarray) -> pa.Array:
    """Values of which those not known are null."""
    return pa.array(values, mask=~is_known)


def words(codes: np.ndarray, vocabulary: list[str] | np.ndarray, is_known: np.ndarray | None = None) -> pa.Array:
    """Words by their position in a vocabulary."""
    indices = pa.array(np.asarray(codes, dtype=np.int32), mask=None if is_known is None else ~is_known)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(vocabulary), type=pa.string()))
