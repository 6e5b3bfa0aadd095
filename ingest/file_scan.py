"""One pass over a file before anything reads it: its hash, its records counted by other means than the reader's, and what is odd in it.

Decompresses and transcodes on the way, so that the readers see plain UTF-8.
"""

import codecs
import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy

from forecart.errors import ForecartError

CHUNK = 8 << 20
# A file that unpacks to far more than text ever does is an attack or a mistake.
LARGEST_RATIO, BOMB_FROM = 400, 256 << 20
UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Scan:
    """`plain` is the file to read: the source itself where it is plain UTF-8 already. `records` counts lines that are not blank, the header too."""

    plain: Path
    records: int
    is_ascii: bool
    has_nul: bool
    repairs: tuple[str, ...] = ()


def scan(path: Path, about: str, scratch: Path, encoding: str = "utf-8", quote: str | None = None, delimiter: str = ",") -> Scan:
    """Count the records of a text file; `quote` is what lets a record go over several lines, None where nothing does.

    Raises ForecartError for a file that is cut short, is no text of that encoding at all, or unpacks beyond all measure.
    """
    repairs = []
    with path.open("rb") as file:
        start = file.read(4)
    is_packed = start[:2] == b"\x1f\x8b"
    head = _head(path, is_packed, about)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and encoding == "utf-8":
        encoding = "utf-16"
        repairs.append("the file: read as UTF-16, as its first bytes say")
    if head.startswith(codecs.BOM_UTF8):
        repairs.append("the file: byte-order mark taken out")
    is_other = codecs.lookup(encoding).name != "utf-8"
    needs_copy = is_packed or is_other or head.startswith(codecs.BOM_UTF8)
    plain = scratch / "plain" if needs_copy else path
    count = _Counter(quote, delimiter)
    chunks = _chunks(path, is_packed, about)
    if is_other:
        chunks = _transcoded(chunks, encoding, about)
    if not needs_copy:
        for chunk in chunks:
            count.add(chunk)
    else:
        with plain.open("wb") as copy:
            for number, chunk in enumerate(chunks):
                text = chunk.removeprefix(codecs.BOM_UTF8) if number == 0 else chunk
                count.add(text)
                copy.write(text)
    records = _recount(plain, about, quote, delimiter) if quote and (count.is_open or count.has_stray_quotes) else count.records
    return Scan(plain, records, count.is_ascii, count.has_nul, tuple(repairs))


def refuse_half_a_line(scan: Scan, about: str, is_whole: Callable[[str], bool]) -> None:
    """Raises ForecartError where a file ends within its last line, as one does that is still being written."""
    with scan.plain.open("rb") as file:
        file.seek(max(0, scan.plain.stat().st_size - CHUNK))
        last = file.read().rpartition(b"\n")[2].decode(errors="replace")
    if last.strip() and not is_whole(last):
        raise ForecartError(  # the line itself may tell of a person, and a log is read by anybody
            f"{about}: expected a whole last line, found one that ends after {len(last)} characters; it lands once it is there, or has an end of line"
        )


def _recount(path: Path, about: str, quote: str, delimiter: str) -> int:
    """Slower, for files in which a quote stands where it opens and closes nothing."""
    csv.field_size_limit(1 << 30)
    try:
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            lines = (line.replace("\0", "") for line in file)
            return sum(1 for row in csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True) if row)
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise ForecartError(f"{about}: expected every quote to be closed, found one that is open at the end of the file") from error
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            return sum(1 for row in csv.reader((line.replace("\0", "") for line in file), delimiter=delimiter, quotechar=quote) if row)


class _Counter:
    """Records are lines, but for line ends inside quotes; blank lines are none."""

    def __init__(self, quote: str | None, delimiter: str) -> None:
        self.quote = ord(quote) if quote else None
        # A quote that opens or closes a field stands beside one of these.
        self.edges = numpy.frombuffer(f"{delimiter}\r\n{quote}".encode(), numpy.uint8)
        self.has_stray_quotes = False
        self.records, self.is_ascii, self.has_nul = 0, True, False
        self.quotes = 0
        self.line_bytes = 0

    @property
    def is_open(self) -> bool:
        return bool(self.quotes % 2)

    @property
    def _rest(self) -> int:
        return 1 if self.line_bytes else 0

    def add(self, chunk: bytes) -> None:
        self.records -= self._rest  # a line that was not at its end is counted once it is
        if self.is_ascii and not chunk.isascii():
            self.is_ascii = False
        self.has_nul = self.has_nul or b"\0" in chunk
        ends, quotes = self._line_ends(chunk)
        content = numpy.diff(ends, prepend=-1) - 1
        if len(ends):
            content[0] += self.line_bytes
            blank = content == 0
            returned = content == 1
            if returned.any():
                array = numpy.frombuffer(chunk, numpy.uint8)
                blank |= returned & (array[numpy.maximum(ends - 1, 0)] == 13)
            self.records += int(len(ends) - blank.sum())
            self.line_bytes = len(chunk) - int(ends[-1]) - 1
        else:
            self.line_bytes += len(chunk)
        self.quotes += quotes
        self.records += self._rest

    def _line_ends(self, chunk: bytes) -> tuple[numpy.ndarray, int]:
        array = numpy.frombuffer(chunk, numpy.uint8)
        ends = numpy.flatnonzero(array == 10)
        if self.quote is None or (not self.is_open and self.quote not in chunk):
            return ends, 0
        quotes = numpy.flatnonzero(array == self.quote)
        if not self.has_stray_quotes:
            inner = quotes[(quotes > 0) & (quotes < len(array) - 1)]
            self.has_stray_quotes = not (numpy.isin(array[inner - 1], self.edges) | numpy.isin(array[inner + 1], self.edges)).all()
        before = self.quotes + numpy.searchsorted(quotes, ends)
        return ends[before % 2 == 0], len(quotes)


def _head(path: Path, is_packed: bool, about: str) -> bytes:
    with gzip.open(path) if is_packed else path.open("rb") as file:
        try:
            return file.read(4)
        except (EOFError, zlib.error, OSError) as error:
            raise _cut_short(about, error) from error


def _chunks(path: Path, is_packed: bool, about: str) -> Iterator[bytes]:
    size, unpacked = path.stat().st_size, 0
    with gzip.open(path) if is_packed else path.open("rb") as file:
        while chunk := _read(file, about):
            unpacked += len(chunk)
            if is_packed and unpacked > BOMB_FROM and unpacked > LARGEST_RATIO * size:
                raise ForecartError(f"{about}: expected a file of data, found {size:,} bytes that unpack to more than {unpacked:,}")
            yield chunk


def _read(file: BinaryIO, about: str) -> bytes:
    try:
        return file.read(CHUNK)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _cut_short(about, error) from error


def _cut_short(about: str, error: Exception) -> ForecartError:
    return ForecartError(f"{about}: expected a whole gzip file, found one that is damaged or still being written: {error}")


def _transcoded(chunks: Iterator[bytes], encoding: str, about: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError as error:
        raise ForecartError(f"{about}: expected text in {encoding}, found bytes that are none: {error.reason}") from error
