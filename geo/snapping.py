"""From a place on Earth to a place on the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.errors import InputError
from geo.measure import middle_of, project_local
from geo.network import Network

if TYPE_CHECKING:
    from shapely import STRtree

NODE_TOLERANCE_M = 0.5
"""A place this close to the end of a segment, along it, is that end (lines closer than this are one line)."""

TIE_M = 0.01
"""Segments whose distances differ by less are equally near; the smaller segment id wins."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Snapped:
    """Places on the network, shape (places,) each.

    Attributes
    ----------
    segment
        int64, segment row, -1 where the network is farther than the limit.
    offset_m
        float64, metres from the segment's first point along it; exactly 0 or the full length at an end.
    distance_m
        float64, metres between the given point and the network (also where it is beyond the limit).
    lon, lat
        float64, WGS-84 degrees, the place on the network.
    node
        int64, node row where the place is an end of the segment, else -1. Such a place belongs to all
        segments that meet there.
    """

    segment: npt.NDArray[np.int64]
    offset_m: Floats
    distance_m: Floats
    lon: Floats
    lat: Floats
    node: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.segment)

    def take(self, rows: npt.NDArray[np.integer] | list[int]) -> Snapped:
        """Return the places of the given rows."""
        pick = np.asarray(rows, dtype=np.int64)
        return Snapped(
            self.segment[pick],
            self.offset_m[pick],
            self.distance_m[pick],
            self.lon[pick],
            self.lat[pick],
            self.node[pick],
        )


@dataclass(frozen=True)
class SnapIndex:
    """A search tree over the lines of a network; build once, snap often.

    Attributes
    ----------
    network
        The network.
    rows
        int64, the segment rows in the tree.
    lines
        Their lines on a plane around ``origin`` (equirectangular, metres).
    tree
        The tree over ``lines``.
    origin
        lon, lat in WGS-84 degrees.
    """

    network: Network
    rows: npt.NDArray[np.int64]
    lines: npt.NDArray[np.object_]
    tree: STRtree
    origin: tuple[float, float]


def build_snap_index(network: Network, *, usable: npt.NDArray[np.bool_] | None = None) -> SnapIndex:
    """Build the search tree.

    Parameters
    ----------
    network
        The network.
    usable
        bool (segments,), segments a place may lie on; all but ferries by default.
    """
    import shapely

    mask = network.segment_class != RoadClass.FERRY if usable is None else usable
    rows = np.flatnonzero(mask).astype(np.int64)
    origin = middle_of(network.nodes.lon, network.nodes.lat)
    x, y = project_local(network.nodes.lon, network.nodes.lat, origin=origin)
    ptr, points = network.line_rows()
    line_of_point = np.repeat(np.arange(len(network.segments)), np.diff(ptr))
    kept = mask[line_of_point]
    new_row = np.cumsum(mask) - 1
    coordinates = np.column_stack((x[points], y[points]))[kept]
    lines = np.asarray(shapely.linestrings(coordinates, indices=new_row[line_of_point[kept]]), dtype=np.object_)
    return SnapIndex(network, rows, lines, shapely.STRtree(list(lines)), origin)


def snap_points(
    network: Network,
    lon: Floats,
    lat: Floats,
    *,
    max_m: float = 2_000.0,
    index: SnapIndex | None = None,
) -> Snapped:
    """Put points on the nearest segment.

    Distances are planar around the middle of the network (equirectangular), right to 0.1 % within one
    district.

    Parameters
    ----------
    network
        The network.
    lon, lat
        float64 (places,), WGS-84 degrees.
    max_m
        Farthest distance that still counts as on the network, metres.
    index
        A tree built before; saves building one for each call.

    Raises
    ------
    InputError
        Where the network has no road, or a coordinate is not a finite number.
    """
    import shapely

    lon, lat = (
        np.atleast_1d(np.asarray(lon, dtype=np.float64)),
        np.atleast_1d(np.asarray(lat, dtype=np.float64)),
    )
    bad = np.flatnonzero(~(np.isfinite(lon) & np.isfinite(lat)))
    if len(bad):
        raise InputError(
            f"第 {bad[0] + 1} 处没有有效坐标，请填写经纬度（度）。"
            f" / place {bad[0] + 1} has no finite coordinates; give longitude and latitude in degrees"
        )
    index = build_snap_index(network) if index is None else index
    if len(index.rows) == 0:
        raise InputError(
            "路网中没有可停靠的道路，请换一张含道路的地图。"
            " / the network has no road a place can lie on; load a map with roads"
        )
    points = np.asarray(shapely.points(*project_local(lon, lat, origin=index.origin)), dtype=np.object_)
    near = _nearest_lines(index, points)
    line = index.lines[near]
    part = shapely.line_locate_point(line, points, normalized=False)
    whole = shapely.length(line)
    distance = shapely.distance(line, points)
    rows = index.rows[near]
    length_m = network.segments.length_m[rows]
    offset = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0) * length_m
    rest = length_m - offset
    at_start = (offset <= NODE_TOLERANCE_M) & (offset <= rest)
    at_end = ~at_start & (rest <= NODE_TOLERANCE_M)
    offset = np.where(at_start, 0.0, np.where(at_end, length_m, offset))
    node = np.where(at_start, network.segments.u[rows], np.where(at_end, network.segments.v[rows], -1))
    place = shapely.get_coordinates(shapely.line_interpolate_point(line, part))
    place_lon, place_lat = _unproject(place[:, 0], place[:, 1], origin=index.origin)
    node = node.astype(np.int64)
    place_lon = np.where(node >= 0, network.nodes.lon[node], place_lon)
    place_lat = np.where(node >= 0, network.nodes.lat[node], place_lat)
    far = distance > max_m
    return Snapped(
        np.where(far, -1, rows),
        offset,
        distance,
        place_lon,
        place_lat,
        np.where(far, -1, node).astype(np.int64),
    )


def _nearest_lines(index: SnapIndex, points: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Return the nearest line of each point; among equally near ones that of the smallest segment id."""
    import shapely

    nearest = np.asarray(index.tree.nearest(points), dtype=np.int64)
    best = shapely.distance(index.lines[nearest], points)
    at, line = index.tree.query(points, predicate="dwithin", distance=best + TIE_M)
    candidates: dict[int, list[int]] = {}
    for point, row in zip(at.tolist(), line.tolist(), strict=True):
        candidates.setdefault(point, []).append(row)
    ids, rows = index.network.segment_ids, index.rows
    for point, options in candidates.items():
        if len(options) > 1:
            nearest[point] = min(options, key=lambda row: ids[rows[row]])
    return nearest


def _unproject(x: Floats, y: Floats, *, origin: tuple[float, float]) -> tuple[Floats, Floats]:
    """Undo ``project_local``."""
    one_lon, one_lat = project_local(np.array([origin[0] + 1.0]), np.array([origin[1] + 1.0]), origin=origin)
    return origin[0] + x / one_lon[0], origin[1] + y / one_lat[0]
