"""Tiles out of a user's file: PMTiles version 3 and MBTiles, read with bounds on everything a file can claim.

PMTiles: specification version 3 (github.com/protomaps/PMTiles, public domain): a header of 127 bytes, directories of
varints in up to four levels, tiles in Hilbert order. MBTiles: specification 1.3, an SQLite file with the tables
``tiles`` (rows counted from the south) and ``metadata``.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from geo.errors import InputError
from views.map.safe import clean_text

Kind = Literal["raster", "vector"]

MOST_TILE = 4_000_000
"""Bytes of a tile as stored."""
MOST_UNPACKED = 16_000_000
"""Bytes of a tile, a directory or the metadata after unpacking."""
_HEADER = 127
_MAGIC = b"PMTiles"
_SQLITE = b"SQLite format 3\0"
_LEVELS = 4
_MOST_ENTRIES = 2_000_000
_HIGHEST_ZOOM = 22
_MOST_STEPS = 2_000_000
_PACKED_GZIP, _PLAIN = 2, 1
_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source of tiles says of itself.

    Attributes
    ----------
    kind
        Pictures or vector tiles.
    min_zoom, max_zoom
        Zooms for which it has tiles.
    attribution
        Text to be shown, without markup; may be empty.
    """

    kind: Kind
    min_zoom: int
    max_zoom: int
    attribution: str = ""


class Archive(Protocol):
    """A source of tiles, Web Mercator, rows counted from the north."""

    facts: Facts

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return the unpacked tile, ``None`` where there is none."""


def refuse(name: str, why: str) -> InputError:
    """Return the error that says what is wrong with a base map's file; ``why`` is ``中文 / English``."""
    zh, _, en = why.partition(" / ")
    return InputError(f"底图 {name}：{zh}，请换一个文件或不用底图。 / base map {name}: {en}; use another file or none.")


def unpack(data: bytes, *, most: int = MOST_UNPACKED) -> bytes:
    """Return data unpacked where it is gzip or zlib, as it is otherwise.

    Raises
    ------
    ValueError
        It is broken or grows beyond ``most`` bytes.
    """
    if data[:2] != b"\x1f\x8b" and data[:1] != b"\x78":
        return data
    try:
        engine = zlib.decompressobj(47)
        out = engine.decompress(data, most + 1)
    except zlib.error as error:
        raise ValueError("broken") from error
    if len(out) > most:
        raise ValueError("too large")
    return out


def picture_type(data: bytes) -> str:
    """Return the media type of a picture a browser may be given, ``""`` for anything else."""
    found = next((name for mark, name in _PICTURES if data.startswith(mark)), "")
    return "" if found == "image/webp" and data[8:12] != b"WEBP" else found


def plain_text(value: object, limit: int = 120) -> str:
    """Return a text of a file without markup and control signs, for a line on the map."""
    text, inside = [], False
    for letter in clean_text(str(value or ""))[: 8 * limit]:
        if letter in "<>":
            inside = letter == "<"
        elif not inside:
            text.append(letter if letter.isprintable() else " ")
    words = " ".join("".join(text).replace("&copy;", "©").replace("&amp;", "&").split())
    return words[:limit]


def open_archive(path: Path) -> Archive:
    """Open a file of tiles by what it holds, not by its name.

    Raises
    ------
    InputError
        It is missing, of another kind, damaged, or claims what cannot be.
    """
    name = plain_text(path.name, 60)
    try:
        with path.open("rb") as file:
            start = file.read(_HEADER)
    except OSError as error:
        raise refuse(name, "打不开 / it cannot be opened") from error
    if start.startswith(_MAGIC):
        return PmTiles(path, name)
    if start.startswith(_SQLITE):
        return MbTiles(path, name)
    raise refuse(name, "不是 PMTiles 或 MBTiles 文件 / this is neither PMTiles nor MBTiles")


def _bounded(zooms: tuple[int, int], name: str) -> tuple[int, int]:
    if not 0 <= zooms[0] <= zooms[1] <= _HIGHEST_ZOOM:
        raise refuse(name, "缩放级别不可能 / its zooms cannot be")
    return zooms


def hilbert_id(zoom: int, column: int, row: int) -> int:
    """Return the number of a tile in a PMTiles file.

    Examples
    --------
    >>> [hilbert_id(1, column, row) for column, row in ((0, 0), (0, 1), (1, 1), (1, 0))]
    [1, 2, 3, 4]
    """
    number: int = (4**zoom - 1) // 3
    x, y, side = column, row, 1 << zoom >> 1
    while side:
        right, low = int(bool(x & side)), int(bool(y & side))
        number += side * side * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))
            x, y = y, x
        side >>= 1
    return number


@dataclass(frozen=True, slots=True)
class _Entry:
    first: int
    offset: int
    length: int
    run: int


class PmTiles:
    """A PMTiles file of version 3."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._size = path.stat().st_size
        self._leaves: dict[int, list[_Entry]] = {}
        head = self._read(0, _HEADER)
        if len(head) < _HEADER or head[7] != 3:  # noqa: PLR2004
            raise refuse(name, "不是第 3 版 PMTiles / this is no PMTiles of version 3")
        self._root_at, self._root_size, meta_at, meta_size, self._leaf_at, _, self._tiles_at, _ = struct.unpack_from(
            "<8Q", head, 8
        )
        self._packing, self._tile_packing, tile_type = head[97], head[98], head[99]
        if not {self._packing, self._tile_packing} <= {0, _PLAIN, _PACKED_GZIP}:
            raise refuse(name, "压缩方式不支持（只支持 gzip） / its packing is not gzip")
        if tile_type not in {1, 2, 3, 4}:
            raise refuse(name, "瓦片类型不支持 / its kind of tile is not supported")
        low, high = _bounded((head[100], head[101]), name)
        try:
            self._root = self._directory(self._root_at, self._root_size)
            meta = self._metadata(meta_at, meta_size)
        except (ValueError, IndexError, OSError) as error:
            raise refuse(name, "文件损坏 / the file is damaged") from error
        kind: Kind = "vector" if tile_type == 1 else "raster"
        self.facts = Facts(kind, low, high, plain_text(meta.get("attribution")))

    def _read(self, offset: int, length: int) -> bytes:
        if not 0 <= offset <= self._size or not 0 <= length <= MOST_UNPACKED or offset + length > self._size:
            raise ValueError("outside the file")
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def _metadata(self, offset: int, length: int) -> dict[str, Any]:
        found = json.loads(unpack(self._read(offset, length)) or b"{}") if length else {}
        return found if isinstance(found, dict) else {}

    def _directory(self, offset: int, length: int) -> list[_Entry]:
        return read_directory(unpack(self._read(offset, length)))

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return the unpacked tile, ``None`` where there is none or what is there is broken."""
        try:
            return self._find(hilbert_id(zoom, column, row))
        except (ValueError, IndexError, OSError):
            return None

    def _find(self, number: int) -> bytes | None:
        entries = self._root
        for _ in range(_LEVELS):
            entry = _entry_of(entries, number)
            if entry is None:
                return None
            if entry.run:
                if number >= entry.first + entry.run or entry.length > MOST_TILE:
                    return None
                return unpack(self._read(self._tiles_at + entry.offset, entry.length))
            if entry.offset not in self._leaves:
                if len(self._leaves) > 64:  # noqa: PLR2004 - a few hundred kB each
                    self._leaves.clear()
                self._leaves[entry.offset] = self._directory(self._leaf_at + entry.offset, entry.length)
            entries = self._leaves[entry.offset]
        return None


def read_directory(data: bytes) -> list[_Entry]:
    """Return the entries of a PMTiles directory.

    Raises
    ------
    ValueError, IndexError
        It is cut or claims too much.
    """
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:  # noqa: PLR2004
                return value
            if shift > 63:  # noqa: PLR2004
                raise ValueError("a number has no end")

    count = number()
    if count > min(_MOST_ENTRIES, len(data)):
        raise ValueError("more entries than bytes")
    first: list[int] = []
    offsets: list[int] = []
    tile = 0
    for _ in range(count):
        tile += number()
        first.append(tile)
    runs = [number() for _ in range(count)]
    lengths = [number() for _ in range(count)]
    for k in range(count):
        value = number()
        offsets.append(value - 1 if value or not k else offsets[-1] + lengths[k - 1])
    if offsets and min(offsets) < 0:
        raise ValueError("an offset below zero")
    return [_Entry(*row) for row in zip(first, offsets, lengths, runs, strict=True)]


def _entry_of(entries: list[_Entry], number: int) -> _Entry | None:
    low, high = 0, len(entries)
    while low < high:
        middle = (low + high) // 2
        if entries[middle].first <= number:
            low = middle + 1
        else:
            high = middle
    return entries[low - 1] if low else None


class MbTiles:
    """An MBTiles file, opened read-only; a question that takes too long is given up."""

    def __init__(self, path: Path, name: str) -> None:
        self._lock = threading.Lock()
        self._steps = 0
        try:
            self._base = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self._base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_UNPACKED)
            self._base.execute("PRAGMA trusted_schema = OFF")
            self._base.execute("PRAGMA query_only = ON")
            self._base.set_progress_handler(self._count, 1000)
            meta = {str(key): value for key, value in self._ask("SELECT name, value FROM metadata LIMIT 200")}
            zooms = self._ask("SELECT min(zoom_level), max(zoom_level) FROM tiles")[0]
            sample = self._ask("SELECT tile_data FROM tiles LIMIT 1")
        except (sqlite3.Error, IndexError, ValueError) as error:
            raise refuse(name, "不是完好的 MBTiles 文件 / this is no sound MBTiles file") from error
        if not sample or not isinstance(sample[0][0], bytes) or not all(isinstance(z, int) for z in zooms):
            raise refuse(name, "没有瓦片 / it has no tiles")
        low, high = _bounded((zooms[0], zooms[1]), name)
        kind: Kind = "raster" if picture_type(sample[0][0]) else "vector"
        self.facts = Facts(kind, low, high, plain_text(meta.get("attribution")))

    def _count(self) -> int:
        self._steps += 1000
        return int(self._steps > _MOST_STEPS)

    def _ask(self, question: str, *values: int) -> list[tuple[Any, ...]]:
        self._steps = 0
        return self._base.execute(question, values).fetchall()

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return the unpacked tile, ``None`` where there is none or what is there is broken."""
        question = (
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
            " AND length(tile_data) <= ? LIMIT 1"
        )
        try:
            with self._lock:
                found = self._ask(question, zoom, column, (1 << zoom) - 1 - row, MOST_TILE)
            return unpack(found[0][0]) if found and isinstance(found[0][0], bytes) else None
        except (sqlite3.Error, ValueError):
            return None
