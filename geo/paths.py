"""The way itself: which segments a car drives from one place to another, and when."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo.errors import InfeasibleError
from geo.nearest import extend
from geo.snapping import Snapped
from geo.times import Starts, find_ends, find_seeds, find_starts, matrix
from geo.travel import STATION_TURN, Floats, Ints, TravelGraph


@dataclass(frozen=True, slots=True)
class Leg:
    """One segment of a way, or one turn inside a toll station.

    Attributes
    ----------
    segment
        Segment row; -1 for a turn inside a station.
    direction
        1 along the way, -1 against it, 0 for a turn.
    from_m, to_m
        Metres from the segment's first point; ``from_m > to_m`` when driven against it.
    start_s
        Seconds since the start of the way.
    time_s
        Seconds this leg takes.
    node
        Node row in which the leg ends, -1 where it ends inside the segment.
    """

    segment: int
    direction: int
    from_m: float
    to_m: float
    start_s: float
    time_s: float
    node: int


def path(graph: TravelGraph, a: Snapped, b: Snapped) -> tuple[Leg, ...]:
    """Return the quickest way from one place to another.

    Parameters
    ----------
    graph
        The travel graph.
    a, b
        One place each.

    Returns
    -------
    tuple of Leg
        In driving order, empty when both places are the same.

    Raises
    ------
    InfeasibleError
        Where no way leads from ``a`` to ``b``.
    """
    from scipy.sparse.csgraph import dijkstra

    total_ms = float(matrix(graph, a, b)[0, 0]) * 1000.0
    if np.isinf(total_ms):
        raise InfeasibleError(
            "没有道路从该处通到目的地，请检查封闭路段和单行道。"
            f" / no way leads from ({a.lon[0]:.5f}, {a.lat[0]:.5f}) to ({b.lon[0]:.5f}, {b.lat[0]:.5f}); "
            "check closures and one-way roads between them"
        )
    if total_ms == 0:
        return ()
    starts = find_starts(graph, a)
    junctions = graph.junctions
    origin = len(junctions)
    extended = extend(junctions, find_seeds(graph, starts), 1)
    time_ms, before = dijkstra(extended, indices=[origin], return_predecessors=True)
    distance = junctions.spread(time_ms[0, :origin], empty=np.inf)
    _, ends, rest = find_ends(graph, b)
    reached = distance[ends] + rest
    if len(reached) == 0 or reached.min() > total_ms + 1e-6:
        return (_direct(graph, starts, b, total_ms),)
    best = int(reached.argmin())
    total_ms = float(reached[best])
    back = [int(junctions.number[ends[best]])]
    while back[-1] != origin:
        back.append(int(before[0, back[-1]]))
    chain = junctions.vertex[back[-2::-1]].tolist()
    legs = _first_leg(graph, starts, chain[0], distance)
    for x, y in pairwise(chain):
        legs.append(_inner_leg(graph, x, y, distance))
    if rest[best] > 0 or b.node[0] < 0:
        legs.append(_last_leg(graph, b, chain[-1], total_ms, float(distance[chain[-1]])))
    return tuple(leg for leg in legs if leg.time_s > 0 or leg.from_m != leg.to_m or leg.segment < 0)


def _leg(graph: TravelGraph, arc: int, along_mm: tuple[float, float], when_ms: tuple[float, float]) -> Leg:
    """Make a leg from positions along an arc (mm) and times (ms)."""
    length = float(graph.network.segments.length_mm[arc >> 1])
    low, high = (length - x for x in along_mm) if arc & 1 else along_mm
    ends_at_head = along_mm[1] == length
    return Leg(
        arc >> 1,
        -1 if arc & 1 else 1,
        low / 1000.0,
        high / 1000.0,
        when_ms[0] / 1000.0,
        (when_ms[1] - when_ms[0]) / 1000.0,
        int(graph.head[arc]) if ends_at_head else -1,
    )


def _choose(graph: TravelGraph, arcs: Ints) -> int:
    """Choose among parallel arcs of equal time the one with the smallest segment id."""
    if len(arcs) == 1:
        return int(arcs[0])
    options: list[int] = arcs.tolist()
    return min(options, key=lambda arc: (graph.network.segment_ids[arc >> 1], arc))


def _length(graph: TravelGraph, arc: int) -> float:
    return float(graph.network.segments.length_mm[arc >> 1])


def _first_leg(graph: TravelGraph, starts: Starts, vertex: int, distance: Floats) -> list[Leg]:
    fits = (graph.head_vertex[starts.arc] == vertex) & (starts.rest_ms == distance[vertex])
    arc = _choose(graph, starts.arc[fits])
    offset = float(starts.offset_mm[fits & (starts.arc == arc)][0])
    return [_leg(graph, arc, (offset, _length(graph, arc)), (0.0, float(distance[vertex])))]


def _inner_leg(graph: TravelGraph, x: int, y: int, distance: Floats) -> Leg:
    entries = np.arange(graph.indptr[x], graph.indptr[x + 1])
    fits = (graph.indices[entries] == y) & (distance[x] + graph.weights[entries] == distance[y])
    arcs = graph.arc[entries[fits]].astype(np.int64)
    real = arcs[arcs != STATION_TURN]
    when = (float(distance[x]), float(distance[y]))
    if len(real) == 0:
        return Leg(-1, 0, 0.0, 0.0, when[0] / 1000, (when[1] - when[0]) / 1000, int(graph.vertex_node[y]))
    arc = _choose(graph, real)
    return _leg(graph, arc, (0.0, _length(graph, arc)), when)


def _last_leg(graph: TravelGraph, b: Snapped, vertex: int, total_ms: float, at_ms: float) -> Leg:
    entries = np.arange(graph.indptr[vertex], graph.indptr[vertex + 1])
    arcs = graph.arc[entries]
    own = arcs[(arcs >> 1 == b.segment[0]) & (arcs >= 0)].tolist()
    at = min(max(float(b.offset_m[0]) * 1000.0, 0.0), float(graph.network.segments.length_mm[b.segment[0]]))

    def along(arc: int) -> float:
        return _length(graph, arc) - at if arc & 1 else at

    arc = min(own, key=lambda option: (along(option), option))
    return _leg(graph, arc, (0.0, along(arc)), (at_ms, total_ms))


def _direct(graph: TravelGraph, starts: Starts, b: Snapped, total_ms: float) -> Leg:
    """Return the only leg of a way that stays on one segment."""
    at = float(b.offset_m[0]) * 1000.0
    options = []
    for arc, offset in zip(starts.arc.tolist(), starts.offset_mm.tolist(), strict=True):
        end = _length(graph, arc) - at if arc & 1 else at
        if arc >> 1 == b.segment[0] and end >= offset:
            options.append((end - offset, arc, offset, end))
    _, arc, begin, end = min(options)
    return _leg(graph, arc, (begin, end), (0.0, total_ms))
