"""Dijkstra's search on arrays, compiled with numba where it is installed (the extra ``fast``).

Its cost is that of what it reaches, whatever the size of the network. Without numba scipy does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

Arrays = tuple[Any, ...]
"""Arrays for compiled code, which takes no objects."""
Search = Callable[[Arrays, Arrays, float, Arrays], int]

_WORTH_VERTICES = 20_000_000
"""Vertices searched, all searches together, from which the second that compiling costs is won back."""


class Scratch:
    """Arrays of one entry a vertex that a search leaves as it found them, but for what it touched."""

    def __init__(self, size: int) -> None:
        self.time = np.full(size, np.inf)
        self.origin = np.full(size, -1, np.int32)
        self.place = np.full(size, -1, np.int32)
        self.heap_time = np.empty(size + 1)
        self.heap_vertex = np.empty(size + 1, np.int32)
        self.touched = np.empty(size + 1, np.int32)

    def arrays(self) -> Arrays:
        """Return them in the order of the search."""
        return self.time, self.origin, self.place, self.heap_time, self.heap_vertex, self.touched


def search(graph: Arrays, seeds: Arrays, limit_ms: float, scratch: Arrays) -> int:
    """Dijkstra's search (1959) with a four-ary heap and a limit; returns how many vertices were touched.

    Parameters
    ----------
    graph
        CSR arrays: ``indptr``, ``indices``, ``weights``.
    seeds
        Vertices from which it begins, the time at each, and the number that everything reached from there is given.
    limit_ms
        Longest time; what takes exactly that long is reached.
    scratch
        Those of ``Scratch``. ``place`` is where a vertex stands in the heap, -1 before it was touched, -2 once settled.
    """
    (indptr, indices, weights), (seed, seed_ms, seed_origin) = graph, seeds
    time, origin, place, heap_time, heap_vertex, touched = scratch
    count = 0
    size = 0
    settled = -1
    while True:
        # The seeds stand in for the neighbours of a vertex that is not there.
        many = len(seed) if settled < 0 else indptr[settled + 1] - indptr[settled]
        for k in range(many):
            if settled < 0:
                vertex, reached, who = seed[k], seed_ms[k], seed_origin[k]
            else:
                entry = indptr[settled] + k
                vertex, reached, who = indices[entry], time[settled] + weights[entry], origin[settled]
            if reached > limit_ms or reached >= time[vertex]:
                continue
            if place[vertex] == -1:
                at = size
                size += 1
                touched[count] = vertex
                count += 1
            else:
                at = place[vertex]
            time[vertex], origin[vertex] = reached, who
            while at > 0:
                above = (at - 1) >> 2
                if heap_time[above] <= reached:
                    break
                heap_time[at], heap_vertex[at] = heap_time[above], heap_vertex[above]
                place[heap_vertex[at]] = at
                at = above
            heap_time[at], heap_vertex[at], place[vertex] = reached, vertex, at
        if size == 0:
            return count
        settled = heap_vertex[0]
        place[settled] = -2
        size -= 1
        if size > 0:
            moved_time, moved = heap_time[size], heap_vertex[size]
            at = 0
            while True:
                low = 4 * at + 1
                if low >= size:
                    break
                for other in range(low + 1, min(low + 4, size)):
                    if heap_time[other] < heap_time[low]:
                        low = other
                if heap_time[low] >= moved_time:
                    break
                heap_time[at], heap_vertex[at] = heap_time[low], heap_vertex[low]
                place[heap_vertex[at]] = at
                at = low
            heap_time[at], heap_vertex[at], place[moved] = moved_time, moved, at


def compiled_search(vertices: int) -> Search | None:
    """Return the compiled search where so many vertices are worth it or it is there already, else ``None``."""
    if vertices >= _WORTH_VERTICES or _compile.cache_info().currsize:
        return _compile()
    return None


@cache
def _compile() -> Search | None:
    """Return the compiled search, ``None`` where numba is not installed."""
    try:
        import numba
    except (ImportError, AttributeError):  # an older helper package that numba stumbles over
        return None
    try:
        compiled: Search = numba.njit(nogil=True, cache=True)(search)
    except RuntimeError:  # nowhere to keep the compiled code
        compiled = numba.njit(nogil=True)(search)
    return compiled
