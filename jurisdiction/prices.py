"""What a change of owner costs at each junction: cheap at a station, dear in the middle of a road."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from geo.classes import RoadClass
from geo.graphs import undirected_graph
from geo.network import Network
from geo.segmenting import CUTTING_BARRIERS
from jurisdiction.choices import StationField
from jurisdiction.evidence import Evidence
from jurisdiction.mincut import UNITS_PER_M
from jurisdiction.rules import SeamRules

Mask = npt.NDArray[np.bool_]


class JunctionKind(IntEnum):
    """What a junction is to a seam; the first that holds names the seam."""

    BOOTH = 0
    GATE = 1
    PLAZA = 2
    RAMP_END = 3
    ELSEWHERE = 4
    PLAZA_EDGE = 5
    LAND = 6
    AGREED = 7

    @property
    def label(self) -> str:
        """Name as written in results and in the price table."""
        return "junction" if self is JunctionKind.ELSEWHERE else self.name.lower()


@dataclass(frozen=True)
class Prices:
    """Junctions priced under the convention that holds at each.

    Attributes
    ----------
    kind
        uint8 (nodes,): ``JunctionKind``.
    price
        int64 (nodes,): decimetres per segment on the smaller side.
    """

    kind: npt.NDArray[np.uint8]
    price: npt.NDArray[np.int64]


def price_junctions(network: Network, evidence: Evidence, field: StationField, *, rules: SeamRules) -> Prices:
    """Price every junction of a network, each under the convention that holds there.

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
    plaza = near_booths(network, booth, rules.plaza_m) | _touched(network, evidence.open_lane)
    price = np.where(find_ramp_merges(network, evidence), field.cost("ramp_merge"), field.cost("elsewhere"))
    kind = np.full(len(network.nodes), JunctionKind.ELSEWHERE, dtype=np.uint8)
    masks = ((JunctionKind.RAMP_END, ramp_end), (JunctionKind.PLAZA, plaza & ~booth), (JunctionKind.GATE, gate))
    for name, mask in masks:
        cheaper = mask & (field.cost(name.label) < price)
        kind[cheaper] = name
        price[cheaper] = field.cost(name.label)[cheaper]
    kind[booth] = JunctionKind.BOOTH
    cost = field.cost("booth")
    price[booth] = np.where(ramp_end, np.minimum(cost, field.cost("ramp_end")), cost)[booth]
    return Prices(kind, price * UNITS_PER_M)


def find_ramp_ends(network: Network, evidence: Evidence) -> Mask:
    """Return bool (nodes,): an expressway main line or ramp meets an ordinary road here (service roads apart)."""
    expressway = evidence.main_line | evidence.ramp
    ordinary = ~expressway & (network.segment_class != RoadClass.SERVICE)
    result: Mask = _touched(network, expressway) & _touched(network, ordinary)
    return result


def find_ramp_merges(network: Network, evidence: Evidence) -> Mask:
    """Return bool (nodes,): a ramp that no booth-free way reaches joins a stub here, away from every ordinary road."""
    inside = evidence.ramp & (evidence.free.region < 0)
    stub = evidence.rule == evidence.rule_names.index("stub")
    result: Mask = _touched(network, inside) & _touched(network, stub)
    return result


def near_booths(network: Network, booth: Mask, limit_m: float) -> Mask:
    """Return bool (nodes,): at most ``limit_m`` by road, in either direction, from a booth."""
    rows = np.flatnonzero(booth)
    if len(rows) == 0:
        return booth
    short = network.segments.length_m <= limit_m
    graph = undirected_graph(network, usable=short)
    distance = dijkstra(graph, directed=False, indices=rows, min_only=True, limit=limit_m * 1000)
    result: Mask = np.isfinite(distance)
    return result


def _touched(network: Network, mask: Mask) -> Mask:
    touched = np.zeros(len(network.nodes), dtype=bool)
    touched[network.segments.u[mask]] = True
    touched[network.segments.v[mask]] = True
    return touched
