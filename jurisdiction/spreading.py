"""Spreading labels along roads: what has none takes the label that is nearest by road."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from geo.network import Network

Ints = npt.NDArray[np.int64]


def spread_labels(network: Network, inside: npt.NDArray[np.bool_], label: Ints) -> Ints:
    """Give unlabelled segments the label that is reached over the fewest metres of other segments.

    Of labels equally near the smaller one is taken, so that the answer is unique.

    Parameters
    ----------
    network
        The network; every road may be walked both ways.
    inside
        bool (segments,): roads that count.
    label
        int64 (segments,): labels from 0, -1 where there is none.

    Returns
    -------
    int64 (segments,)
        The labels; -1 stays where none can be reached.
    """
    seg = network.segments
    result = np.where(inside, label, -1).astype(np.int64)
    rows = np.flatnonzero(inside)
    open_rows = rows[result[rows] < 0]
    if len(open_rows) == 0 or len(open_rows) == len(rows):
        return result
    u, v, length = seg.u.tolist(), seg.v.tolist(), seg.length_mm.tolist()
    at: dict[int, list[int]] = {}
    for row in open_rows.tolist():
        for node in (u[row], v[row]):
            at.setdefault(node, []).append(row)
    heap = [
        (0, int(result[row]), other)
        for row in rows[result[rows] >= 0].tolist()
        for node in (u[row], v[row])
        for other in at.get(node, ())
    ]
    heapq.heapify(heap)
    while heap:
        far, mark, row = heapq.heappop(heap)
        if result[row] >= 0:
            continue
        result[row] = mark
        for node in (u[row], v[row]):
            for other in at[node]:
                if result[other] < 0:
                    heapq.heappush(heap, (far + length[row], mark, other))
    return result
