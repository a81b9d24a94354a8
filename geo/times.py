"""Travel times between places and to every arc, on a travel graph; partial segments count by length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.nearest import Seeds, extend, search_nearest
from geo.snapping import Snapped
from geo.travel import TravelGraph

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
    return times_of_groups(graph, [sources], limit_s=limit_s)[0]


def times_of_groups(graph: TravelGraph, groups: Sequence[Snapped], *, limit_s: float = np.inf) -> list[ArcTimes]:
    """Return for each group of sources what ``times_to_arcs`` does; together they are searched quicker.

    Parameters
    ----------
    graph
        The travel graph.
    groups
        Places on its network.
    limit_s
        Times above are not looked for (inf in the result), seconds.
    """
    starts = [find_starts(graph, sources) for sources in groups]
    some = [k for k, own in enumerate(starts) if len(own.arc)]
    seeds = [find_seeds(graph, starts[k]) for k in some]
    found = dict(zip(some, search_nearest(graph.junctions, seeds, limit_s * 1000.0) if some else (), strict=True))
    size = len(graph.arc_ms)
    return [
        ArcTimes(*_time_tails(graph, found[k]), own)
        if k in found
        else ArcTimes(np.full(size, np.inf), np.full(size, -1, dtype=np.int64), own)
        for k, own in enumerate(starts)
    ]


def _time_tails(graph: TravelGraph, near: tuple[Floats, Ints]) -> tuple[Floats, Ints]:
    """Return time to the tail of every arc, and the source, from those of the junctions."""
    distance, owner = near
    tail = graph.tail_junction
    tail_ms, source = distance.take(tail, mode="clip"), owner.take(tail, mode="clip")
    tail_ms[graph.shut_arcs], source[graph.shut_arcs] = np.inf, -1
    arcs = graph.arcs_after_copies
    if len(arcs):
        ptr, before = graph.vertices_before
        count = ptr[arcs + 1] - ptr[arcs]
        first = np.cumsum(count) - count
        way_in = graph.junctions.number[before[np.repeat(ptr[arcs] - first, count) + np.arange(count.sum())]]
        time = distance[way_in]
        tail_ms[arcs] = np.minimum.reduceat(time, first)
        best = (time == np.repeat(tail_ms[arcs], count)) & (owner[way_in] >= 0)
        none = int(owner.max()) + 1
        lowest = np.minimum.reduceat(np.where(best, owner[way_in], none), first)
        source[arcs] = np.where(lowest == none, -1, lowest)
    return tail_ms, source


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
        junctions = graph.junctions
        extended = extend(junctions, find_seeds(graph, starts), len(places_a))
        end = junctions.number[end_vertex]
        first = np.flatnonzero(np.diff(end_place, prepend=-1))
        chunk = max(1, _DENSE_CELLS // extended.shape[0])
        for low in range(0, len(places_a), chunk):
            rows = np.arange(low, min(low + chunk, len(places_a)))
            distance = dijkstra(extended, indices=len(junctions) + rows)
            best = np.minimum.reduceat(distance[:, end] + end_ms, first, axis=1)
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


def find_seeds(graph: TravelGraph, starts: Starts) -> Seeds:
    """Return where a search over junctions begins."""
    return graph.junctions.number[graph.head_vertex[starts.arc]], starts.rest_ms, starts.source


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
