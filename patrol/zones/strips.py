"""Flat-ended strips around lines, right also where a line bends more tightly than the strip is wide.

A buffer with flat ends leaves out what lies beyond the centre of a tight bend near the end of the line: a wider
strip would then cover less than a narrower one. Around such bends the edges are covered one by one as well.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from patrol.zones.plane import Floats, Geometries

Rows = npt.NDArray[np.int64]

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
    parts, owner, reach = _around_folds(lines, reach_m)
    boxes = np.asarray(shapely.buffer(parts, reach, quad_segs=QUARTER, cap_style="flat"), dtype=np.object_)
    for row in np.unique(owner).tolist():
        strips[row] = shapely.union_all([strips[row], *boxes[owner == row]])
    return strips


def _around_folds(lines: Geometries, reach_m: Floats) -> tuple[Geometries, Rows, Floats]:
    """Return the edges near where a strip folds over itself, the bends between them, the line and reach of each.

    The inner edge of a strip vanishes between two vertices where the reach is longer than half the shorter edge over
    the tangent of half the turn. What is left out lies within one reach of there along the line.
    """
    points, owner = shapely.get_coordinates(lines, return_index=True)
    none = np.zeros(0, dtype=np.int64)
    if len(points) < 3:  # noqa: PLR2004 - no line has a vertex between its ends
        return np.zeros(0, dtype=np.object_), none, np.zeros(0)
    step = np.diff(points, axis=0)
    size = np.hypot(step[:, 0], step[:, 1])
    joined = owner[1:] == owner[:-1]
    unit = step / np.maximum(size, _EXACT_M)[:, None]
    inside = joined[1:] & joined[:-1]
    cross = unit[:-1, 0] * unit[1:, 1] - unit[:-1, 1] * unit[1:, 0]
    turn = np.abs(np.arctan2(cross, (unit[:-1] * unit[1:]).sum(axis=1)))
    room = np.minimum(size[:-1], size[1:]) / (2 * np.tan(np.clip(turn, _EXACT_M, np.pi - _EXACT_M) / 2))
    folded = np.flatnonzero(inside & (turn > _EXACT_M) & (room < reach_m[owner[1:-1]])) + 1
    along = np.concatenate(([0.0], np.cumsum(np.where(joined, size, 0.0))))
    near = np.zeros(len(step), dtype=bool)
    low = np.searchsorted(along, along[folded] - reach_m[owner[folded]], side="right") - 1
    high = np.searchsorted(along, along[folded] + reach_m[owner[folded]])
    for begin, end in zip(low.tolist(), high.tolist(), strict=True):
        near[max(begin, 0) : end] = True
    of_fold = np.zeros(len(lines), dtype=bool)
    of_fold[owner[folded]] = True
    near &= joined & of_fold[owner[:-1]]
    first = np.flatnonzero(near)
    edges = np.asarray(shapely.linestrings(np.stack((points[first], points[first + 1]), axis=1)), dtype=np.object_)
    vertex = np.flatnonzero(near[1:] & near[:-1] & inside) + 1
    bends = bent_stubs(points[vertex], -unit[vertex - 1], unit[vertex])
    of_part = np.concatenate((owner[first], owner[vertex])).astype(np.int64)
    return np.concatenate((edges, bends)), of_part, reach_m[of_part]


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
