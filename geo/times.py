"""Travel times between places and to every arc, on a travel graph; partial segments count by length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.heapsearch import Scratch, compiled_search
from geo.snapping import Snapped
from geo.travel import TravelGraph

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DENSE_CELLS = 8_000_000
"""Largest table of distances held at once (64 MB)."""


@dataclass(frozen=True)
class Starts:
    """Where sources enter the arcs, shape (starts,) each, sorted by source, then arc.

    Attributes
    ----------
    source
        int64, number of the source.
    arc
        int64, an arc it may drive at once.
    offset_mm
        float64, how far along the arc it stands, millimetres.
    offset_ms, rest_ms
        float64, time from the arc's tail to the place and from the place to its head, milliseconds.
    """

    source: Ints
    arc: Ints
    offset_mm: Floats
    offset_ms: Floats
    rest_ms: Floats


@dataclass(frozen=True)
class ArcTimes:
    """Time from the nearest source to the tail of every arc.

    Attributes
    ----------
    tail_ms
        float64 (2 * segments,), milliseconds, inf where the arc cannot be reached from its tail.
    source
        int64 (2 * segments,), the nearest source (the lowest number among equals), -1 where there is none.
    starts
        Where the sources stand; an arc with a source on it is driven from there too.
    """

    tail_ms: Floats
    source: Ints
    starts: Starts

    @property
    def tail_s(self) -> Floats:
        """The times in seconds."""
        return self.tail_ms / 1000.0


def find_starts(graph: TravelGraph, places: Snapped) -> Starts:
    """Return where each place enters the arcs; a place on a node may leave by every arc there."""
    source, arc, offset_mm = _expand(graph, places, graph.arcs_out, at_head=False)
    length = graph.network.segments.length_mm[arc >> 1].astype(np.float64)
    part = offset_mm / np.where(length > 0, length, 1.0)
    time = graph.arc_ms[arc]
    return Starts(source, arc, offset_mm, time * part, time * (1.0 - part))


def times_to_arcs(graph: TravelGraph, sources: Snapped, *, limit_s: float = np.inf) -> ArcTimes:
    """Return the time from the nearest source to the tail of every arc.

    Parameters
    ----------
    graph
        The travel graph.
    sources
        Places on its network.
    limit_s
        Times above are not looked for (inf in the result), seconds.
    """
    starts = find_starts(graph, sources)
    size = len(graph.arc_ms)
    tail_ms, source = np.full(size, np.inf), np.full(size, -1, dtype=np.int64)
    if len(starts.arc) == 0:
        return ArcTimes(tail_ms, source, starts)
    distance, owner = _search_nearest(graph, starts, len(sources), limit_s * 1000.0)
    drivable = graph.arc_ms >= 0
    node = graph.tail[drivable]
    tail_ms[drivable], source[drivable] = distance[node], owner[node]
    arcs = graph.arcs_after_copies
    if len(arcs):
        ptr, before = graph.vertices_before
        count = ptr[arcs + 1] - ptr[arcs]
        first = np.cumsum(count) - count
        vertex = before[np.repeat(ptr[arcs] - first, count) + np.arange(count.sum())]
        time = distance[vertex]
        tail_ms[arcs] = np.minimum.reduceat(time, first)
        best = time == np.repeat(tail_ms[arcs], count)
        source[arcs] = np.minimum.reduceat(np.where(best, owner[vertex], len(sources)), first)
    source[~np.isfinite(tail_ms)] = -1
    return ArcTimes(tail_ms, source, starts)


def matrix(graph: TravelGraph, places_a: Snapped, places_b: Snapped) -> Floats:
    """Return the travel times from every place of one list to every place of another.

    Parameters
    ----------
    graph
        The travel graph.
    places_a, places_b
        Places on its network.

    Returns
    -------
    float64 (len(places_a), len(places_b)), seconds, inf where there is no way. Partial segments at both ends
    count by length, also where both places lie on one segment.
    """
    from scipy.sparse.csgraph import dijkstra

    starts = find_starts(graph, places_a)
    end_place, end_vertex, end_ms = find_ends(graph, places_b)
    result = np.full((len(places_a), len(places_b)), np.inf)
    if len(starts.arc) and len(end_place):
        extended = add_sources(graph, starts, len(places_a))
        first = np.flatnonzero(np.diff(end_place, prepend=-1))
        chunk = max(1, _DENSE_CELLS // extended.shape[0])
        for low in range(0, len(places_a), chunk):
            rows = np.arange(low, min(low + chunk, len(places_a)))
            distance = dijkstra(extended, indices=graph.vertices + rows)
            best = np.minimum.reduceat(distance[:, end_vertex] + end_ms, first, axis=1)
            result[np.ix_(rows, end_place[first])] = best
    _add_direct(graph, starts, places_b, result)
    same_node = (places_a.node[:, None] == places_b.node[None, :]) & (places_a.node[:, None] >= 0)
    same_spot = (places_a.segment[:, None] == places_b.segment[None, :]) & (places_a.segment[:, None] >= 0)
    same_spot &= places_a.offset_m[:, None] == places_b.offset_m[None, :]
    result[same_node | same_spot] = 0.0
    return result / 1000.0


def find_ends(graph: TravelGraph, places: Snapped) -> tuple[Ints, Ints, Floats]:
    """Return how each place is reached: place number, vertex, milliseconds from there; sorted by place."""
    place, arc, offset_mm = _expand(graph, places, graph.arcs_in, at_head=True)
    at_node = places.node[place] >= 0
    ptr, before = graph.vertices_before
    inner = np.flatnonzero(~at_node)
    count = np.diff(ptr)[arc[inner]]
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    length = np.maximum(graph.network.segments.length_mm[arc[inner] >> 1], 1)
    time = graph.arc_ms[arc[inner]] * (offset_mm[inner] / length)
    who = np.concatenate((place[at_node], np.repeat(place[inner], count)))
    vertex = np.concatenate((graph.head_vertex[arc[at_node]], before[np.repeat(ptr[arc[inner]], count) + offset]))
    ms = np.concatenate((np.zeros(int(at_node.sum())), np.repeat(time, count)))
    order = np.argsort(who, kind="stable")
    return who[order], vertex[order], ms[order]


def add_sources(graph: TravelGraph, starts: Starts, count: int) -> csr_array:
    """Return the graph with one more vertex a source, float64 CSR of shape (vertices + count,) * 2."""
    from scipy.sparse import csr_array

    own = np.cumsum(np.bincount(starts.source, minlength=count))
    size = graph.vertices + count
    data = np.concatenate((graph.weights, starts.rest_ms))
    indices = np.concatenate((graph.indices, graph.head_vertex[starts.arc].astype(np.int32)))
    indptr = np.concatenate((graph.indptr, (graph.indptr[-1] + own).astype(np.int32)))
    return csr_array((data, indices, indptr), shape=(size, size))


def _expand(
    graph: TravelGraph, places: Snapped, at_node: tuple[Ints, Ints], *, at_head: bool
) -> tuple[Ints, Ints, Floats]:
    """List (place, arc, offset along the arc in mm): both directions of a segment, or all arcs of a node."""
    place, arc, offset = [], [], []
    ptr, arcs = at_node
    length = graph.network.segments.length_mm
    for number, (segment, node) in enumerate(zip(places.segment.tolist(), places.node.tolist(), strict=True)):
        if segment < 0:
            continue
        if node >= 0:
            here = arcs[ptr[node] : ptr[node + 1]].tolist()
            along = [float(length[a >> 1]) if at_head else 0.0 for a in here]
        else:
            here = [a for a in (2 * segment, 2 * segment + 1) if graph.arc_ms[a] >= 0]
            at = min(max(float(places.offset_m[number]) * 1000.0, 0.0), float(length[segment]))
            along = [float(length[segment]) - at if a & 1 else at for a in here]
        place += [number] * len(here)
        arc += here
        offset += along
    return np.array(place, dtype=np.int64), np.array(arc, dtype=np.int64), np.array(offset, dtype=np.float64)


def _search_nearest(graph: TravelGraph, starts: Starts, count: int, limit_ms: float) -> tuple[Floats, Ints]:
    """Return distance (ms) and nearest source of every vertex; among equally near ones the lowest number."""
    extended = add_sources(graph, starts, count)
    distance, owner = _search_compiled(graph, starts, count, limit_ms) or _search_scipy(
        graph, extended, count, limit_ms
    )
    row = np.concatenate((graph.entry_vertex, graph.vertices + starts.source))
    col = extended.indices
    lower = np.flatnonzero(owner[row] < owner[col])
    if (distance[row[lower]] + extended.data[lower] == distance[col[lower]]).any():
        owner = _settle_ties(owner, extended, row, distance)
    return distance[: graph.vertices], owner[: graph.vertices]


def _search_compiled(graph: TravelGraph, starts: Starts, count: int, limit_ms: float) -> tuple[Floats, Ints] | None:
    """Return distance and a nearest source of every vertex, the sources themselves last; ``None`` without numba."""
    search = compiled_search(graph.vertices)
    if search is None:
        return None
    scratch = Scratch(graph.vertices)
    seeds = graph.head_vertex[starts.arc].astype(np.int32), starts.rest_ms, starts.source.astype(np.int32)
    search((graph.indptr, graph.indices, graph.weights), seeds, limit_ms, scratch.arrays())
    owner = np.where(scratch.origin >= 0, scratch.origin, count)
    return np.concatenate((scratch.time, np.zeros(count))), np.concatenate((owner, np.arange(count)))


def _search_scipy(graph: TravelGraph, extended: csr_array, count: int, limit_ms: float) -> tuple[Floats, Ints]:
    """Return the same as ``_search_compiled``."""
    from scipy.sparse.csgraph import dijkstra

    origins = np.arange(graph.vertices, extended.shape[0])
    distance, _, origin = dijkstra(extended, indices=origins, min_only=True, limit=limit_ms, return_predecessors=True)
    return distance, np.where(np.isfinite(distance), origin.astype(np.int64) - graph.vertices, count)


def _settle_ties(owner: Ints, extended: csr_array, row: Ints, distance: Floats) -> Ints:
    """Hand the lowest source on along every shortest path, until nothing changes."""
    col = extended.indices
    tight = np.flatnonzero(np.isfinite(distance[row]))
    tight = tight[distance[row[tight]] + extended.data[tight] == distance[col[tight]]]
    settled = owner.copy()
    while True:
        before = settled.copy()
        np.minimum.at(settled, col[tight], before[row[tight]])
        if (settled == before).all():
            return settled


def _add_direct(graph: TravelGraph, starts: Starts, places: Snapped, result: Floats) -> None:
    """Enter the times between places on one arc, where no vertex lies between, milliseconds."""
    by_arc: dict[int, list[int]] = {}
    for number, arc in enumerate(starts.arc.tolist()):
        by_arc.setdefault(arc, []).append(number)
    place, arcs, offset_mm = _expand(graph, places, graph.arcs_in, at_head=True)
    for number, arc, at in zip(place.tolist(), arcs.tolist(), offset_mm.tolist(), strict=True):
        for k in by_arc.get(arc, ()):
            ahead = at - starts.offset_mm[k]
            if ahead >= 0:
                length = max(int(graph.network.segments.length_mm[arc >> 1]), 1)
                time = float(graph.arc_ms[arc]) * ahead / length
                result[starts.source[k], number] = min(result[starts.source[k], number], time)
