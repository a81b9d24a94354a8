"""Shifts: conventions whose seam lies at a place that no price table knows.

A shift starts from the labelling of its base row and moves seams along the road: to the outer edge of the plaza, to
the crossing of a land outline, to an agreed point. The road between the old seam and the new place is held for the
owner that gains it, and the place itself costs nothing; the minimum cut is solved again with that held.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geo.cutting import Cut
from geo.graphs import undirected_graph
from geo.measure import middle_of, project_local
from geo.network import Network
from geo.segmentlines import segment_lines
from geo.stations import StationKind
from jurisdiction.choices import Choices
from jurisdiction.rules import SeamRules

Mask = npt.NDArray[np.bool_]

_SIDE_BY_SIDE_M = 40.0
"""Lanes nearer than this, one to the next, stand in one row of booths."""


@dataclass
class Held:
    """What is held while the cut is solved again.

    Attributes
    ----------
    expressway, ordinary
        Segment rows that keep this owner.
    free
        Node rows where a seam costs nothing.
    """

    expressway: set[int] = field(default_factory=set)
    ordinary: set[int] = field(default_factory=set)
    free: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.expressway or self.ordinary or self.free)


class Road:
    """A labelled network that can be walked from node to node.

    Parameters
    ----------
    network
        The network.
    expressway
        bool (segments,): the labelling.
    plain
        bool (segments,): ordinary roads proper, on which no plaza lies.
    """

    def __init__(self, network: Network, expressway: Mask, plain: Mask) -> None:
        self.network = network
        self.expressway = expressway
        self.plain = plain
        seg = network.segments
        ends = np.concatenate((seg.u, seg.v))
        self._order = np.argsort(ends, kind="stable")
        self._ptr = np.searchsorted(ends[self._order], np.arange(len(network.nodes) + 1))

    def at(self, node: int) -> list[int]:
        """Return the segment rows at a node, ascending."""
        rows = self._order[self._ptr[node] : self._ptr[node + 1]] % len(self.expressway)
        return sorted(int(row) for row in rows)

    def over(self, row: int, node: int) -> int:
        """Return the other end of a segment."""
        u, v = int(self.network.segments.u[row]), int(self.network.segments.v[row])
        return v if node == u else u

    def ahead(self, node: int, *, away: bool) -> list[tuple[int, int, float]]:
        """Return ``(segment, other end, metres)`` outwards of a node: ramps, plazas and stubs on the ordinary side.

        ``away`` takes what traffic drives away from the node, else what it comes by.
        """
        steps = []
        for row in self.at(node):
            if self.expressway[row] or self.plain[row]:
                continue
            along = int(self.network.segments.u[row]) == node
            drivable = self.network.forward[row] if along == away else self.network.backward[row]
            if drivable:
                steps.append((row, self.over(row, node), float(self.network.segments.length_m[row])))
        return steps


@dataclass(frozen=True, slots=True)
class Plaza:
    """The lanes of one direction of a station: booths in ascending order, and whether traffic leaves outwards."""

    booths: tuple[int, ...]
    away: bool


def find_plazas(road: Road, booths: Iterable[int]) -> list[Plaza]:
    """Group the booths of a station by direction and place: lanes side by side belong to one plaza."""
    plazas = []
    rows = sorted(booths)
    for away in (True, False):
        mine = [row for row in rows if road.ahead(row, away=away)]
        if not mine:
            continue
        lon, lat = road.network.nodes.lon[mine], road.network.nodes.lat[mine]
        plane = np.column_stack(project_local(lon, lat, origin=middle_of(lon, lat)))
        pairs = cKDTree(plane).query_pairs(_SIDE_BY_SIDE_M, output_type="ndarray")
        graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(mine), len(mine)))
        _, label = connected_components(graph, directed=False)
        groups = range(int(label.max()) + 1)
        plazas += [Plaza(tuple(row for row, g in zip(mine, label, strict=True) if g == k), away) for k in groups]
    return plazas


def walk_plaza(road: Road, plaza: Plaza, reach_m: float) -> tuple[set[int], int]:
    """Walk from the booths outwards to the node where all lanes have become one carriageway.

    Parameters
    ----------
    road
        The labelled network; outwards is the ordinary side.
    plaza
        The lanes.
    reach_m
        Farthest walk from a booth.

    Returns
    -------
    walked
        Segment rows between booths and outer edge.
    edge
        Node row of the outer edge, -1 when the lanes do not meet within reach or there is but one.
    """
    trees = [_walk(road, booth, plaza.away, reach_m) for booth in plaza.booths]
    common = set.intersection(*(set(tree) for tree in trees)) - set(plaza.booths)
    if len(trees) == 1 or not common:
        return set(), -1
    edge = min(common, key=lambda node: (max(tree[node][0] for tree in trees), node))
    return {row for tree in trees for row in tree[edge][1]}, edge


def _walk(road: Road, booth: int, away: bool, reach_m: float) -> dict[int, tuple[float, tuple[int, ...]]]:  # noqa: FBT001
    """Return the ordinary-side nodes within reach of a booth, each with metres and the path's segments."""
    found: dict[int, tuple[float, tuple[int, ...]]] = {}
    heap: list[tuple[float, int, tuple[int, ...]]] = [(0.0, booth, ())]
    while heap:
        metres, node, path = heapq.heappop(heap)
        if node in found:
            continue
        found[node] = (metres, path)
        for row, nxt, length in road.ahead(node, away=away):
            if metres + length <= reach_m and nxt not in found:
                heapq.heappush(heap, (metres + length, nxt, (*path, row)))
    return found


def plaza_cuts(road: Road, choices: Choices, rules: SeamRules) -> list[Cut]:
    """Return where a lane without a mapped outer edge must be cut: ``plaza_m`` beyond its booth."""
    cuts = []
    for plaza in _plazas(road, choices):
        if walk_plaza(road, plaza, rules.plaza_reach_m)[1] >= 0:
            continue
        for booth in plaza.booths:
            for row, _, length in road.ahead(booth, away=plaza.away):
                if length > rules.plaza_m:
                    first = int(road.network.segments.u[row]) == booth
                    offset = rules.plaza_m if first else length - rules.plaza_m
                    cuts.append(Cut(road.network.segment_ids[row], offset))
    return cuts


def _plazas(road: Road, choices: Choices) -> list[Plaza]:
    found = []
    for station in road.network.stations:
        ours = station.kind in {StationKind.RAMP, StationKind.SERVICE_AREA}
        if ours and choices.of_station(station.id) == "plaza_outer_edge":
            found += find_plazas(road, station.booths)
    return found


def hold_plazas(road: Road, choices: Choices, rules: SeamRules) -> Held:
    """Hold every plaza up to its outer edge for the expressway; a single lane up to the first node or cut."""
    held = Held()
    for plaza in _plazas(road, choices):
        walked, edge = walk_plaza(road, plaza, rules.plaza_reach_m)
        held.expressway |= walked
        if edge >= 0:
            held.free.add(edge)
            continue
        for booth in plaza.booths:
            for row, end, length in road.ahead(booth, away=plaza.away):
                if length <= rules.plaza_m + 1:
                    held.expressway.add(row)
                    held.free.add(end)
    return held


def land_cuts(network: Network, choices: Choices) -> list[Cut]:
    """Return the crossings of roads with land outlines, as cuts."""
    cuts: list[Cut] = []
    lines = segment_lines(network) if choices.land else np.zeros(0, dtype=object)
    for ring in choices.land:
        border = shapely.LineString(ring)
        for row in np.flatnonzero(shapely.intersects(lines, border)).tolist():
            line = lines[row]
            crossing = shapely.get_coordinates(shapely.intersection(line, border))
            length = float(network.segments.length_m[row])
            for point in crossing:
                share = float(shapely.line_locate_point(line, shapely.Point(point), normalized=True))
                cuts.append(Cut(network.segment_ids[row], share * length))
    return cuts


def hold_land(road: Road, choices: Choices, *, near: Mask, ramps: Mask) -> Held:
    """Hold expressway-like roads inside a land outline for the expressway, those outside it for ordinary roads.

    Only main lines that are stubs, ramps and plazas near a station are moved; an ordinary road that passes under
    the outline stays ordinary.

    Parameters
    ----------
    road
        The network, cut at the outlines.
    choices
        With the outlines.
    near
        bool (segments,): within reach of a station whose convention is ``land_boundary``.
    ramps
        bool (segments,): ramps and stubs, the roads whose owner is open.
    """
    held = Held()
    if not choices.land:
        return held
    middles = shapely.line_interpolate_point(segment_lines(road.network), 0.5, normalized=True)
    inside = np.zeros(len(near), dtype=bool)
    for ring in choices.land:
        inside |= shapely.contains(shapely.make_valid(shapely.Polygon(ring)), middles)
    if not (inside & ramps).any():
        return held
    seg = road.network.segments
    held.expressway = set(np.flatnonzero(near & ramps & inside).tolist())
    held.ordinary = set(np.flatnonzero(near & ramps & ~inside & ~road.expressway).tolist())
    edge = np.intersect1d(
        np.concatenate((seg.u[inside], seg.v[inside])), np.concatenate((seg.u[~inside], seg.v[~inside]))
    )
    held.free = set(edge.tolist())
    return held


def hold_agreed(road: Road, nodes: Iterable[int], seams: npt.NDArray[np.integer]) -> Held:
    """Hold the road between each agreed point and the nearest seam for the owner that gains it.

    Parameters
    ----------
    road
        The labelled network, cut at the agreed points.
    nodes
        Node rows of the agreed points.
    seams
        Node rows where the base labelling changes owner.
    """
    held = Held()
    graph = undirected_graph(road.network)
    for node in nodes:
        held.free.add(node)
        if node in set(seams.tolist()) or len(seams) == 0:
            continue
        distance, before = dijkstra(graph, directed=False, indices=[node], return_predecessors=True)
        distance, before = distance[0], before[0]
        nearest = min(seams.tolist(), key=lambda s: (distance[s], s))
        if not np.isfinite(distance[nearest]):
            continue
        path = []
        at = int(nearest)
        while at != node:
            back = int(before[at])
            rows = [row for row in road.at(at) if road.over(row, at) == back]
            path.append(min(rows, key=lambda row: (int(road.network.segments.length_mm[row]), row)))
            at = back
        gains = not road.expressway[path[-1]]
        (held.expressway if gains else held.ordinary).update(path)
    return held
