"""Unpack gzip and bzip2 as a stream under a cap, so that a few bytes cannot become a full memory."""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from geo.sniff import is_bzip2, is_gzip

_READ_BYTES = 1 << 18
_STEP_BYTES = 1 << 20
_MAGIC_BYTES = 10
_GZIP_WINDOW = 31


class BombError(Exception):
    """A stream unpacks to more than its limits allow."""


class DamagedError(Exception):
    """A stream is cut, or its bytes do not unpack, or something else follows its end."""


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """How much a stream may unpack to.

    Attributes
    ----------
    total_bytes
        Never more than this.
    ratio
        Unpacked bytes for each packed byte; OSM XML packs 10 to 30 times.
    free_bytes
        The ratio is not looked at below this many unpacked bytes.
    """

    total_bytes: int
    ratio: int = 200
    free_bytes: int = 64 << 20

    def check(self, packed: int, unpacked: int) -> None:
        """Raise ``BombError`` when so many packed bytes may not become so many unpacked ones."""
        if unpacked > self.total_bytes or (unpacked > self.free_bytes and unpacked > self.ratio * packed):
            raise BombError


class _Gzip:
    """``zlib.decompressobj`` with the manners of ``bz2.BZ2Decompressor``."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(_GZIP_WINDOW)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(out) < max_length
        return out


def _decoder_for(head: bytes) -> _Gzip | bz2.BZ2Decompressor:
    if is_gzip(head):
        return _Gzip()
    if is_bzip2(head):
        return bz2.BZ2Decompressor()
    raise DamagedError


def unpack_stream(
    file: BinaryIO, limits: UnpackLimits, *, on_packed: Callable[[bytes], object] | None = None
) -> Iterator[bytes]:
    """Yield what a gzip or bzip2 file unpacks to, a megabyte at most at a time; joined streams are read on.

    Parameters
    ----------
    file
        The packed file, open for reading at its start.
    limits
        Caps on the unpacked bytes.
    on_packed
        Told every packed chunk, for a hash.

    Raises
    ------
    BombError
        The caps are passed.
    DamagedError
        The stream is cut, damaged, or followed by something else.
    """
    packed = unpacked = 0

    def read_more() -> bytes:
        nonlocal packed
        data = file.read(_READ_BYTES)
        packed += len(data)
        if on_packed is not None:
            on_packed(data)
        return data

    data = read_more()
    while data:
        if len(data) < _MAGIC_BYTES:
            data += read_more()
        decoder = _decoder_for(data)
        while not decoder.eof:
            if not data and decoder.needs_input and not (data := read_more()):
                raise DamagedError
            try:
                out = decoder.decompress(data, _STEP_BYTES)
            except (OSError, zlib.error) as error:
                raise DamagedError from error
            data = b""
            unpacked += len(out)
            limits.check(packed, unpacked)
            yield out
        # Writers for tapes pad with zero bytes; they mean nothing.
        data = decoder.unused_data.lstrip(b"\0") or read_more().lstrip(b"\0")
