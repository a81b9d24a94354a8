r"""The map file: every line, point and text of a map in one small columnar binary file.

Layout, little endian, the whole packed by gzip without a time stamp (same tables, same bytes)::

    0   4  magic "RSMF"
    4   4  u32 version, 1
    8   4  u32 h, length of the header
    12  h  header: UTF-8 JSON, keys sorted
    12+h   byte planes, back to back, in the order in which the header names them

The header holds the theme, the texts (pools of dictionary-coded columns) and, a table, ``planes``: name to
``[count, width, delta]``. A plane is `views.map.packing.pack_ints`: ``width`` bytes a value, low bytes first;
``delta`` 1 means differences to the value before, modulo 2**64. Line tables have the planes ``count`` (points a
line), ``x`` and ``y`` (1e-6 degrees, one running difference through the whole table), ``style``, ``rank`` and where
given ``before``, ``green``, ``length`` (decimetres), ``names``, ``refs``, ``card0`` …; point tables ``x``, ``y``,
``style``, ``labels``, ``card0`` …. Segment ids ``w<way>/<from>-<to>`` travel as the planes ``way`` and ``node``
(from and to by turns); any other id as text in ``odd``. Ids may be any int64, so a reader without 64-bit integers
must use big ones where ``wide`` is set.
"""

from __future__ import annotations

import gzip
import json
import re
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.errors import InputError
from views.catalogue import Words, both
from views.map.packing import pack_ints
from views.map.palette import style_json, theme_json
from views.map.safe import clean_text
from views.map.shields import shields_json
from views.map.tables import PointTable, RoadTable, Table, check_table

TITLE = both("路界")
MAGIC = b"RSMF"
VERSION = 1
_SEGMENT_ID = re.compile(r"w(0|-?[1-9][0-9]{0,18})/(0|-?[1-9][0-9]{0,18})-(0|-?[1-9][0-9]{0,18})", re.ASCII)
_INT64 = 2**63
_WIDE = 2**51


@dataclass(frozen=True, slots=True)
class MapMeta:
    """What the whole map says of itself.

    Attributes
    ----------
    title
        Heading of the exported page.
    lines
        Pairs of name and value: plan, version, network hash, date, sources …
    """

    title: Words = TITLE
    lines: tuple[tuple[Words, str], ...] = ()


class _Body:
    """Collects the planes of one table."""

    def __init__(self) -> None:
        self.planes: dict[str, list[int]] = {}
        self.parts: list[bytes] = []

    def add(self, name: str, values: npt.ArrayLike, *, delta: bool = False) -> None:
        data, width = pack_ints(values, delta=delta)
        self.planes[name] = [len(np.atleast_1d(values)), width, int(delta)]
        self.parts.append(data)

    def add_text(self, name: str, column: TextColumn) -> tuple[list[str], npt.NDArray[np.int64]]:
        """Write the codes; return the pool of the texts in use, and the old code of each."""
        used = np.unique(np.append(column.codes.astype(np.int64), 0))
        self.add(name, np.searchsorted(used, column.codes))
        return [column.pool[code] if code else "" for code in used.tolist()], used


def encode_map(tables: Iterable[Table], *, meta: MapMeta | None = None) -> bytes:
    """Return the map file of some tables, drawn in their order; the same tables give the same bytes.

    Parameters
    ----------
    tables
        What to draw; each must have its own ``key``.
    meta
        Title and provenance.

    Raises
    ------
    InputError
        When a table's columns do not fit each other or a coordinate cannot be drawn.
    """
    meta = meta or MapMeta()
    heads: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for table in tables:
        check_table(table)
        head, body = _encode_table(table)
        if any(head["key"] == other["key"] for other in heads):
            raise InputError(f"map table {table.key!r} is given twice; give each table its own key")
        heads.append(head)
        parts += body
    header = {
        "meta": {
            "title": asdict(meta.title),
            "lines": [[asdict(label), value] for label, value in meta.lines],
        },
        "tables": heads,
        "theme": theme_json() | {"shields": shields_json()},
    }
    text = clean_text(json.dumps(header, ensure_ascii=False, sort_keys=True, separators=(",", ":"))).encode()
    raw = MAGIC + struct.pack("<II", VERSION, len(text)) + text + b"".join(parts)
    return gzip.compress(raw, compresslevel=9, mtime=0)


def open_map(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the header and the planes of a map file.

    Raises
    ------
    InputError
        When the bytes are no map file, cut, or of another version.
    """
    sentence = "map file: damaged or not written by Roadseam; write it again"
    try:
        raw = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(sentence) from error
    if raw[:4] != MAGIC or len(raw) < 12:  # noqa: PLR2004
        raise InputError(sentence)
    version, length = struct.unpack_from("<II", raw, 4)
    if version != VERSION:
        raise InputError(f"map file: version {version}, this program reads {VERSION}; write the map again")
    try:
        header: dict[str, Any] = json.loads(raw[12 : 12 + length])
    except ValueError as error:
        raise InputError(sentence) from error
    return header, raw[12 + length :]


def _encode_table(table: Table) -> tuple[dict[str, Any], list[bytes]]:
    body = _Body()
    lines = isinstance(table, RoadTable)
    head: dict[str, Any] = {
        "type": "lines" if lines else "points",
        "key": table.key,
        "kind": table.kind,
        "title": asdict(table.title),
        "shown": table.shown,
        "rows": len(table),
        "styles": [style_json(style) for style in table.styles],
    }
    if isinstance(table, RoadTable):
        head |= _encode_lines(table, body)
    else:
        head |= _encode_points(table, body)
    head["cards"] = []
    for number, card in enumerate(table.cards):
        pool, used = body.add_text(f"card{number}", card.values)
        english = [card.english[k] for k in used.tolist()] if card.english else []
        head["cards"].append({"label": asdict(card.label), "pool": pool, "english": english})
    head |= _encode_ids(table.ids, body)
    head["planes"] = [[name, *sizes] for name, sizes in body.planes.items()]
    return head, body.parts


def _encode_lines(table: RoadTable, body: _Body) -> dict[str, Any]:
    body.add("count", np.diff(table.ptr))
    _add_places(table, body)
    body.add("rank", table.rank)
    if table.before is not None:
        body.add("before", table.before)
    if table.expressway is not None:
        body.add("green", table.expressway)
    head: dict[str, Any] = {}
    if table.length_m is not None:
        body.add("length", np.rint(table.length_m * 10).astype(np.int64))
        sums = np.bincount(table.style, weights=table.length_m, minlength=len(table.styles))
        head["length_m"] = [round(float(total), 3) for total in sums]
    for name in ("names", "refs"):
        column: TextColumn | None = getattr(table, name)
        if column is not None:
            head[name], _ = body.add_text(name, column)
    return head


def _encode_points(table: PointTable, body: _Body) -> dict[str, Any]:
    _add_places(table, body)
    pool, _ = body.add_text("labels", table.labels)
    return {"labels": pool}


def _add_places(table: Table, body: _Body) -> None:
    body.add("x", np.rint(table.lon * 1e6).astype(np.int64), delta=True)
    body.add("y", np.rint(table.lat * 1e6).astype(np.int64), delta=True)
    body.add("style", table.style)


def _encode_ids(ids: Sequence[str], body: _Body) -> dict[str, Any]:
    way, node, odd = [0] * len(ids), [0] * (2 * len(ids)), []
    before = (0, 0, 0)
    for row, text in enumerate(ids):
        match = _SEGMENT_ID.fullmatch(text)
        parts = tuple(map(int, match.groups())) if match else before
        if match is None or any(not -_INT64 <= part < _INT64 for part in parts):
            odd.append([row, text])
            parts = before
        before = (parts[0], parts[1], parts[2])
        way[row], node[2 * row], node[2 * row + 1] = before
    if len(odd) == len(ids):
        return {"odd": [text for _, text in odd], "wide": False}
    body.add("way", np.array(way, dtype=np.int64), delta=True)
    body.add("node", np.array(node, dtype=np.int64), delta=True)
    wide = max(map(abs, way + node), default=0) >= _WIDE
    return {"odd": odd, "wide": wide}
