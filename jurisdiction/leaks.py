"""Leaks: places where expressway and ordinary roads hang together without a station, with the path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geo.network import Network
from jurisdiction.evidence import Evidence

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Leak:
    """A path that joins the expressway's core to the ordinary roads and crosses no station.

    Attributes
    ----------
    junction
        Node row where the owner changes.
    path
        Segment rows from the expressway's main line to the ordinary road.
    length_m
        Metres of the path.
    is_drivable
        Whether a car can drive the path in one of its two directions.
    """

    junction: int
    path: tuple[int, ...]
    length_m: float
    is_drivable: bool


def find_leaks(
    network: Network,
    evidence: Evidence,
    expressway: Mask,
    *,
    junctions: npt.NDArray[np.integer],
    blocked: Mask,
) -> tuple[Leak, ...]:
    """Find the shortest leaking path through each seam that is no station.

    Direction of travel is left out on purpose: two ramps that merge in front of a booth leak even though no car
    drives the whole path. ``is_drivable`` tells.

    Parameters
    ----------
    network, evidence
        The network and its votes.
    expressway
        bool (segments,): the labelling.
    junctions
        Node rows of the seams to look at.
    blocked
        bool (nodes,): booths, which no path crosses.

    Returns
    -------
    tuple of Leak
        In the order of ``junctions``; a seam from which one side reaches no core makes no leak.
    """
    inner = _Side(network, expressway, expressway & evidence.main_line, blocked)
    outer = _Side(network, ~expressway, ~expressway & evidence.plain_ordinary, blocked)
    leaks = []
    for junction in junctions.tolist():
        inside, outside = inner.path_from(junction), outer.path_from(junction)
        if inside is None or outside is None:
            continue
        path = (*reversed(inside), *outside)
        length = float(network.segments.length_m[list(path)].sum())
        leaks.append(Leak(junction, path, length, _is_drivable(network, path)))
    return tuple(leaks)


class _Side:
    """Shortest booth-free paths, inside one owner's roads, from any junction to the core of that owner."""

    def __init__(self, network: Network, mine: Mask, core: Mask, blocked: Mask) -> None:
        seg = network.segments
        self._core_rows = np.flatnonzero(core)
        self._network = network
        rows = np.flatnonzero(mine)
        u, v = seg.u[rows], seg.v[rows]
        weight = np.maximum(seg.length_mm[rows], 1)
        lo, hi = np.minimum(u, v), np.maximum(u, v)
        order = np.lexsort((rows, weight, hi, lo))
        first = np.append(True, (np.diff(lo[order]) != 0) | (np.diff(hi[order]) != 0))[: len(order)]
        keep = order[first]
        size = len(network.nodes)
        self._size = size
        self._pair = lo[keep].astype(np.int64) * size + hi[keep]
        self._row = rows[keep]
        open_ends = ~blocked[lo[keep]] & ~blocked[hi[keep]]
        keep = keep[open_ends]
        graph = coo_array((weight[keep], (lo[keep], hi[keep])), shape=(size, size)).tocsr()
        at_core = np.zeros(size, dtype=bool)
        at_core[seg.u[core]] = at_core[seg.v[core]] = True
        at_core &= ~blocked
        self._at_core = at_core
        starts = np.flatnonzero(at_core)
        if len(starts):
            _, self._before, _ = dijkstra(
                graph, directed=False, indices=starts, min_only=True, return_predecessors=True
            )
        else:
            self._before = np.full(size, -9999, dtype=np.int32)

    def path_from(self, junction: int) -> list[int] | None:
        """Return segment rows from the junction to the core, the first core segment included."""
        path, node = [], junction
        while not self._at_core[node]:
            nxt = int(self._before[node])
            if nxt < 0:
                return None
            path.append(self._between(min(node, nxt), max(node, nxt)))
            node = nxt
        seg = self._network.segments
        core = self._core_rows[(seg.u[self._core_rows] == node) | (seg.v[self._core_rows] == node)]
        return [*path, int(core[0])]

    def _between(self, low: int, high: int) -> int:
        """Return the shortest segment between two nodes that are joined."""
        return int(self._row[np.searchsorted(self._pair, low * self._size + high)])


def _is_drivable(network: Network, path: tuple[int, ...]) -> bool:
    """Whether one car can drive the path from end to end, in either direction."""
    seg = network.segments
    for order in (path, path[::-1]):
        heads: set[int] | None = None
        for row in order:
            ends = set()
            if network.forward[row] and (heads is None or int(seg.u[row]) in heads):
                ends.add(int(seg.v[row]))
            if network.backward[row] and (heads is None or int(seg.v[row]) in heads):
                ends.add(int(seg.u[row]))
            heads = ends
            if not heads:
                break
        else:
            return True
    return False
