"""Small files of tiles, written down by hand."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import struct
from pathlib import Path

from views.basemap_archive import hilbert_id

Tiles = dict[tuple[int, int, int], bytes]


def varint(value: int) -> bytes:
    """Return an integer as protocol buffers write it."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def message(number: int, data: bytes) -> bytes:
    """Return a field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def square(low: int, high: int) -> bytes:
    """Return the geometry of an outer ring from low to high, both ways."""
    side = 2 * (high - low)
    codes = [9, 2 * low, 2 * low, 26, side, 0, 0, side, side - 1, 0, 15]
    return b"".join(map(varint, codes))


def vector_tile(layers: dict[str, bytes]) -> bytes:
    """Return a tile with one polygon a layer."""
    out = b""
    for name, geometry in layers.items():
        feature = b"\x18\x03" + message(4, geometry)
        out += message(3, message(1, name.encode()) + message(2, feature) + b"\x28" + varint(4096))
    return out


def picture(color: str = "#336699", side: int = 256, kind: str = "PNG") -> bytes:
    """Return a picture of one colour."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (side, side), color).save(out, kind)
    return out.getvalue()


def directory(entries: list[tuple[int, int, int, int]]) -> bytes:
    """Return a directory of (first tile, offset, length, run), packed."""
    first = [row[0] for row in entries]
    parts = [len(entries), *(b - a for a, b in zip([0, *first], first, strict=False))]
    parts += [row[3] for row in entries] + [row[2] for row in entries] + [row[1] + 1 for row in entries]
    return gzip.compress(b"".join(map(varint, parts)), mtime=0)


def write_pmtiles(path: Path, tiles: Tiles, *, kind: int = 2, meta: object = None, leaf: bool = False) -> Path:
    """Write a PMTiles file; with ``leaf`` the root points to one directory below it."""
    rows, body = [], b""
    for place in sorted(tiles, key=lambda place: hilbert_id(*place)):
        packed = gzip.compress(tiles[place], mtime=0) if kind == 1 else tiles[place]
        rows.append((hilbert_id(*place), len(body), len(packed), 1))
        body += packed
    below = directory(rows) if leaf else b""
    root = directory([(rows[0][0], 0, len(below), 0)] if leaf else rows)
    told = gzip.compress(json.dumps(meta or {}).encode(), mtime=0)
    at = 127
    spans = [(at, len(root)), (at + len(root), len(told))]
    spans += [(at + len(root) + len(told), len(below)), (at + len(root) + len(told) + len(below), len(body))]
    zooms = [zoom for zoom, _, _ in tiles]
    head = b"PMTiles\x03" + b"".join(struct.pack("<QQ", *span) for span in spans) + struct.pack("<QQQ", 0, 0, 0)
    head += bytes([0, 2, 2 if kind == 1 else 1, kind, min(zooms), max(zooms)])
    path.write_bytes(head.ljust(127, b"\0") + root + told + below + body)
    return path


def write_mbtiles(path: Path, tiles: Tiles, meta: dict[str, str] | None = None) -> Path:
    """Write an MBTiles file."""
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        base.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        base.executemany("INSERT INTO metadata VALUES (?, ?)", list((meta or {}).items()))
        rows = [(z, x, (1 << z) - 1 - y, data) for (z, x, y), data in tiles.items()]
        base.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    base.close()
    return path
