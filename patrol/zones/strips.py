"""Flat-ended strips around lines, right also where a line bends more tightly than the strip is wide.

A buffer with flat ends leaves out what lies beyond the centre of a tight bend near the end of the line: a wider
strip would then cover less than a narrower one. Such lines are covered edge by edge instead.
"""

from __future__ import annotations

import numpy as np
import shapely

from patrol.zones.plane import Floats, Geometries

QUARTER = 8
"""Segments of a quarter circle in round joins."""
STUB_M = 0.01
_EXACT_M = 1e-9


def bend_radius(lines: Geometries) -> Floats:
    """Return the tightest bend of each line: a strip that reaches farther folds over itself there; inf if straight.

    The reach at which the inner edge of a strip vanishes between two vertices is the shorter edge over twice the
    tangent of half the turn.

    Examples
    --------
    >>> line = shapely.LineString([(0, 0), (10, 0), (10, 10)])
    >>> bend_radius(np.array([line, shapely.LineString([(0, 0), (9, 0)])])).round(3).tolist()
    [5.0, inf]
    """
    points, owner = shapely.get_coordinates(lines, return_index=True)
    result = np.full(len(lines), np.inf)
    if len(points) < 3:  # noqa: PLR2004 - no line has a vertex between its ends
        return result
    inside = owner[2:] == owner[:-2]
    before, after = points[1:-1] - points[:-2], points[2:] - points[1:-1]
    turn = np.abs(
        np.arctan2(
            before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0],
            before[:, 0] * after[:, 0] + before[:, 1] * after[:, 1],
        )
    )
    shorter = np.minimum(np.hypot(*before.T), np.hypot(*after.T))
    bent = inside & (turn > _EXACT_M)
    half = np.tan(np.minimum(turn[bent], np.pi - _EXACT_M) / 2)
    np.minimum.at(result, owner[1:-1][bent], shorter[bent] / (2 * half))
    return result


def cover(lines: Geometries, reach_m: Floats, radius_m: Floats) -> Geometries:
    """Return the strip around each line.

    Parameters
    ----------
    lines
        LineStrings on a plane.
    reach_m
        float64 (lines,), from the line to the edge of the strip.
    radius_m
        float64 (lines,), ``bend_radius`` of the lines.
    """
    strips = np.asarray(shapely.buffer(lines, reach_m, quad_segs=QUARTER, cap_style="flat"), dtype=np.object_)
    for row in np.flatnonzero(reach_m > radius_m).tolist():
        strips[row] = cover_tight(lines[row], float(reach_m[row]))
    return strips


def cover_tight(line: shapely.LineString, reach_m: float) -> shapely.Geometry:
    """Return the strip around one line, edge by edge, with a wedge at each vertex."""
    points = shapely.get_coordinates(line)
    edges = np.asarray(shapely.linestrings(np.stack((points[:-1], points[1:]), axis=1)), dtype=np.object_)
    parts = np.asarray(shapely.buffer(edges, reach_m, cap_style="flat"), dtype=np.object_)
    steps = np.diff(points, axis=0)
    steps /= np.maximum(np.hypot(*steps.T), _EXACT_M)[:, None]
    bends = bent_stubs(points[1:-1], -steps[:-1], steps[1:])
    wedges = np.asarray(shapely.buffer(bends, reach_m, quad_segs=QUARTER, cap_style="flat"), dtype=np.object_)
    return shapely.union_all(np.concatenate((parts, wedges)))


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
