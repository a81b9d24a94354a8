"""Flat-ended strips around lines, right also where a line bends more tightly than the strip is wide.

A buffer with flat ends leaves out what lies beyond the centre of a tight bend near the end of the line: a wider
strip would then cover less than a narrower one. The edges of such bends are covered one by one as well.
"""

from __future__ import annotations

import numpy as np
import shapely

from patrol.zones.plane import Floats, Geometries

QUARTER = 8
"""Segments of a quarter circle in round joins."""
STUB_M = 0.01
_EXACT_M = 1e-9


def join_lines(lines: Geometries) -> Geometries:
    """Return lines joined end to end wherever exactly two of them meet."""
    merged = shapely.line_merge(shapely.multilinestrings(lines))
    return np.asarray(shapely.get_parts(merged), dtype=np.object_)


def cover(lines: Geometries, reach_m: Floats) -> Geometries:
    """Return the strip around each line.

    Parameters
    ----------
    lines
        LineStrings on a plane.
    reach_m
        float64 (lines,), from the line to the edge of the strip.
    """
    strips = np.asarray(shapely.buffer(lines, reach_m, quad_segs=QUARTER, cap_style="flat"), dtype=np.object_)
    edges, owner = _folded_edges(lines, reach_m)
    boxes = np.asarray(shapely.buffer(edges, reach_m[owner], cap_style="flat"), dtype=np.object_)
    for row in np.unique(owner).tolist():
        strips[row] = shapely.union_all([strips[row], *boxes[owner == row]])
    return strips


def _folded_edges(lines: Geometries, reach_m: Floats) -> tuple[Geometries, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return the edges whose strip folds over itself, and the line of each.

    The inner edge of a strip vanishes between two vertices where the reach is longer than half the shorter edge over
    the tangent of half the turn.
    """
    points, owner = shapely.get_coordinates(lines, return_index=True)
    if len(points) < 3:  # noqa: PLR2004 - no line has a vertex between its ends
        return np.zeros(0, dtype=np.object_), np.zeros(0, dtype=np.int64)
    inside = owner[2:] == owner[:-2]
    before, after = points[1:-1] - points[:-2], points[2:] - points[1:-1]
    turn = np.abs(
        np.arctan2(
            before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0],
            before[:, 0] * after[:, 0] + before[:, 1] * after[:, 1],
        )
    )
    shorter = np.minimum(np.hypot(*before.T), np.hypot(*after.T))
    room = shorter / (2 * np.tan(np.clip(turn, _EXACT_M, np.pi - _EXACT_M) / 2))
    vertex = np.flatnonzero(inside & (turn > _EXACT_M) & (room < reach_m[owner[1:-1]]))
    first = np.unique(np.concatenate((vertex, vertex + 1)))
    edges = shapely.linestrings(np.stack((points[first], points[first + 1]), axis=1))
    return np.asarray(edges, dtype=np.object_), owner[first].astype(np.int64)


def bent_stubs(place: Floats, one: Floats, other: Floats) -> Geometries:
    """Return lines of a few millimetres that turn at a place from one direction into the other.

    Parameters
    ----------
    place
        float64 (stubs, 2).
    one, other
        float64 (stubs, 2), unit vectors away from the place.
    """
    if not len(place):
        return np.zeros(0, dtype=np.object_)
    made = shapely.linestrings(np.stack((place + STUB_M * one, place, place + STUB_M * other), axis=1))
    return np.asarray(made, dtype=np.object_)
