"""The picture of a coverage: every road by who reaches it in time, cut where the clock runs out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.network import Network
from patrol.coverage import Coverage, Intervals, Reached
from patrol.units import Unit
from views.catalogue import both
from views.map.palette import COVERAGE
from views.map.tables import RoadTable, Table
from views.pictures.base import card, lines_of, tag_column
from views.pictures.points import draw_stations, draw_units
from views.words import word, word_en

_STYLE = np.array([3, 1, 2, 0], dtype=np.uint8)
"""Row of ``COVERAGE`` for each ``Reached``."""
_NAMES = ("both", "local_only", "expressway_only", "none")

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def merge_directions(intervals: Intervals) -> tuple[Ints, Ints, Ints, Bytes]:
    """Join both directions of two-way roads: a side reaches a piece where it reaches both directions in time.

    Returns
    -------
    segment, from_mm, to_mm
        int64 (pieces,), sorted; the pieces of a segment touch.
    state
        uint8 (pieces,), ``Reached``: the bits of the two sides, met by "and".
    """
    segment = np.concatenate((intervals.segment, intervals.segment))
    at = np.concatenate((intervals.from_mm, intervals.to_mm))
    order = np.lexsort((at, segment))
    segment, at = segment[order], at[order]
    new = np.append(True, (np.diff(segment) != 0) | (np.diff(at) != 0))
    segment, at = segment[new], at[new]
    piece = np.flatnonzero(segment[1:] == segment[:-1])
    owner, low, high = segment[piece], at[piece], at[piece + 1]
    state = np.full(len(piece), Reached.BOTH, dtype=np.uint8)
    for direction in (1, -1):
        mine = np.flatnonzero(intervals.direction == direction)
        state &= _state_at(intervals, mine, (owner, low))
    joined = np.append(True, (np.diff(owner) != 0) | (np.diff(state.astype(np.int64)) != 0))
    first = np.flatnonzero(joined)
    last = np.append(first[1:], len(owner)) - 1
    return owner[first], low[first], high[last], state[first]


def _state_at(intervals: Intervals, rows: npt.NDArray[np.intp], wanted: tuple[Ints, Ints]) -> Bytes:
    """Return the state of one direction at places; a direction that may not be driven asks for nothing."""
    owner, low = wanted
    state = np.full(len(owner), Reached.BOTH, dtype=np.uint8)
    if not len(rows):
        return state
    span = int(max(intervals.to_mm.max(), low.max(initial=0))) + 1
    key = intervals.segment[rows] * span + intervals.from_mm[rows]
    order = np.argsort(key, kind="stable")
    found = np.searchsorted(key[order], owner * span + low, side="right") - 1
    hit = rows[order[np.maximum(found, 0)]]
    inside = (found >= 0) & (intervals.segment[hit] == owner) & (low < intervals.to_mm[hit])
    state[inside] = intervals.state[hit[inside]]
    return state


def draw_coverage(network: Network, coverage: Coverage, units: Sequence[Unit]) -> list[Table]:
    """Return the tables of a coverage.

    Two-way roads are drawn once, by the worse of their two directions: a side counts where it reaches both.

    Parameters
    ----------
    network
        The network the coverage was computed on.
    coverage
        The coverage.
    units
        Units to show at their posts.
    """
    segment, low, high, state = merge_directions(coverage.intervals)
    ptr, lon, lat = cut_pieces(network, segment, (low, high))
    ids = network.segment_ids
    names = [ids[row] for row in segment.tolist()]
    words = [word(_NAMES[k]) for k in _STYLE[state].tolist()]
    english = {word(name): word_en(name) for name in _NAMES}
    roads = RoadTable(
        ptr,
        lon,
        lat,
        _STYLE[state],
        network.segment_class[segment],
        names,
        COVERAGE,
        names=tag_column(network, "name").take(segment),
        refs=tag_column(network, "ref").take(segment),
        length_m=(high - low) / 1000.0,
        cards=(card(both("时限内可达"), words, english=english.__getitem__),),
        kind="segment",
        key="coverage",
        title=both("覆盖（双向道路按较差方向）"),
    )
    return [roads, draw_stations(network), draw_units(units)]


def cut_pieces(
    network: Network, segment: Ints, ends: tuple[Ints, Ints]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the line of each piece of a segment: ``ptr`` int32 (pieces + 1,), ``lon`` and ``lat`` float64, degrees.

    Only pieces that do not span their segment are cut point by point.

    Parameters
    ----------
    network
        The network.
    segment
        int64 (pieces,), segment rows.
    ends
        int64 (pieces,) twice: from and to, millimetres from the segment's first point.
    """
    low, high = ends
    lines = lines_of(network)
    whole = (low == 0) & (high == network.segments.length_mm[segment])
    count = (lines.ptr[segment + 1] - lines.ptr[segment]).astype(np.int64)
    made: dict[int, npt.NDArray[np.float64]] = {}
    for k in np.flatnonzero(~whole).tolist():
        row = int(segment[k])
        total = max(int(network.segments.length_mm[row]), 1)
        made[k] = cut_line(network.points(row), low[k] / total, high[k] / total)
        count[k] = len(made[k])
    ptr = np.concatenate(([0], np.cumsum(count)))
    at = np.repeat(lines.ptr[segment].astype(np.int64) - ptr[:-1], count) + np.arange(ptr[-1])
    at = np.minimum(at, len(lines.lon) - 1)
    lon, lat = lines.lon[at], lines.lat[at]
    for k, points in made.items():
        lon[ptr[k] : ptr[k + 1]], lat[ptr[k] : ptr[k + 1]] = points[:, 0], points[:, 1]
    return ptr.astype(np.int32), lon, lat


def cut_line(points: npt.NDArray[np.float64], start: float, end: float) -> npt.NDArray[np.float64]:
    """Return the part of a line between two shares of its length, float64 (points, 2), degrees.

    Examples
    --------
    >>> cut_line(np.array([[0.0, 0.0], [2.0, 0.0]]), 0.25, 0.5).tolist()
    [[0.5, 0.0], [1.0, 0.0]]
    """
    scale = np.array([np.cos(np.radians(points[0, 1])), 1.0])
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*(np.diff(points, axis=0) * scale).T))))
    begin, finish = start * along[-1], end * along[-1]
    inner = along[(along > begin) & (along < finish)]
    cuts = np.concatenate(([begin], inner, [finish]))
    return np.column_stack([np.interp(cuts, along, points[:, axis]) for axis in (0, 1)])
