"""Booth outlines: where a road passes under a toll-booth building that has no booth node, give it one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.classes import CLASS_OF_HIGHWAY, RoadClass
from geo.findings import Finding, Severity
from geo.measure import middle_of, project_local
from geo.network import Area, Nodes
from geo.segmenting import RawWays

if TYPE_CHECKING:
    import shapely

_BOOTH_NEAR_M = 60.0
_OUTLINE_REACH_M = 2.0
_NEAR_DEG = 5e-5
"""More than the reach of an outline, in degrees."""
_FIRST_ID = -(2**62)
_TOLLED = {
    RoadClass.MOTORWAY,
    RoadClass.MOTORWAY_LINK,
    RoadClass.SERVICE,
    RoadClass.ORDINARY_LINK,
    RoadClass.TRUNK,
    RoadClass.PRIMARY,
    RoadClass.SECONDARY,
    RoadClass.TERTIARY,
    RoadClass.MINOR,
}


def add_area_booths(nodes: Nodes, raw: RawWays, areas: Sequence[Area]) -> tuple[Nodes, RawWays, list[Finding]]:
    """Turn booth outlines into booth nodes on the roads that cross them.

    An outline counts only where no booth node lies within 60 m of it. The booth is the way's own point inside the
    outline if there is one, else a new point half-way through; new points have ids below zero that depend on the
    way alone, so that they stay the same from load to load.

    Parameters
    ----------
    nodes, raw
        What was read.
    areas
        Outlines; those of kind ``toll_booth`` matter.

    Returns
    -------
    nodes, raw, findings
        New objects; the inputs are not changed.
    """
    booth_rows = nodes.rows_with("barrier", "toll_booth")
    tags = {row: dict(t) for row, t in nodes.tags.items()}
    inserted: list[tuple[int, int, float, float]] = []
    added: list[tuple[float, float]] = []
    for area in areas:
        if area.kind != "toll_booth" or not _is_near_road(nodes, raw, area) or _has_booth(nodes, booth_rows, area):
            continue
        for position, lon, lat in _crossings(nodes, raw, area):
            mark = {"barrier": "toll_booth", "booth_area": area.id} | ({"name": area.name} if area.name else {})
            if position >= 0:
                row = int(raw.refs[position])
                tags[row] = tags.get(row, {}) | mark
            else:
                row = len(nodes) + len(inserted)
                inserted.append((row, ~position, lon, lat))
                tags[row] = mark
            added.append((lon, lat))
    if not added:
        return nodes, raw, []
    finding = Finding(
        "booth_from_area",
        Severity.NOTE,
        len(added),
        f"{len(added)} 条车道的收费亭只画成建筑轮廓，已按轮廓与道路的交点补为收费亭。",
        f"{len(added)} lanes have a booth mapped only as a building; a booth was placed where the road crosses it.",
        places=tuple((round(x, 7), round(y, 7)) for x, y in added[:50]),
    )
    return *_insert(nodes, raw, inserted, tags), [finding]


def _plane(area: Area) -> tuple[shapely.Polygon, tuple[float, float]]:
    import shapely

    ring = area.rings[0]
    origin = middle_of(ring[:, 0], ring[:, 1])
    outline = shapely.Polygon(np.column_stack(project_local(ring[:, 0], ring[:, 1], origin=origin)))
    return shapely.make_valid(outline).buffer(_OUTLINE_REACH_M), origin


def _is_near_road(nodes: Nodes, raw: RawWays, area: Area) -> bool:
    """Whether a step of a road may touch the outline; without it, most booth buildings need no closer look."""
    ring = area.rings[0]
    reach = _NEAR_DEG / max(float(np.cos(np.radians(ring[:, 1])).min()), _NEAR_DEG)
    (left, low), (right, high) = ring.min(axis=0) - reach, ring.max(axis=0) + reach
    x, y = nodes.lon[raw.refs], nodes.lat[raw.refs]
    near = (np.minimum(x[:-1], x[1:]) <= right) & (np.maximum(x[:-1], x[1:]) >= left)
    near &= (np.minimum(y[:-1], y[1:]) <= high) & (np.maximum(y[:-1], y[1:]) >= low)
    return bool(near.any())


def _has_booth(nodes: Nodes, booths: npt.NDArray[np.int32], area: Area) -> bool:
    ring = area.rings[0]
    origin = middle_of(ring[:, 0], ring[:, 1])
    x, y = project_local(ring[:, 0], ring[:, 1], origin=origin)
    a, b = project_local(nodes.lon[booths], nodes.lat[booths], origin=origin)
    # A corner of the outline that near is enough, and most booths stand within their building.
    if (np.hypot(x[:, None] - a, y[:, None] - b) < _BOOTH_NEAR_M).any():
        return True
    import shapely

    outline, origin = _plane(area)
    points = shapely.points(*project_local(nodes.lon[booths], nodes.lat[booths], origin=origin))
    return bool(shapely.dwithin(points, outline, _BOOTH_NEAR_M).any())


def _crossings(nodes: Nodes, raw: RawWays, area: Area) -> list[tuple[int, float, float]]:
    """Return, for each way through the outline, ``(position, lon, lat)``.

    The position in ``refs`` is that of an own point, or ``~position`` of the point after which one is inserted.
    """
    import shapely

    outline, origin = _plane(area)
    x, y = project_local(nodes.lon[raw.refs], nodes.lat[raw.refs], origin=origin)
    left, low, right, high = outline.bounds
    near = (np.minimum(x[:-1], x[1:]) <= right) & (np.maximum(x[:-1], x[1:]) >= left)
    near &= (np.minimum(y[:-1], y[1:]) <= high) & (np.maximum(y[:-1], y[1:]) >= low)
    near[raw.ptr[1:-1] - 1] = False
    steps = np.flatnonzero(near)
    way = np.searchsorted(raw.ptr, steps, side="right") - 1
    result = []
    for w in np.unique(way).tolist():
        tags = raw.tags[w]
        is_level = tags.get("bridge", "no") == tags.get("tunnel", "no") == "no"
        if not is_level or CLASS_OF_HIGHWAY.get(tags.get("highway", "")) not in _TOLLED:
            continue
        mine = steps[way == w]
        span = np.arange(mine[0], mine[-1] + 2)
        through = shapely.LineString(np.column_stack((x[span], y[span]))).intersection(outline)
        if through.length == 0:
            continue
        result.append(_place_booth(span, np.column_stack((x[span], y[span])), through, origin))
    return result


def _place_booth(
    span: npt.NDArray[np.intp],
    line: npt.NDArray[np.float64],
    through: shapely.Geometry,
    origin: tuple[float, float],
) -> tuple[int, float, float]:
    import shapely

    path = shapely.LineString(line)
    ends = [path.project(shapely.Point(p)) for p in shapely.get_coordinates(through)]
    middle, half = (min(ends) + max(ends)) / 2, (max(ends) - min(ends)) / 2
    along = np.array([path.project(shapely.Point(p)) for p in line])
    inside = np.flatnonzero(np.abs(along - middle) <= half)
    if len(inside):
        k = int(inside[np.argmin(np.abs(along[inside] - middle))])
        px, py = line[k]
        position = int(span[k])
    else:
        k = int(np.searchsorted(along, middle) - 1)
        px, py = path.interpolate(middle).coords[0]
        position = ~int(span[k])
    lon0, lat0 = origin
    kx, ky = project_local(np.array([lon0 + 1]), np.array([lat0 + 1]), origin=origin)
    return position, lon0 + float(px / kx[0]), lat0 + float(py / ky[0])


def _insert(
    nodes: Nodes,
    raw: RawWays,
    inserted: list[tuple[int, int, float, float]],
    tags: dict[int, dict[str, str]],
) -> tuple[Nodes, RawWays]:
    after = np.array([k for _, k, _, _ in inserted], dtype=np.intp)
    rows = np.array([row for row, *_ in inserted], dtype=np.int32)
    lon = np.array([p[2] for p in inserted]).round(7)
    lat = np.array([p[3] for p in inserted]).round(7)
    start = raw.refs[after]
    order = np.lexsort((np.hypot(lon - nodes.lon[start], lat - nodes.lat[start]), after))
    refs = np.insert(raw.refs, after[order] + 1, rows[order]).astype(np.int32)
    shift = np.searchsorted(after[order], raw.ptr - 1, side="left")
    way = np.searchsorted(raw.ptr, after[order], side="right") - 1
    number = np.arange(len(way)) - np.searchsorted(way, way, side="left")
    ids = np.empty(len(way), dtype=np.int64)
    ids[order] = [_FIRST_ID + (int(raw.id[w]) * 64 + int(k)) % 2**61 for w, k in zip(way, number, strict=True)]
    new_nodes = Nodes(
        np.concatenate((nodes.id, ids)),
        np.concatenate((nodes.lon, lon)),
        np.concatenate((nodes.lat, lat)),
        tags,
    )
    return new_nodes, RawWays(raw.id, (raw.ptr + shift).astype(np.int32), refs, raw.tags)
