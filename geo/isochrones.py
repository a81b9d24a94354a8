"""What can be reached from many places within a time: a sparse answer, only what each place reaches.

A table of places times vertices would be gigabytes on a province. With ``numba`` installed (the extra ``fast``) the
search is compiled and its cost is that of what is reached, whatever the size of the network; without it scipy searches
in slices. Both give the same answer to the last bit, since times lie on an exact grid (``geo.travel``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from geo.heapsearch import Scratch, compiled_search, search
from geo.nearest import extend
from geo.snapping import Snapped
from geo.times import find_seeds, find_starts
from geo.travel import Floats, Ints, TravelGraph

Engine = Literal["auto", "plain", "scipy"]

_DENSE_CELLS = 8_000_000


@dataclass(frozen=True)
class Reach:
    """What places reach; those of place ``i`` are the entries ``ptr[i]:ptr[i + 1]``, by vertex.

    Attributes
    ----------
    ptr
        int64 (places + 1,).
    vertex
        int64 (entries,), vertices of the travel graph; ``graph.vertex_node`` gives their nodes.
    time_ms
        float64 (entries,), milliseconds from the place.
    """

    ptr: Ints
    vertex: Ints
    time_ms: Floats

    def of(self, place: int) -> tuple[Ints, Floats]:
        """Return vertices and times (milliseconds) of one place."""
        part = slice(int(self.ptr[place]), int(self.ptr[place + 1]))
        return self.vertex[part], self.time_ms[part]


def find_reach(graph: TravelGraph, places: Snapped, *, limit_s: float, engine: Engine = "auto") -> Reach:
    """Return what each place reaches within a time.

    Parameters
    ----------
    graph
        The travel graph.
    places
        Places on its network; one off the network reaches nothing.
    limit_s
        Longest time, seconds; what takes exactly that long is reached.
    engine
        ``auto`` takes the compiled search where numba is installed and the work is worth it; ``plain`` is the same
        search uncompiled, for tests.

    Returns
    -------
    Reach
        The same for every engine.
    """
    limit_ms = limit_s * 1000.0
    run = {"plain": search, "scipy": None}.get(engine, compiled_search(len(places) * graph.vertices))
    if run is None:
        return _search_dense(graph, places, limit_ms)
    seeds = _find_seeds(graph, places)
    parts_v, parts_t = [], []
    scratch = Scratch(graph.vertices)
    arrays = graph.indptr, graph.indices, graph.weights
    ptr = np.zeros(len(places) + 1, np.int64)
    for number in range(len(places)):
        first, last = seeds.ptr[number], seeds.ptr[number + 1]
        own = seeds.vertex[first:last], seeds.time_ms[first:last], np.zeros(last - first, np.int32)
        count = run(arrays, own, limit_ms, scratch.arrays())
        vertex = np.sort(scratch.touched[:count])
        parts_v.append(vertex)
        parts_t.append(scratch.time[vertex])
        scratch.time[vertex] = np.inf
        scratch.place[vertex] = -1
        ptr[number + 1] = ptr[number] + count
    none_v, none_t = np.zeros(0, np.int32), np.zeros(0)
    return Reach(ptr, np.concatenate([none_v, *parts_v]).astype(np.int64), np.concatenate([none_t, *parts_t]))


@dataclass(frozen=True)
class _Seeds:
    """Where the search of each place begins: the entries ``ptr[i]:ptr[i + 1]``."""

    ptr: Ints
    vertex: npt.NDArray[np.int32]
    time_ms: Floats


def _find_seeds(graph: TravelGraph, places: Snapped) -> _Seeds:
    """Return the heads of the arcs a place may take, and its own node at no time."""
    starts = find_starts(graph, places)
    on_node = np.flatnonzero(places.node >= 0)
    who = np.concatenate((starts.source, on_node))
    vertex = np.concatenate((graph.head_vertex[starts.arc], places.node[on_node]))
    time_ms = np.concatenate((starts.rest_ms, np.zeros(len(on_node))))
    order = np.argsort(who, kind="stable")
    ptr = np.concatenate(([0], np.cumsum(np.bincount(who, minlength=len(places))))).astype(np.int64)
    return _Seeds(ptr, vertex[order].astype(np.int32), time_ms[order])


def _search_dense(graph: TravelGraph, places: Snapped, limit_ms: float) -> Reach:
    """Search with scipy, some places at a time."""
    from scipy.sparse.csgraph import dijkstra

    junctions = graph.junctions
    extended = extend(junctions, find_seeds(graph, find_starts(graph, places)), len(places))
    step = max(1, _DENSE_CELLS // extended.shape[0])
    count, vertices, times = [np.zeros(1, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for low in range(0, len(places), step):
        rows = np.arange(low, min(low + step, len(places)))
        table = dijkstra(extended, indices=len(junctions) + rows, limit=limit_ms)[:, : len(junctions)]
        own = rows[places.node[rows] >= 0]
        table[own - low, junctions.number[places.node[own]]] = 0.0
        who, number = np.nonzero(np.isfinite(table))
        count.append(np.bincount(who, minlength=len(rows)))
        vertices.append(junctions.vertex[number])
        times.append(table[who, number])
    return Reach(np.cumsum(np.concatenate(count)), np.concatenate(vertices), np.concatenate(times))
