"""The picture of a network as it was read: one layer a road class."""

from __future__ import annotations

import numpy as np

from geo.classes import RoadClass
from geo.network import Network
from views.catalogue import Words, both
from views.map.palette import GHOST, SHIELDS, THEME, LineStyle, shade
from views.map.tables import RoadTable, Table
from views.pictures.base import Lines, card, lines_of, metres, tag_column
from views.words import word, word_en

_GREEN, _RED, _AMBER = SHIELDS["expressway"][0], SHIELDS["G"][0], shade(SHIELDS["S"][0], 0.85)
_COLORS: dict[RoadClass, str] = {
    RoadClass.MOTORWAY: _GREEN,
    RoadClass.MOTORWAY_LINK: shade(_GREEN, 0.72),
    RoadClass.TRUNK: _RED,
    RoadClass.PRIMARY: shade(_AMBER, 0.75),
    RoadClass.SECONDARY: THEME["accent"],
    RoadClass.TERTIARY: THEME["quiet"],
    RoadClass.MINOR: GHOST.color,
    RoadClass.SERVICE: GHOST.color,
    RoadClass.ORDINARY_LINK: THEME["quiet"],
    RoadClass.FERRY: THEME["accent"],
}
_DASHED = frozenset({RoadClass.SERVICE, RoadClass.FERRY})


def draw_classes(network: Network) -> list[Table]:
    """Return one table a road class: the least roads first, so that the great ones lie on top."""
    lines = lines_of(network)
    present = [RoadClass(int(c)) for c in np.unique(network.segment_class)]
    return [_roads_of(network, lines, kind) for kind in sorted(present, reverse=True)]


def _roads_of(network: Network, lines: Lines, kind: RoadClass) -> RoadTable:
    rows = np.flatnonzero(network.segment_class == kind)
    ptr, points = take_lines(lines, rows)
    name = kind.name.lower()
    title = Words(word(name), word_en(name))
    dash = (1.6, 1.4) if kind in _DASHED else ()
    length = network.segments.length_m[rows]
    ids = network.segment_ids
    return RoadTable(
        ptr,
        lines.lon[points],
        lines.lat[points],
        np.zeros(len(rows), dtype=np.uint8),
        network.segment_class[rows],
        [ids[row] for row in rows.tolist()],
        (LineStyle(f"class_{name}", title, _COLORS[kind], dash=dash),),
        names=tag_column(network, "name").take(rows),
        refs=tag_column(network, "ref").take(rows),
        length_m=length,
        cards=(card(both("长度"), metres(length)),),
        kind="segment",
        key=f"class_{name}",
        title=title,
    )


def take_lines(
    lines: Lines, rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return ``ptr`` and positions in ``lines`` of the points of some rows."""
    count = (lines.ptr[rows + 1] - lines.ptr[rows]).astype(np.int64)
    ptr = np.concatenate(([0], np.cumsum(count)))
    first = np.repeat(lines.ptr[rows].astype(np.int64) - ptr[:-1], count)
    return ptr.astype(np.int32), first + np.arange(ptr[-1])
