"""What a change of owner costs at each junction: cheap at a station, dear in the middle of a road."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geo.classes import RoadClass
from geo.network import Network
from geo.segmenting import CUTTING_BARRIERS
from jurisdiction.evidence import Evidence
from jurisdiction.mincut import UNITS_PER_M
from jurisdiction.rules import Convention, SeamRules

Mask = npt.NDArray[np.bool_]


class JunctionKind(IntEnum):
    """What a junction is to a seam; the first that holds names the seam."""

    BOOTH = 0
    GATE = 1
    PLAZA = 2
    RAMP_END = 3
    ELSEWHERE = 4

    @property
    def label(self) -> str:
        """Name as written in results and in the price table."""
        return "junction" if self is JunctionKind.ELSEWHERE else self.name.lower()


@dataclass(frozen=True)
class Prices:
    """Junctions priced under one convention.

    Attributes
    ----------
    kind
        uint8 (nodes,): ``JunctionKind``.
    price
        int64 (nodes,): decimetres per segment on the smaller side.
    """

    kind: npt.NDArray[np.uint8]
    price: npt.NDArray[np.int64]


def price_junctions(
    network: Network, evidence: Evidence, convention: Convention, *, rules: SeamRules
) -> Prices:
    """Price every junction of a network under a convention.

    A junction that is several things at once takes the lowest of their prices (a booth on the very node where a
    ramp meets an ordinary road is a booth and a ramp end).

    Returns
    -------
    Prices
    """
    booth = network.booth_mask()
    gate = np.zeros(len(network.nodes), dtype=bool)
    gate[[row for row, tags in network.nodes.tags.items() if tags.get("barrier") in CUTTING_BARRIERS]] = True
    gate &= ~booth
    ramp_end = find_ramp_ends(network, evidence)
    plaza = near_booths(network, booth, rules.plaza_m)
    rows: list[tuple[JunctionKind, Mask, int]] = [
        (JunctionKind.RAMP_END, ramp_end, convention.ramp_end),
        (JunctionKind.PLAZA, plaza, convention.plaza),
        (JunctionKind.GATE, gate, convention.gate),
        (JunctionKind.BOOTH, booth, convention.booth),
    ]
    kind = np.full(len(network.nodes), JunctionKind.ELSEWHERE, dtype=np.uint8)
    price = np.full(len(network.nodes), convention.elsewhere, dtype=np.int64)
    for name, mask, cost in rows:
        kind[mask] = name
        if name is JunctionKind.BOOTH:
            price[mask & ~ramp_end] = cost
            price[mask & ramp_end] = min(cost, convention.ramp_end)
        else:
            price[mask] = np.minimum(price[mask], cost)
    return Prices(kind, price * UNITS_PER_M)


def find_ramp_ends(network: Network, evidence: Evidence) -> Mask:
    """Return bool (nodes,): an expressway main line or ramp meets an ordinary road here (service roads apart)."""
    expressway = evidence.main_line | evidence.ramp
    ordinary = ~expressway & (network.segment_class != RoadClass.SERVICE)
    result: Mask = _touched(network, expressway) & _touched(network, ordinary)
    return result


def near_booths(network: Network, booth: Mask, limit_m: float) -> Mask:
    """Return bool (nodes,): at most ``limit_m`` by road, in either direction, from a booth."""
    rows = np.flatnonzero(booth)
    if len(rows) == 0:
        return booth
    seg = network.segments
    size = len(network.nodes)
    length = np.maximum(seg.length_mm, 1)
    short = length <= limit_m * 1000
    order = np.lexsort((length[short], seg.v[short], seg.u[short]))
    u, v, w = seg.u[short][order], seg.v[short][order], length[short][order]
    first = np.append(True, (np.diff(u) != 0) | (np.diff(v) != 0))
    graph = coo_array((w[first], (u[first], v[first])), shape=(size, size)).tocsr()
    distance = dijkstra(graph, directed=False, indices=rows, min_only=True, limit=limit_m * 1000)
    result: Mask = np.isfinite(distance)
    return result


def _touched(network: Network, mask: Mask) -> Mask:
    touched = np.zeros(len(network.nodes), dtype=bool)
    touched[network.segments.u[mask]] = True
    touched[network.segments.v[mask]] = True
    return touched
