"""What a map shows, as plain columns: tables of lines and of points, with the styles and texts that go with them."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.errors import InputError
from views.catalogue import Words, both_in
from views.map.palette import RANKS, LineStyle, PointStyle

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]


def fill_text(count: int, text: str = "") -> TextColumn:
    """Return a text column of one value, shape (count,)."""
    return TextColumn.from_strings([text] * count) if count else TextColumn(np.zeros(0, np.int32), ("",))


@dataclass(frozen=True, eq=False)
class CardColumn:
    """One line of the side card: what it is called and its text a row.

    Attributes
    ----------
    label
        Name of the line.
    values
        Text a row; rows with ``""`` get no line.
    english
        The pool of ``values`` in English, position by position, or empty for the same text in both languages.
    """

    label: Words
    values: TextColumn
    english: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RoadTable:
    """Lines of one kind (segments, routes, leaks …), shape (n,) unless said.

    Attributes
    ----------
    ptr
        int32 (n + 1,): the points of line ``i`` are ``lon[ptr[i]:ptr[i + 1]]``.
    lon, lat
        float64 (m,), WGS-84 degrees.
    style
        uint8, row of ``styles``.
    rank
        uint8, ``geo.classes.RoadClass``: width, order, zoom.
    ids
        Stable id a line.
    styles
        The styles, in legend order.
    names
        Road name a line; empty for none.
    refs
        Road numbers a line (``G98;S17``), for the shields.
    expressway
        Whether a line's shield is green (else by the letter of its number); by rank when missing.
    before
        uint8, the style before the change, drawn while the key B is held.
    length_m
        float64, metres a line; summed by style in the legend.
    cards
        Lines of the side card.
    kind, key, title
        What a click reports, the table's stable name, and what the layer switch says.
    shown
        Whether the layer starts switched on.
    """

    ptr: npt.NDArray[np.int32]
    lon: Floats
    lat: Floats
    style: Bytes
    rank: Bytes
    ids: Sequence[str]
    styles: tuple[LineStyle, ...]
    names: TextColumn | None = None
    refs: TextColumn | None = None
    expressway: npt.NDArray[np.bool_] | None = None
    before: Bytes | None = None
    length_m: Floats | None = None
    cards: tuple[CardColumn, ...] = ()
    kind: str = "segment"
    key: str = "roads"
    title: Words = field(default_factory=lambda: both_in("many", "道路"))
    shown: bool = True

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class PointTable:
    """Points of one kind (stations, seams, units, stops …), shape (n,) each.

    Attributes
    ----------
    lon, lat
        float64, WGS-84 degrees.
    style
        uint8, row of ``styles``.
    ids
        Stable id a point.
    labels
        Text beside or inside the symbol.
    styles, cards, kind, key, title, shown
        As in `RoadTable`.
    """

    lon: Floats
    lat: Floats
    style: Bytes
    ids: Sequence[str]
    labels: TextColumn
    styles: tuple[PointStyle, ...]
    cards: tuple[CardColumn, ...] = ()
    kind: str = "station"
    key: str = "stations"
    title: Words = field(default_factory=lambda: both_in("many", "收费站"))
    shown: bool = True

    def __len__(self) -> int:
        return len(self.ids)


Table = RoadTable | PointTable


def check_table(table: Table) -> None:
    """Refuse a table whose columns do not fit each other or whose coordinates cannot be drawn.

    Raises
    ------
    InputError
        Says which table and which column.
    """
    where = f"map table {table.key!r}"
    points = len(table.lon)
    _require(len(table.lat) == points, f"{where}: lon and lat differ in length")
    inside = (np.abs(table.lon) <= 180.0) & (np.abs(table.lat) <= 90.0)  # noqa: PLR2004
    _require(bool(inside.all()), f"{where}: a coordinate is missing or outside the world; repair the data")
    rows: dict[str, Sized] = {"style": table.style, **{f"card {card.label.zh}": card.values for card in table.cards}}
    limits = {"style": (table.style, len(table.styles))}
    if isinstance(table, RoadTable):
        ptr = table.ptr
        fits = len(ptr) == len(table) + 1 and int(ptr[0]) == 0 and int(ptr[-1]) == points
        _require(fits and bool((np.diff(ptr) >= 0).all()), f"{where}: ptr does not fit the points")
        optional = {name: getattr(table, name) for name in ("names", "refs", "expressway", "before", "length_m")}
        rows |= {"rank": table.rank, **{k: v for k, v in optional.items() if v is not None}}
        limits["rank"] = (table.rank, len(RANKS))
        if table.before is not None:
            limits["before"] = (table.before, len(table.styles))
        if table.length_m is not None:
            _require(bool(np.isfinite(table.length_m).all()), f"{where}: a length is not a number")
    else:
        rows |= {"labels": table.labels, "lon": table.lon}
    for name, column in rows.items():
        _require(len(column) == len(table), f"{where}: {name} has {len(column)} rows, not {len(table)}")
    for name, (codes, count) in limits.items():
        _require(not len(codes) or int(codes.max()) < count, f"{where}: {name} names a row that does not exist")


def _require(holds: bool, sentence: str) -> None:  # noqa: FBT001
    if not holds:
        raise InputError(sentence)
