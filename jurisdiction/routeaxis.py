"""The axis of a route: one line along which both carriageways are measured, so that a border cuts both at one place.

The axis follows one carriageway of the map from end to end; every point of the route has a position on it, metres
from its first point. Positions order places and join a border of one carriageway to the other; lengths that enter a
ledger are always those of the segments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.measure import measure_steps, middle_of, project_local
from geo.network import Network
from geo.routetrace import find_route

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Line = tuple[Floats, Floats]

STEP_M = 20.0
"""Longest step between two points whose position on the axis is worked out."""
BESIDE_M = 100.0
"""A road of the same route nearer than this to the axis runs beside it: the other carriageway."""
_ROUTES = re.compile(r"[;,，、；/ ]+")
_APART = (RoadClass.MOTORWAY_LINK, RoadClass.ORDINARY_LINK, RoadClass.SERVICE, RoadClass.FERRY)
_MOST_PARTS = 60
_APART_M = 300.0
"""A carriageway that leaves the axis comes back to it farther on than this."""


def split_routes(text: str) -> tuple[str, ...]:
    """Return the route numbers of a ``ref`` in the order they are written, each once.

    Examples
    --------
    >>> split_routes("G98;S17"), split_routes("S17, G98/S17"), split_routes("")
    (('G98', 'S17'), ('S17', 'G98'), ())
    """
    return tuple(dict.fromkeys(part for part in _ROUTES.split(text) if part))


def route_mask(network: Network, route: str) -> Mask:
    """Return bool (segments,): main lines that carry a route number; by road name where no road has that number."""
    mask = find_route(network, route)
    if mask.any() or not route.strip():
        return mask
    named = network.ways.text["name"].where({route.strip()})[network.segments.way]
    result: Mask = named & ~np.isin(network.segment_class, _APART)
    return result


@dataclass(frozen=True)
class Axis:
    """The axis of one route.

    Attributes
    ----------
    route
        Route number or name.
    lon, lat
        float64 (points,), the axis, WGS-84 degrees.
    at_m
        float64 (points,), metres along it; where the map has a gap, the straight distance counts.
    joined
        bool (points - 1,): the road goes on between two points; ``False`` at a gap of the map.
    rows
        int64 (n,), segment rows of the route, ascending.
    travel
        int8 (n,): 1 where traffic drives towards larger positions, -1 towards smaller ones, 0 both ways.
    ptr, offset_m, position_m
        Points along the segments: those of segment ``rows[k]`` lie in ``ptr[k]:ptr[k + 1]``, so many metres from its
        first point, at that position of the axis.
    """

    route: str
    lon: Floats
    lat: Floats
    at_m: Floats
    joined: Mask
    rows: Ints
    travel: npt.NDArray[np.int8]
    ptr: Ints
    offset_m: Floats
    position_m: Floats

    @property
    def length_m(self) -> float:
        """Position of the last point."""
        return float(self.at_m[-1])

    @cached_property
    def low_m(self) -> Floats:
        """Smallest position of each segment, float64 (n,)."""
        return np.minimum.reduceat(self.position_m, self.ptr[:-1])

    @cached_property
    def high_m(self) -> Floats:
        """Largest position of each segment, float64 (n,)."""
        return np.maximum.reduceat(self.position_m, self.ptr[:-1])

    def turned(self) -> Axis:
        """Return the axis with positions counted from its other end."""
        return replace(
            self,
            lon=self.lon[::-1],
            lat=self.lat[::-1],
            at_m=self.length_m - self.at_m[::-1],
            joined=self.joined[::-1],
            travel=-self.travel,
            position_m=self.length_m - self.position_m,
        )

    @cached_property
    def _plane(self) -> tuple[tuple[float, float], Floats, cKDTree]:
        from scipy.spatial import cKDTree

        origin = middle_of(self.lon, self.lat)
        plane = np.column_stack(project_local(self.lon, self.lat, origin=origin))
        return origin, plane, cKDTree(plane)

    def locate(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return the position of places on the axis and their distance from it, metres, float64 (places,) each."""
        origin, plane, tree = self._plane
        x, y = project_local(
            np.atleast_1d(np.asarray(lon, dtype=np.float64)),
            np.atleast_1d(np.asarray(lat, dtype=np.float64)),
            origin=origin,
        )
        place = np.column_stack((x, y))
        gap, near = tree.query(place)
        best, position = np.asarray(gap, dtype=np.float64), self.at_m[near].copy()
        for first in (np.asarray(near) - 1, np.asarray(near)):
            ok = (first >= 0) & (first < len(self.joined))
            edge = np.clip(first, 0, max(len(self.joined) - 1, 0))
            if not len(self.joined):
                break
            ok &= self.joined[edge]
            a, b = plane[edge], plane[edge + 1]
            step = b - a
            square = (step * step).sum(axis=1)
            share = np.clip(((place - a) * step).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
            foot = np.hypot(*(place - (a + share[:, None] * step)).T)
            better = ok & (foot < best)
            best[better] = foot[better]
            position[better] = (self.at_m[edge] + share * (self.at_m[edge + 1] - self.at_m[edge]))[better]
        return position, best

    def crossings(self, k: int, position_m: float) -> list[float]:
        """Return the metres along segment ``rows[k]`` at which it passes a position, ascending."""
        part = slice(int(self.ptr[k]), int(self.ptr[k + 1]))
        offset, position = self.offset_m[part], self.position_m[part] - position_m
        found = [float(offset[j]) for j in np.flatnonzero(position == 0)]
        for j in np.flatnonzero(position[:-1] * position[1:] < 0).tolist():
            share = position[j] / (position[j] - position[j + 1])
            found.append(float(offset[j] + share * (offset[j + 1] - offset[j])))
        return sorted(found)

    def position_at(self, k: int, offset_m: float) -> float:
        """Return the position of a place so many metres along segment ``rows[k]``."""
        part = slice(int(self.ptr[k]), int(self.ptr[k + 1]))
        return float(np.interp(offset_m, self.offset_m[part], self.position_m[part]))

    def place_at(self, position_m: float) -> tuple[float, float]:
        """Return ``(lon, lat)`` of a position on the axis."""
        lon, lat = (float(np.interp(position_m, self.at_m, column)) for column in (self.lon, self.lat))
        return round(lon, 7), round(lat, 7)


def make_axis(network: Network, route: str) -> Axis | None:
    """Make the axis of a route; ``None`` where no road of the map carries it.

    The first point is the western end of the axis (of ends on one meridian the southern one); whoever knows which way
    stakes grow turns it.
    """
    rows = np.flatnonzero(route_mask(network, route)).astype(np.int64)
    if len(rows) == 0:
        return None
    lines = _chain_lines(_find_parts(network, rows))
    lon, lat, at_m, joined = _join_lines(lines)
    blank = np.zeros(0)
    bare = Axis(route, lon, lat, at_m, joined, rows, np.zeros(0, np.int8), np.zeros(1, np.int64), blank, blank)
    ptr, offset_m, points_lon, points_lat = _points_along(network, rows)
    position_m, _ = bare.locate(points_lon, points_lat)
    grows = np.sign(position_m[ptr[1:] - 1] - position_m[ptr[:-1]])
    travel = (network.ways.direction[network.segments.way[rows]] * grows).astype(np.int8)
    axis = replace(bare, travel=travel, ptr=ptr, offset_m=offset_m, position_m=position_m)
    return axis.turned() if (float(lon[0]), float(lat[0])) > (float(lon[-1]), float(lat[-1])) else axis


def _find_parts(network: Network, rows: Ints) -> list[Line]:
    """Return lines that together run along the whole route once: the longest first, then what lies beyond it."""
    from scipy.spatial import cKDTree

    seg, nodes = network.segments, network.nodes
    origin = middle_of(nodes.lon, nodes.lat)
    x, y = project_local(nodes.lon, nodes.lat, origin=origin)
    parts: list[Line] = []
    rest = rows
    while len(rest) and len(parts) < _MOST_PARTS:
        path = _widest_path(network, rest, (x, y))
        lon, lat = _draw(network, path)
        tree = cKDTree(np.column_stack(project_local(*_densify(lon, lat)[:2], origin=origin)))
        parts.append((lon, lat))
        near = [np.asarray(tree.query(np.column_stack((x[end], y[end])))[0]) for end in (seg.u[rest], seg.v[rest])]
        beside = (np.maximum(*near) <= BESIDE_M) | np.isin(rest, np.abs(path) - 1)
        rest = rest[~beside]
        rest = rest[~_is_between(network, rest, (x, y), tree)]
    return parts


def _is_between(network: Network, rows: Ints, plane: Line, tree: cKDTree) -> Mask:
    """Return which roads belong to a piece that leaves the line and comes back to it: a carriageway far from it."""
    seg = network.segments
    if len(rows) == 0:
        return np.zeros(0, dtype=bool)
    label, nodes = _components(network, rows)
    x, y = plane
    gap, point = (np.asarray(column) for column in tree.query(np.column_stack((x[nodes], y[nodes]))))
    at = {int(node): k for k, node in enumerate(nodes)}
    touching: dict[int, list[int]] = {}
    for row, part in zip(rows.tolist(), label.tolist(), strict=True):
        for k in (at[int(seg.u[row])], at[int(seg.v[row])]):
            if gap[k] <= BESIDE_M:
                touching.setdefault(part, []).append(int(point[k]))
    twice = [part for part, found in touching.items() if (max(found) - min(found)) * STEP_M > _APART_M]
    return np.isin(label, twice)


def _components(network: Network, rows: Ints) -> tuple[Ints, Ints]:
    """Return the connected part of each segment and the nodes in use."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    seg = network.segments
    nodes, index = np.unique(np.concatenate((seg.u[rows], seg.v[rows])), return_inverse=True)
    u, v = index[: len(rows)], index[len(rows) :]
    graph = coo_array((np.ones(len(rows)), (u, v)), shape=(len(nodes), len(nodes)))
    _, label = connected_components(graph, directed=False)
    return label[u].astype(np.int64), nodes.astype(np.int64)


def _widest_path(network: Network, rows: Ints, plane: Line) -> list[int]:
    """Return the shortest path between the two farthest ends of the component that spans most, as signed rows.

    Rows are counted from 1; a negative number is a segment walked from its last point to its first.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    seg, (x, y) = network.segments, plane
    label, _ = _components(network, rows)
    sides = []
    for axis in (x, y):
        low, high = np.full(label.max() + 1, np.inf), np.full(label.max() + 1, -np.inf)
        for end in (seg.u[rows], seg.v[rows]):
            np.minimum.at(low, label, axis[end])
            np.maximum.at(high, label, axis[end])
        sides.append(high - low)
    mine = rows[label == int(np.argmax(np.round(np.hypot(*sides), 3)))]
    nodes, index = np.unique(np.concatenate((seg.u[mine], seg.v[mine])), return_inverse=True)
    u, v = index[: len(mine)], index[len(mine) :]
    middle = (x[nodes].mean(), y[nodes].mean())
    first = _farthest(x[nodes], y[nodes], middle)
    last = _farthest(x[nodes], y[nodes], (x[nodes[first]], y[nodes[first]]))
    length = np.maximum(seg.length_mm[mine], 1)
    low, high = np.minimum(u, v), np.maximum(u, v)
    order = np.lexsort((mine, length, high, low))
    keep = order[np.append(True, (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0))]
    graph = coo_array((length[keep], (low[keep], high[keep])), shape=(len(nodes), len(nodes))).tocsr()
    _, before = dijkstra(graph, directed=False, indices=[first], return_predecessors=True)
    row_of = {(int(low[k]), int(high[k])): int(k) for k in keep}
    path, at, before = [], last, before[0]
    while at != first:
        back = int(before[at])
        k = row_of[min(at, back), max(at, back)]
        path.append(int(mine[k]) + 1 if int(u[k]) == back else -int(mine[k]) - 1)
        at = back
    return path[::-1] or [int(mine[0]) + 1]


def _farthest(x: Floats, y: Floats, place: tuple[float, float]) -> int:
    """Return the point farthest from a place; of equally far ones the western, then southern one."""
    far = np.round(np.hypot(x - place[0], y - place[1]), 3)
    return int(np.lexsort((y, x, -far))[0])


def _draw(network: Network, path: Sequence[int]) -> Line:
    """Return the points of a path of signed rows."""
    pieces = [network.points(abs(k) - 1)[:: 1 if k > 0 else -1] for k in path]
    points = np.concatenate([pieces[0][:1], *(piece[1:] for piece in pieces)])
    return points[:, 0], points[:, 1]


def _densify(lon: Floats, lat: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the line with steps of at most ``STEP_M``, and metres along it."""
    step = measure_steps(lon, lat)
    count = np.maximum(1, np.ceil(step / STEP_M)).astype(np.int64)
    edge = np.repeat(np.arange(len(step)), count)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)) / count[edge]
    along = np.concatenate(([0.0], np.cumsum(step)))

    def cut(values: Floats) -> Floats:
        return np.append(values[edge] + share * (values[edge + 1] - values[edge]), values[-1])

    return cut(lon), cut(lat), cut(along)


def _chain_lines(lines: list[Line]) -> list[Line]:
    """Put lines in order, each beginning where the one before it ends or as near as can be."""
    chain, rest = lines[:1], lines[1:]
    while rest:
        options = []
        for k, (lon, lat) in enumerate(rest):
            for at_end, (here_lon, here_lat) in ((True, chain[-1]), (False, chain[0])):
                mine = (here_lon[-1], here_lat[-1]) if at_end else (here_lon[0], here_lat[0])
                for turn in (False, True):
                    theirs = (lon[-1], lat[-1]) if turn is at_end else (lon[0], lat[0])
                    gap = float(measure_steps(np.array([mine[0], theirs[0]]), np.array([mine[1], theirs[1]]))[0])
                    options.append((round(gap, 3), k, at_end, turn))
        _, k, at_end, turn = min(options)
        lon, lat = rest.pop(k)
        line = (lon[::-1], lat[::-1]) if turn else (lon, lat)
        chain = [*chain, line] if at_end else [line, *chain]
    return chain


def _join_lines(lines: Sequence[Line]) -> tuple[Floats, Floats, Floats, Mask]:
    parts = [_densify(lon, lat) for lon, lat in lines]
    lon, lat = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    joined = np.ones(len(lon) - 1, dtype=bool)
    joined[np.cumsum([len(part[0]) for part in parts])[:-1] - 1] = False
    at_m = np.concatenate(([0.0], np.cumsum(measure_steps(lon, lat))))
    return lon, lat, at_m, joined


def _points_along(network: Network, rows: Ints) -> tuple[Ints, Floats, Floats, Floats]:
    """Return points along segments, at most ``STEP_M`` apart: pointers, metres on the segment, lon, lat."""
    columns: list[tuple[Floats, Floats, Floats]] = []
    for row in rows.tolist():
        line = network.points(row)
        lon, lat, along = _densify(line[:, 0], line[:, 1])
        length = float(network.segments.length_mm[row]) / 1000
        columns.append((along * (length / along[-1] if along[-1] > 0 else 0.0), lon, lat))
    ptr = np.concatenate(([0], np.cumsum([len(column[0]) for column in columns]))).astype(np.int64)
    offset, lon, lat = (np.concatenate([column[k] for column in columns]) for k in range(3))
    return ptr, offset, lon, lat
