"""Which segments a drawn closure covers: a place with a radius, a line along or across roads, an area."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from geo.network import Network

_ALIGNED = 0.7
"""Cosine of the angle up to which a road runs along a drawn line (about 45 degrees)."""
_MOSTLY = 0.8
_END_M = 1.0


def covered_rows(
    network: Network, line: Sequence[tuple[float, float]], *, radius_m: float, is_area: bool = False
) -> list[int]:
    """Return the segments a drawing covers, ascending.

    Parameters
    ----------
    network
        The network.
    line
        WGS-84 degrees: one place, a line, or the ring of an area.
    radius_m
        How far the drawing reaches, metres; an area reaches no farther than its outline.
    is_area
        Whether ``line`` is a ring.

    Notes
    -----
    A place covers what its circle touches; an area what lies in it for a fifth of its length and more. A line covers
    the roads that it crosses, the ones that run along it within the radius for twice the radius, and short ones that
    lie within the radius; a side road that only meets the line at a junction is not covered.
    """
    import shapely

    from geo.measure import project_local

    origin = (float(np.mean([x for x, _ in line])), float(np.mean([y for _, y in line])))
    plane = np.column_stack(project_local(*np.array(line, dtype=np.float64).T, origin=origin))
    drawn, reach = _shapes(plane, radius_m, is_area=is_area)
    near = _near_rows(network, line, radius_m)
    if not len(near):
        return []
    xy = np.column_stack(project_local(network.nodes.lon, network.nodes.lat, origin=origin))
    seg, refs = network.segments, network.ways.refs
    roads = [shapely.LineString(xy[refs[seg.start[k] : seg.end[k] + 1]]) for k in near.tolist()]
    shapely.prepare(reach)
    found = []
    for row, road in zip(near.tolist(), roads, strict=True):
        if not reach.intersects(road):
            continue
        inside = road.intersection(reach)
        if (
            len(plane) == 1
            or (is_area and inside.length >= (1 - _MOSTLY) * road.length)
            or (not is_area and _is_on_line(road, inside, drawn, radius_m=radius_m))
        ):
            found.append(int(row))
    return found


def _shapes(plane: Any, radius_m: float, *, is_area: bool) -> tuple[Any, Any]:
    import shapely

    if is_area:
        area = shapely.make_valid(shapely.Polygon(plane))
        return area, area
    drawn = shapely.Point(plane[0]) if len(plane) == 1 else shapely.LineString(plane)
    return drawn, drawn.buffer(radius_m)


def _near_rows(network: Network, line: Sequence[tuple[float, float]], radius_m: float) -> Any:
    """Return the segments whose box comes near the drawing's box."""
    lon, lat = np.array(line, dtype=np.float64).T
    north = radius_m / 110_000.0
    east = north / max(0.05, float(np.cos(np.radians(lat).max())))
    ptr, rows = network.line_rows()
    x, y = network.nodes.lon[rows], network.nodes.lat[rows]
    starts = ptr[:-1]
    if not len(starts):
        return starts
    low_x, high_x = np.minimum.reduceat(x, starts), np.maximum.reduceat(x, starts)
    low_y, high_y = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return np.flatnonzero(
        (low_x <= lon.max() + east)
        & (high_x >= lon.min() - east)
        & (low_y <= lat.max() + north)
        & (high_y >= lat.min() - north)
    )


def _is_on_line(road: Any, inside: Any, drawn: Any, *, radius_m: float) -> bool:
    if inside.length >= _MOSTLY * road.length:
        return True
    # Touching at the end of the road is a junction, not a crossing.
    middle = _trim(road)
    if middle is not None and middle.crosses(drawn):
        return True
    return inside.length > 2 * radius_m and _runs_along(inside, drawn)


def _trim(road: Any) -> Any:
    from shapely.ops import substring

    return substring(road, _END_M, road.length - _END_M) if road.length > 2 * _END_M else None


def _runs_along(inside: Any, drawn: Any) -> bool:
    """Whether the part of a road near a line runs the line's way, by the chords of both."""
    parts = [part for part in getattr(inside, "geoms", [inside]) if part.length > 0]
    longest = max(parts, key=lambda part: part.length)
    first, last = np.array(longest.coords[0]), np.array(longest.coords[-1])
    along = [drawn.project(end) for end in longest.boundary.geoms] if not longest.is_closed else [0.0, 0.0]
    a, b = (np.array(drawn.interpolate(at).coords[0]) for at in along)
    road, line = last - first, b - a
    size = float(np.hypot(*road) * np.hypot(*line))
    return size > 0 and abs(float(road @ line)) >= _ALIGNED * size
