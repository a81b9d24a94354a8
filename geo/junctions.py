"""The vertices of a travel graph at which something begins or ends, numbered without the shape points between them.

Most nodes of a real map only give a road its shape. A search over tables of all vertices would carry them along; over
junctions it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

T = TypeVar("T", bound=np.generic)

WIDTH = 4
"""Arcs in one row of ``Slots``."""


@dataclass(frozen=True)
class Slots:
    """What leaves each junction in rows of ``WIDTH`` arcs, to be read many junctions at a time.

    A junction with more arcs goes on in the rows below, linked by an arc of no time. The last row stands for nothing:
    empty slots lead there and take for ever.

    Attributes
    ----------
    row
        int64 (junctions,), first row of each.
    to_row
        int64 (rows, WIDTH), the row each arc leads to.
    time_ms
        float64 (rows, WIDTH), milliseconds.
    """

    row: Ints
    to_row: Ints
    time_ms: Floats


@dataclass(frozen=True)
class Junctions:
    """Junctions and the arcs among them; row ``i`` of the CSR holds what leaves junction ``i``.

    Attributes
    ----------
    vertex
        int64 (junctions,), their vertices, ascending.
    number
        int64 (vertices,), junction of each vertex, -1 for a shape point.
    indptr, indices
        int32, CSR structure over junctions, entries in the order of the travel graph.
    weight_ms
        float64 (entries,), milliseconds.
    """

    vertex: Ints
    number: Ints
    indptr: npt.NDArray[np.int32]
    indices: npt.NDArray[np.int32]
    weight_ms: Floats

    def __len__(self) -> int:
        return len(self.vertex)

    @cached_property
    def leaving(self) -> Ints:
        """Return how many arcs leave each junction, int64 (junctions,)."""
        return np.diff(self.indptr).astype(np.int64)

    @cached_property
    def heads(self) -> Ints:
        """Return ``indices`` as numpy takes them without a copy, int64 (entries,)."""
        return self.indices.astype(np.int64)

    @cached_property
    def slots(self) -> Slots:
        """Return the arcs in rows of equal width."""
        many = self.leaving
        rows = np.maximum(-(-(many - 1) // (WIDTH - 1)), 1)
        rows[many <= WIDTH] = 1
        first = np.concatenate(([0], np.cumsum(rows)))
        last = int(first[-1])
        to_row = np.full((last + 1, WIDTH), last, np.int64)
        time_ms = np.full((last + 1, WIDTH), np.inf)
        place = np.arange(len(self.indices)) + np.repeat(first[:-1] * WIDTH - self.indptr[:-1], many)
        if last > len(self):
            # Each row but the last of a junction gives one slot to the link.
            at = np.arange(len(self.indices)) - np.repeat(self.indptr[:-1].astype(np.int64), many)
            place += np.minimum(at // (WIDTH - 1), np.repeat(rows, many) - 1)
            linked = np.ones(last, dtype=bool)
            linked[first[1:] - 1] = False
            above = np.flatnonzero(linked)
            to_row[above, WIDTH - 1], time_ms[above, WIDTH - 1] = above + 1, 0.0
        to_row.ravel()[place] = first[:-1][self.indices]
        time_ms.ravel()[place] = self.weight_ms
        return Slots(first[:-1], to_row, time_ms)

    def spread(self, values: npt.NDArray[T], *, empty: float) -> npt.NDArray[T]:
        """Return values of junctions by vertex, with ``empty`` at shape points."""
        if len(self) == len(self.number):
            return values
        result = np.full(len(self.number), empty, dtype=values.dtype)
        result[self.vertex] = values
        return result


def number_junctions(
    used: npt.NDArray[np.bool_], graph: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Floats]
) -> Junctions:
    """Give the used vertices of a graph numbers of their own.

    Parameters
    ----------
    used
        bool (vertices,), vertices that count in any case; those with arcs are added.
    graph
        CSR arrays over all vertices: ``indptr``, ``indices``, milliseconds.
    """
    indptr, indices, weight_ms = graph
    keep = used | (np.diff(indptr) > 0)
    keep[indices] = True
    vertex = np.flatnonzero(keep)
    if len(vertex) == len(keep):
        return Junctions(vertex, vertex, indptr, indices, weight_ms)
    number = np.full(len(keep), -1, np.int64)
    number[vertex] = np.arange(len(vertex))
    ptr = np.append(indptr[vertex], indptr[-1]).astype(np.int32)
    return Junctions(vertex, number, ptr, number[indices].astype(np.int32), weight_ms)
