"""Groups of things that belong together by pairs: union-find, so that loading a map needs no graph library."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def group_pairs(count: int, pairs: Iterable[tuple[int, int]]) -> npt.NDArray[np.int32]:
    """Return int32 (count,): the group of each thing, groups numbered by their first member.

    Union by the smaller root with path halving (Tarjan and van Leeuwen 1984), so the numbering does not depend on the
    order of the pairs.

    Examples
    --------
    >>> group_pairs(5, [(3, 1), (4, 3)]).tolist()
    [0, 1, 2, 1, 1]
    """
    root = list(range(count))

    def find(k: int) -> int:
        while root[k] != k:
            root[k] = root[root[k]]
            k = root[k]
        return k

    for a, b in pairs:
        x, y = find(a), find(b)
        if x != y:
            root[max(x, y)] = min(x, y)
    roots = np.array([find(k) for k in range(count)], dtype=np.int64)
    _, label = np.unique(roots, return_inverse=True)
    return label.astype(np.int32)


def near_pairs(plane: npt.NDArray[np.float64], limit_m: float) -> npt.NDArray[np.int64]:
    """Return int64 (pairs, 2): the pairs of points, first below second, at most ``limit_m`` apart.

    Sorted by the first coordinate and swept, for the few thousand booths of a map.

    Parameters
    ----------
    plane
        float64 (points, 2), metres.
    limit_m
        Distance in metres.
    """
    order = np.argsort(plane[:, 0], kind="stable")
    x = plane[order, 0]
    last = np.searchsorted(x, x + limit_m, side="right")
    found = []
    for k in range(len(order)):
        rest = order[k + 1 : last[k]]
        gap = np.hypot(*(plane[rest] - plane[order[k]]).T)
        found += [(min(order[k], r), max(order[k], r)) for r in rest[gap <= limit_m].tolist()]
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def join_at_nodes(u: npt.NDArray[np.integer], v: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
    """Return int32 (edges,): the group of each edge, edges that share a node being one group.

    A node below zero joins nothing (a booth, through which nothing hangs together).
    """
    node = np.concatenate((u, v)).astype(np.int64)
    edge = np.tile(np.arange(len(u)), 2)[node >= 0]
    node = node[node >= 0]
    order = np.argsort(node, kind="stable")
    same = np.flatnonzero(node[order][1:] == node[order][:-1])
    pairs = zip(edge[order][same].tolist(), edge[order][same + 1].tolist(), strict=True)
    return group_pairs(len(u), pairs)
