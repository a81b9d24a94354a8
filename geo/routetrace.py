"""The line of one carriageway on the network: the segments of a route, joined from stake to stake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.classes import RoadClass
from geo.measure import measure_steps
from geo.network import Network
from geo.routeline import RouteLine, make_line
from geo.snapping import build_snap_index, snap_points

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

REACH_M = 150.0
"""Farthest distance between a stake of the table and its carriageway on the map."""
EXTEND_M = 2_000.0
"""How far a carriageway is followed beyond its first and last stake."""
_SPLIT = re.compile(r"[;,，、；/]")
_LINKS = (RoadClass.MOTORWAY_LINK, RoadClass.ORDINARY_LINK, RoadClass.SERVICE, RoadClass.FERRY)


@dataclass(frozen=True)
class Trace:
    """A carriageway found on the network.

    Attributes
    ----------
    line
        Its line.
    rows
        int64, positions in the given stakes that lie on it.
    along_m
        float64, metres along the line of those stakes, rising.
    gaps
        Pairs of positions in ``rows`` between which the map shows no way through.
    snap_m
        Median distance of the stakes to the map, metres.
    """

    line: RouteLine
    rows: Ints
    along_m: Floats
    gaps: tuple[tuple[int, int], ...]
    snap_m: float


@dataclass(frozen=True)
class Arcs:
    """Segments of a route in the direction of growing stakes: ``tail[k]`` to ``head[k]`` along segment ``row[k]``."""

    network: Network
    row: Ints
    tail: Ints
    head: Ints
    ahead: Mask

    def __len__(self) -> int:
        return len(self.row)


@dataclass
class _Pen:
    """Draws vertex after vertex and keeps the segment under each edge."""

    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    segment: list[int] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    end: list[float] = field(default_factory=list)

    def draw(self, xy: Floats, segment: int, offset_m: Floats) -> None:
        """Add a piece; its first point is the last one drawn."""
        first = 1 if self.lon else 0
        self.lon += xy[first:, 0].tolist()
        self.lat += xy[first:, 1].tolist()
        self.segment += [segment] * (len(xy) - 1)
        self.start += offset_m[:-1].tolist()
        self.end += offset_m[1:].tolist()


def find_route(network: Network, route: str) -> Mask:
    """Return bool (segments,): main lines of a route; a stretch with two numbers (``G6;G0611``) belongs to both.

    Ramps, service roads and ferries are left out: they carry no stakes of the main line.
    """
    wanted = _plain(route)
    column = network.ways.text["ref"]
    hit = np.array([wanted in {_plain(part) for part in _SPLIT.split(text)} for text in column.pool], dtype=bool)
    mask: Mask = hit[column.codes][network.segments.way] & ~np.isin(network.segment_class, _LINKS)
    return mask if wanted else np.zeros(len(mask), dtype=bool)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def rising_arcs(network: Network, mask: Mask, *, guide: RouteLine, travel: int) -> Arcs:
    """Return the segments that lead to higher stakes on the carriageway of one driving direction.

    Parameters
    ----------
    network
        The network.
    mask
        bool (segments,), the route.
    guide
        A rough line of the route, stakes growing.
    travel
        1 where traffic drives towards higher stakes, -1 towards lower ones.
    """
    seg, nodes = network.segments, network.nodes
    rows = np.flatnonzero(mask)
    along_u = guide.project(nodes.lon[seg.u[rows]], nodes.lat[seg.u[rows]]).along_m
    along_v = guide.project(nodes.lon[seg.v[rows]], nodes.lat[seg.v[rows]]).along_m
    ahead = along_v >= along_u
    may_ahead = network.forward[rows] if travel > 0 else network.backward[rows]
    may_back = network.backward[rows] if travel > 0 else network.forward[rows]
    good = np.where(ahead, may_ahead, may_back)
    rows, ahead = rows[good], ahead[good]
    tail, head = np.where(ahead, seg.u[rows], seg.v[rows]), np.where(ahead, seg.v[rows], seg.u[rows])
    return Arcs(network, rows.astype(np.int64), tail.astype(np.int64), head.astype(np.int64), ahead)


def trace_route(arcs: Arcs, lon: Floats, lat: Floats, *, guide: RouteLine, knots_m: Floats) -> Trace | None:
    """Follow the network from stake to stake.

    Parameters
    ----------
    arcs
        The segments of the carriageway.
    lon, lat
        float64 (stakes,), places in the order of growing stakes, WGS-84 degrees.
    guide
        The line through these places, drawn where the map has a gap.
    knots_m
        float64 (stakes,), metres along ``guide`` of the places.

    Returns
    -------
    Trace, or None where fewer than two stakes lie near the carriageway.
    """
    if len(arcs) == 0:
        return None
    usable = np.zeros(len(arcs.network.segments), dtype=bool)
    usable[arcs.row] = True
    index = build_snap_index(arcs.network, usable=usable)
    snapped = snap_points(arcs.network, lon, lat, max_m=REACH_M, index=index)
    rows = np.flatnonzero(snapped.segment >= 0)
    if len(rows) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    arc_of = {int(row): k for k, row in enumerate(arcs.row)}
    places = [(arc_of[int(snapped.segment[k])], float(snapped.offset_m[k])) for k in rows]
    walker = _Walker(arcs)
    pen = _Pen()
    _extend(pen, walker, places[0], forward=False)
    marks, kept, gaps = [len(pen.lon) - 1 if pen.lon else 0], [0], []
    for k in range(1, len(places)):
        here = places[kept[-1]]
        chord = float(measure_steps(snapped.lon[rows[[kept[-1], k]]], snapped.lat[rows[[kept[-1], k]]])[0])
        if chord < 1.0:
            continue
        steps = walker.walk(here, places[k], limit_m=1.6 * chord + 500.0)
        if steps is None:
            gaps.append((len(kept) - 1, len(kept)))
            _bridge(pen, guide, knots_m[rows[[kept[-1], k]]], snapped.lon[rows[k]], snapped.lat[rows[k]])
        else:
            for arc, start, end in steps:
                pen.draw(*_stroke(arcs, arc, start, end))
        kept.append(k)
        marks.append(len(pen.lon) - 1)
    if len(kept) < 2:  # noqa: PLR2004
        return None
    _extend(pen, walker, places[kept[-1]], forward=True)
    line = make_line(
        np.array(pen.lon),
        np.array(pen.lat),
        segment=np.array(pen.segment, dtype=np.int64),
        offset_from_m=np.array(pen.start),
        offset_to_m=np.array(pen.end),
    )
    along = np.concatenate(([0.0], np.cumsum(measure_steps(np.array(pen.lon), np.array(pen.lat)))))[marks]
    return Trace(line, rows[kept].astype(np.int64), along, tuple(gaps), float(np.median(snapped.distance_m[rows])))


class _Walker:
    """Shortest ways over the arcs of one carriageway."""

    def __init__(self, arcs: Arcs) -> None:
        self.arcs = arcs
        nodes = np.unique(np.concatenate((arcs.tail, arcs.head)))
        self.tail = np.searchsorted(nodes, arcs.tail)
        self.head = np.searchsorted(nodes, arcs.head)
        length = arcs.network.segments.length_m[arcs.row]
        order = np.lexsort((length, self.head, self.tail))
        pairs = self.tail[order] * len(nodes) + self.head[order]
        first = order[np.concatenate(([True], np.diff(pairs) != 0))]
        shape = (len(nodes), len(nodes))
        self.graph = csr_array((np.maximum(length[first], 1e-3), (self.tail[first], self.head[first])), shape=shape)
        self.arc_between = {(int(self.tail[k]), int(self.head[k])): int(k) for k in first}
        self.length = length

    def progress(self, arc: int, offset_m: float) -> float:
        """Return metres from the tail of an arc."""
        return offset_m if self.arcs.ahead[arc] else float(self.length[arc]) - offset_m

    def walk(
        self, here: tuple[int, float], there: tuple[int, float], *, limit_m: float
    ) -> list[tuple[int, float, float]] | None:
        """Return ``(arc, from, to)`` in metres from the tails, None where there is no way within the limit."""
        a, b = self.progress(*here), self.progress(*there)
        if here[0] == there[0] and b >= a:
            return [(here[0], a, b)]
        start, goal = int(self.head[here[0]]), int(self.tail[there[0]])
        rest = float(self.length[here[0]]) - a
        found, before = dijkstra(self.graph, indices=np.array([start]), limit=limit_m, return_predecessors=True)
        if not rest + float(found[0, goal]) + b <= limit_m:
            return None
        previous = before[0]
        nodes = [goal]
        while nodes[-1] != start:
            nodes.append(int(previous[nodes[-1]]))
        nodes.reverse()
        middle = [self.arc_between[pair] for pair in pairwise(nodes)]
        return [
            (here[0], a, float(self.length[here[0]])),
            *((arc, 0.0, float(self.length[arc])) for arc in middle),
            (there[0], 0.0, b),
        ]

    def follow(self, arc: int, *, forward: bool) -> Iterator[int]:
        """Yield the arcs after (or before) one, straight on, as long as there is exactly one or the same way."""
        seen = {arc}
        way = self.arcs.network.segments.way[self.arcs.row]
        while True:
            node = self.head[arc] if forward else self.tail[arc]
            options = np.flatnonzero((self.tail if forward else self.head) == node)
            options = np.array([k for k in options if int(k) not in seen], dtype=np.int64)
            same = options[way[options] == way[arc]]
            if len(same) == 1:
                options = same
            if len(options) != 1:
                return
            arc = int(options[0])
            seen.add(arc)
            yield arc


def _stroke(arcs: Arcs, arc: int, start_m: float, end_m: float) -> tuple[Floats, int, Floats]:
    """Return points, segment and offsets of part of an arc; ``start_m`` and ``end_m`` count from its tail."""
    row = int(arcs.row[arc])
    xy = arcs.network.points(row)
    along = np.concatenate(([0.0], np.cumsum(measure_steps(xy[:, 0], xy[:, 1]))))
    length = float(arcs.network.segments.length_m[row])
    along *= length / along[-1] if along[-1] > 0 else 1.0
    low, high = (start_m, end_m) if arcs.ahead[arc] else (length - end_m, length - start_m)
    inner = along[(along > low) & (along < high)]
    offset = np.concatenate(([low], inner, [high]))
    points = np.column_stack((np.interp(offset, along, xy[:, 0]), np.interp(offset, along, xy[:, 1])))
    return (points, row, offset) if arcs.ahead[arc] else (points[::-1], row, offset[::-1])


def _extend(pen: _Pen, walker: _Walker, place: tuple[int, float], *, forward: bool) -> None:
    """Draw the carriageway beyond its last stake, or up to its first one."""
    arc, length = place[0], walker.length
    at = walker.progress(*place)
    strokes: list[tuple[int, float, float]] = []
    left = EXTEND_M
    part = min(left, float(length[arc]) - at if forward else at)
    strokes.append((arc, at, at + part) if forward else (arc, at - part, at))
    left -= part
    for following in walker.follow(arc, forward=forward):
        if left <= 0:
            break
        whole = float(length[following])
        part = min(left, whole)
        strokes.append((following, 0.0, part) if forward else (following, whole - part, whole))
        left -= part
    for stroke in strokes if forward else reversed(strokes):
        pen.draw(*_stroke(walker.arcs, *stroke))


def _bridge(pen: _Pen, guide: RouteLine, span_m: Floats, lon: float, lat: float) -> None:
    """Draw along the guide where the map has no way through."""
    inner = guide.along_m[(guide.along_m > span_m[0]) & (guide.along_m < span_m[1])]
    places = guide.places_at(inner) if len(inner) else None
    xy: Sequence[Floats] = [np.array([[pen.lon[-1], pen.lat[-1]]])]
    if places is not None:
        xy = [*xy, np.column_stack((places.lon, places.lat))]
    points = np.vstack((*xy, [[lon, lat]]))
    pen.draw(points, -1, np.zeros(len(points)))
