"""The nearest of several sources for every vertex, by the search that suits the network; ties go to the lowest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from geo.heapsearch import Scratch, compiled_search
from geo.junctions import Floats, Ints, Junctions
from geo.wavesearch import search_waves

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Seeds = tuple[Ints, Floats, Ints]
"""Junctions where a source begins, milliseconds from the source, number of the source."""


def search_nearest(junctions: Junctions, groups: Sequence[Seeds], limit_ms: float) -> list[tuple[Floats, Ints]]:
    """Return for each group of sources the time from its nearest source to every junction and that source.

    Parameters
    ----------
    junctions
        The junctions.
    groups
        Where the sources of each group begin, sorted by source; each has one at least.
    limit_ms
        Times above are not looked for.

    Returns
    -------
    times and sources of each group
        float64 (junctions,), milliseconds, inf where none comes; int64 (junctions,), the lowest number among the
        nearest, -1 where none comes. The same whatever search was used.
    """
    found = (
        search_waves(junctions, groups, limit_ms)
        or _search_compiled(junctions, groups, limit_ms)
        or [_search_scipy(junctions, seeds, limit_ms) for seeds in groups]
    )
    for seeds, (time_ms, source) in zip(groups, found, strict=True):
        none = int(seeds[2].max()) + 1
        source[source < 0] = none
        _lower_ties(junctions, seeds, time_ms, source)
        source[source == none] = -1
    return found


def extend(junctions: Junctions, seeds: Seeds, count: int) -> csr_array:
    """Return the graph with one more vertex a source, float64 CSR of shape (junctions + count,) * 2."""
    from scipy.sparse import csr_array

    number, time_ms, source = seeds
    own = np.cumsum(np.bincount(source, minlength=count))
    size = len(junctions) + count
    data = np.concatenate((junctions.weight_ms, time_ms))
    indices = np.concatenate((junctions.indices, number.astype(np.int32)))
    indptr = np.concatenate((junctions.indptr, (junctions.indptr[-1] + own).astype(np.int32)))
    return csr_array((data, indices, indptr), shape=(size, size))


def _search_compiled(
    junctions: Junctions, groups: Sequence[Seeds], limit_ms: float
) -> list[tuple[Floats, Ints]] | None:
    """Return times and a nearest source, ``None`` where numba is missing or not worth it."""
    search = compiled_search(len(junctions) * len(groups))
    if search is None:
        return None
    arrays, found = (junctions.indptr, junctions.indices, junctions.weight_ms), []
    for number, time_ms, source in groups:
        scratch = Scratch(len(junctions))
        search(arrays, (number.astype(np.int32), time_ms, source.astype(np.int32)), limit_ms, scratch.arrays())
        found.append((scratch.time, scratch.origin.astype(np.int64)))
    return found


def _search_scipy(junctions: Junctions, seeds: Seeds, limit_ms: float) -> tuple[Floats, Ints]:
    """Return the same as ``_search_compiled`` with scipy."""
    from scipy.sparse.csgraph import dijkstra

    size = len(junctions)
    extended = extend(junctions, seeds, int(seeds[2].max()) + 1)
    origins = np.arange(size, extended.shape[0])
    time_ms, _, origin = dijkstra(extended, indices=origins, min_only=True, limit=limit_ms, return_predecessors=True)
    reached = np.isfinite(time_ms[:size])
    return time_ms[:size], np.where(reached, origin[:size].astype(np.int64) - size, -1)


def _lower_ties(junctions: Junctions, seeds: Seeds, time_ms: Floats, source: Ints) -> None:
    """Hand the lowest source on along every shortest path, in place."""
    number, seed_ms, who = seeds
    first = np.flatnonzero(time_ms[number] == seed_ms)
    before = source[number[first]]
    np.minimum.at(source, number[first], who[first])
    changed = np.unique(number[first][source[number[first]] < before])
    leaving, col = junctions.leaving, junctions.indices
    lower = (np.repeat(source, leaving) < source.take(junctions.heads, mode="clip")).nonzero()[0]
    if len(lower):
        row = np.searchsorted(junctions.indptr, lower, side="right") - 1
        tie = time_ms[row] + junctions.weight_ms[lower] == time_ms[col[lower]]
        changed = np.union1d(changed, row[tie])
    while len(changed):
        many = leaving[changed]
        row = np.repeat(changed, many)
        entry = np.repeat(junctions.indptr[changed] - (np.cumsum(many) - many), many) + np.arange(len(row))
        head = col[entry]
        lowers = source[row] < source[head]
        row, entry, head = row[lowers], entry[lowers], head[lowers]
        tie = time_ms[row] + junctions.weight_ms[entry] == time_ms[head]
        head = head[tie]
        np.minimum.at(source, head, source[row[tie]])
        changed = np.unique(head).astype(np.int64)
