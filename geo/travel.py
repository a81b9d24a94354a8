"""Directed travel times: a graph that knows which turns are forbidden, and the times it gives.

Arcs are the allowed directions of segments (``2 * segment`` along the way, ``2 * segment + 1`` against it).
A vertex is a node; only a node with a forbidden turn becomes several vertices, one for each arc that arrives
there, so that the way on may depend on the way in. A route may start in every direction its segment allows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.junctions import Junctions, number_junctions
from geo.network import Network
from geo.restrictions import forbidden_turns
from geo.speeds import read_speeds
from geo.turns import allowed_arcs, arc_ends, find_forbidden_turns, find_station_turns, join_arcs

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STATION_TURN = -1
"""Value of ``TravelGraph.arc`` for an entry that is a turn inside a toll station."""

_LONGEST_MS = 2.0**31
_GRID = 64.0
"""Times lie on a grid of 1/64 ms: sums of such numbers are exact, so equal ways take equal times."""


@dataclass(frozen=True)
class TravelGraph:
    """Vertices and arcs with times; row ``i`` of the CSR holds what leaves vertex ``i``.

    Attributes
    ----------
    network
        The network the arcs belong to.
    arc_ms
        float64 (2 * segments,), milliseconds to drive each arc, -1 where it may not be driven.
    tail, head
        int64 (2 * segments,), node rows of each arc.
    head_vertex
        int64 (2 * segments,), the vertex in which each arc ends.
    vertex_node
        int64 (vertices,), node row of each vertex.
    indptr, indices
        int32, CSR structure over vertices.
    weight_ms
        float64 (entries,), milliseconds.
    arc
        int32 (entries,), the arc driven, or ``STATION_TURN``.
    """

    network: Network
    arc_ms: Floats
    tail: Ints
    head: Ints
    head_vertex: Ints
    vertex_node: Ints
    indptr: npt.NDArray[np.int32]
    indices: npt.NDArray[np.int32]
    weight_ms: Floats
    arc: npt.NDArray[np.int32]

    @property
    def vertices(self) -> int:
        """Number of vertices."""
        return len(self.vertex_node)

    @cached_property
    def junctions(self) -> Junctions:
        """The vertices where segments end, for searches."""
        used = np.zeros(self.vertices, dtype=bool)
        used[self.tail] = True
        used[len(self.network.nodes) :] = True
        return number_junctions(used, (self.indptr, self.indices, self.weight_ms))

    @cached_property
    def tail_junction(self) -> Ints:
        """The junction each arc leaves, int64 (2 * segments,)."""
        return self.junctions.number[self.tail]

    @cached_property
    def shut_arcs(self) -> Ints:
        """Arcs that may not be driven, int64, ascending."""
        return np.flatnonzero(self.arc_ms < 0)

    @cached_property
    def weights(self) -> Floats:
        """Weights as the search wants them, float64 (entries,), milliseconds."""
        return self.weight_ms

    @cached_property
    def entry_vertex(self) -> Ints:
        """Vertex each entry leaves, int64 (entries,)."""
        return np.repeat(np.arange(self.vertices, dtype=np.int64), np.diff(self.indptr))

    @cached_property
    def arcs_out(self) -> tuple[Ints, Ints]:
        """Drivable arcs by tail node: ``ptr`` int64 (nodes + 1,) and ``arcs``."""
        return self._group_arcs(self.tail)

    @cached_property
    def arcs_in(self) -> tuple[Ints, Ints]:
        """Drivable arcs by head node: ``ptr`` int64 (nodes + 1,) and ``arcs``."""
        return self._group_arcs(self.head)

    @cached_property
    def vertices_before(self) -> tuple[Ints, Ints]:
        """Vertices from which each arc can be driven: ``ptr`` int64 (2 * segments + 1,) and ``vertices``."""
        real = np.flatnonzero(self.arc >= 0)
        order = real[np.argsort(self.arc[real], kind="stable")]
        count = np.bincount(self.arc[order], minlength=len(self.arc_ms))
        return np.concatenate(([0], np.cumsum(count))), self.entry_vertex[order]

    @cached_property
    def arcs_after_copies(self) -> Ints:
        """Drivable arcs that leave a node of several vertices and can be reached, int64, ascending."""
        copied = np.zeros(len(self.network.nodes), dtype=bool)
        copied[self.vertex_node[len(self.network.nodes) :]] = True
        reached = np.diff(self.vertices_before[0]) > 0
        return np.flatnonzero(copied[self.tail] & reached & (self.arc_ms >= 0))

    def _group_arcs(self, node: Ints) -> tuple[Ints, Ints]:
        drivable = np.flatnonzero(self.arc_ms >= 0)
        order = drivable[np.argsort(node[drivable], kind="stable")]
        count = np.bincount(node[order], minlength=len(self.network.nodes))
        return np.concatenate(([0], np.cumsum(count))), order


def build_travel_graph(
    network: Network,
    *,
    speeds: Floats | None = None,
    closed: Collection[int] = (),
    closed_arcs: Collection[int] = (),
    slow_down: Mapping[int, float] | None = None,
    slow_arcs: Mapping[int, float] | None = None,
    turn_rules: bool = True,
) -> TravelGraph:
    """Build the travel graph.

    Parameters
    ----------
    network
        The network; its stations decide where a patrol may turn round.
    speeds
        float64 (segments,), km/h; read from the network by default.
    closed
        Segment rows closed in both directions.
    closed_arcs
        Arcs closed in one direction.
    slow_down
        Segment row to the factor its time is multiplied with (2.0 = twice as slow).
    slow_arcs
        The same for single directions: arc to factor.
    turn_rules
        Whether expressways forbid U-turns, stations offer them and the map's turn restrictions hold; without, every
        turn is free.

    Raises
    ------
    InputError
        Where speeds, closures or factors do not fit the network.
    """
    slower = {arc: factor for row, factor in (slow_down or {}).items() for arc in (2 * row, 2 * row + 1)}
    for arc, factor in (slow_arcs or {}).items():
        slower[arc] = max(slower.get(arc, factor), factor)
    arc_ms = _time_arcs(network, read_speeds(network).kmh if speeds is None else speeds, slower)
    shut = np.array([2 * s + k for s in sorted(closed) for k in (0, 1)] + sorted(closed_arcs), dtype=np.int64)
    if len(shut) and not (shut.min() >= 0 and shut.max() < len(arc_ms)):
        raise InputError(
            "封闭路段不在本路网上，请重新选择。"
            " / a closure names a segment this network does not have; take the rows from this network"
        )
    usable = allowed_arcs(network)
    usable[shut] = False
    tail, head = arc_ends(network)
    arcs = np.flatnonzero(usable).astype(np.int64)
    none = np.zeros(0, dtype=np.int64)
    bad_in, bad_out = _forbidden(network, usable) if turn_rules else (none, none)
    split_node = np.zeros(len(network.nodes), dtype=bool)
    split_node[head[bad_in]] = True
    head_vertex = head.copy()
    copied = arcs[split_node[head[arcs]]]
    head_vertex[copied] = len(network.nodes) + np.arange(len(copied))
    plain = arcs[~split_node[tail[arcs]]]
    a, b = join_arcs((tail, head), copied, arcs[split_node[tail[arcs]]])
    free = ~np.isin(a * len(arc_ms) + b, bad_in * len(arc_ms) + bad_out)
    a, b = a[free], b[free]
    driven = np.concatenate((plain, b))
    row, col = np.concatenate((tail[plain], head_vertex[a])), head_vertex[driven]
    weight = arc_ms[driven]
    if turn_rules:
        turns = find_station_turns(network)
        row, col = np.concatenate((row, turns.from_node)), np.concatenate((col, turns.to_node))
        weight = np.concatenate((weight, turns.time_ms))
        driven = np.concatenate((driven, np.full(len(turns.time_ms), STATION_TURN, dtype=np.int64)))
    vertex_node = np.concatenate((np.arange(len(network.nodes), dtype=np.int64), head[copied]))
    order = np.lexsort((col, driven, row))
    indptr = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(vertex_node)))))
    return TravelGraph(
        network,
        np.where(usable, arc_ms, -1.0),
        tail,
        head,
        head_vertex,
        vertex_node,
        indptr.astype(np.int32),
        col[order].astype(np.int32),
        weight[order],
        driven[order].astype(np.int32),
    )


def _forbidden(network: Network, usable: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the pairs of arcs that turn rules and the map's turn restrictions forbid."""
    bad_in, bad_out = find_forbidden_turns(network, usable)
    if network.restrictions is None:
        return bad_in, bad_out
    more = forbidden_turns(network, network.restrictions)
    there = usable[more.arrive] & usable[more.leave]
    return np.concatenate((bad_in, more.arrive[there])), np.concatenate((bad_out, more.leave[there]))


def _time_arcs(network: Network, speeds: Floats, slow_arcs: Mapping[int, float]) -> Floats:
    if len(speeds) != len(network.segments) or not (np.isfinite(speeds).all() and (speeds > 0).all()):
        raise InputError("give one positive speed in km/h for each segment of this network")
    factor = np.ones(2 * len(speeds))
    for arc, value in sorted(slow_arcs.items()):
        if not (0 <= arc < len(factor) and np.isfinite(value) and value > 0):
            raise InputError(
                f"第 {arc // 2} 行路段的减速系数应为正数。"
                f" / slow-down {value} on segment row {arc // 2}: give a row of this network and a positive factor"
            )
        factor[arc] = value
    length = network.segments.length_mm
    time = np.rint(np.repeat(length * 3.6 / speeds, 2) * factor * _GRID) / _GRID
    if len(time) and time.max() > _LONGEST_MS:
        worst = network.segment_ids[int(time.argmax()) // 2]
        raise InputError(
            f"路段 {worst} 需开 24 天以上，请检查长度和速度。"
            f" / segment {worst} would take more than 24 days to drive; check its length and speed"
        )
    return np.where(np.repeat(length > 0, 2), np.maximum(time, 1 / _GRID), 0.0)
