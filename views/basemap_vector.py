"""Vector tiles as quiet pictures: water, green and buildings in light grey tones, no names, no borders, no roads.

Mapbox Vector Tile specification 2.1 (protocol buffers), read here with bounds on every count; layers are known by the
names that the OpenMapTiles, Protomaps and Shortbread schemas give them. Borders are never drawn: what a map says of
them is for the authorities to review.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from views.map.palette import BASE_COLORS

SIDE_PX = 512
_SHARP = 2
_MOST_VALUES = 400_000
_POLYGON, _MOVE, _LINE, _CLOSE = 3, 1, 2, 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

WATER = frozenset({"water", "water_polygons", "ocean", "waterarea"})
GREEN = frozenset({"landcover", "park", "natural", "landuse", "land", "landuse_overlay", "sites"})
BUILDING = frozenset({"building", "buildings"})
GREEN_KINDS = frozenset(
    {
        "forest",
        "wood",
        "grass",
        "park",
        "garden",
        "meadow",
        "grassland",
        "scrub",
        "nature_reserve",
        "national_park",
        "protected_area",
        "cemetery",
        "orchard",
        "vineyard",
        "farmland",
        "recreation_ground",
        "village_green",
        "golf_course",
        "heath",
        "wetland",
        "allotments",
        "farm",
    }
)
Ring = list[tuple[int, int]]


class BadTileError(ValueError):
    """The bytes are no vector tile, or claim too much."""


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield number and value of each field of a message: an int, or bytes.

    Raises
    ------
    BadTileError
        The message is cut or of another format.
    """
    place, end = 0, len(data)
    while place < end:
        key, place = varint(data, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = varint(data, place)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, place = varint(data, place)
        else:
            length = {_FIXED64: 8, _FIXED32: 4}.get(kind, end + 1)
        if place + length > end:
            raise BadTileError
        yield key >> 3, data[place : place + length]
        place += length


def varint(data: bytes, place: int) -> tuple[int, int]:
    """Return an integer and the place behind it."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise BadTileError
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004
            return value, place
    raise BadTileError


def varints(data: bytes, most: int = _MOST_VALUES) -> list[int]:
    """Return a packed list of integers."""
    out, place = [], 0
    while place < len(data):
        value, place = varint(data, place)
        out.append(value)
        if len(out) > most:
            raise BadTileError
    return out


def rings(geometry: bytes) -> Iterator[Ring]:
    """Yield the rings of a polygon, in tile units."""
    codes = varints(geometry)
    x = y = k = 0
    ring: Ring = []
    while k < len(codes):
        command, count = codes[k] & 7, codes[k] >> 3
        k += 1
        if command == _CLOSE:
            if len(ring) > 2:  # noqa: PLR2004
                yield ring
            ring = []
            continue
        if command not in {_MOVE, _LINE} or k + 2 * count > len(codes):
            raise BadTileError
        if command == _MOVE:
            ring = []
        for _ in range(count):
            dx, dy = codes[k], codes[k + 1]
            x += (dx >> 1) ^ -(dx & 1)
            y += (dy >> 1) ^ -(dy & 1)
            k += 2
            ring.append((x, y))


def area2(ring: Ring) -> int:
    """Return twice the signed area: above zero for an outer ring, below for a hole."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))


def areas(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Yield what is drawn (``water``, ``green``, ``building``), extent and geometry of each polygon of a tile."""
    for number, layer in fields(data):
        if number == 3 and isinstance(layer, bytes):  # noqa: PLR2004
            yield from _layer_areas(layer)


def _layer_areas(layer: bytes) -> Iterator[tuple[str, int, bytes]]:
    parts: dict[int, list[Any]] = {}
    for number, value in fields(layer):
        parts.setdefault(number, []).append(value)
    name = bytes(parts.get(1, [b""])[0]).decode("utf-8", "replace")
    extent = int(parts.get(5, [4096])[0])
    if name not in WATER | GREEN | BUILDING or not 0 < extent <= 65536:  # noqa: PLR2004
        return
    green = _green_values(parts.get(4, [])) if name in GREEN else set()
    for feature in parts.get(2, []):
        found = dict(fields(feature))
        geometry = found.get(4)
        if found.get(3) != _POLYGON or not isinstance(geometry, bytes):
            continue
        if name in WATER:
            yield "water", extent, geometry
        elif name in BUILDING:
            yield "building", extent, geometry
        elif name == "park" or green & set(varints(found.get(2, b""))[1::2]):
            yield "green", extent, geometry


def _green_values(values: list[bytes]) -> set[int]:
    out = set()
    for k, value in enumerate(values):
        text = next((v for n, v in fields(value) if n == 1 and isinstance(v, bytes)), b"")
        if text.decode("utf-8", "replace") in GREEN_KINDS:
            out.add(k)
    return out


def paint_tile(data: bytes) -> bytes:
    """Return a vector tile as a PNG of 512 x 512 pixels, see-through where there is nothing.

    Raises
    ------
    BadTileError
        The bytes are no vector tile, or claim too much.
    """
    from PIL import Image, ImageDraw

    side = SIDE_PX * _SHARP
    masks = {kind: Image.new("L", (side, side), 0) for kind in ("green", "water", "building")}
    pens = {kind: ImageDraw.Draw(mask) for kind, mask in masks.items()}
    budget = _MOST_VALUES
    for kind, extent, geometry in areas(data):
        scale = side / extent
        for ring in rings(geometry):
            budget -= len(ring)
            if budget < 0:
                raise BadTileError
            limit = 4 * side
            places = [(max(-limit, min(limit, x * scale)), max(-limit, min(limit, y * scale))) for x, y in ring]
            pens[kind].polygon(places, fill=255 if area2(ring) > 0 else 0)
    picture = Image.new("RGBA", (SIDE_PX, SIDE_PX), (0, 0, 0, 0))
    for kind, mask in masks.items():
        small = mask.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
        tone = Image.new("RGBA", (SIDE_PX, SIDE_PX), BASE_COLORS[kind])
        tone.putalpha(small)
        picture.alpha_composite(tone)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()
