"""What closes a leak, cheapest first: a missing booth, an agreed seam, or the class of a road on the path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jurisdiction.leaks import Leak
    from jurisdiction.ownership import Ownership


@dataclass(frozen=True, slots=True)
class Repair:
    """One way to close a leak.

    Attributes
    ----------
    action
        ``add_booth`` (a toll lane on the path lacks its booth), ``agree_seam`` or ``override_class``.
    cost_m
        Metres of evidence it contradicts.
    node
        Node row of the leak's junction.
    segment
        Segment row that it is about, -1 for a seam at the junction.
    """

    action: str
    cost_m: float
    node: int
    segment: int = -1


_ORDER = ("add_booth", "agree_seam", "override_class")


def find_repairs(ownership: Ownership, leak: Leak) -> tuple[Repair, ...]:
    """Return the ways to close a leak, cheapest first.

    A missing booth contradicts nothing: the map lacks it. An agreed seam contradicts what the junction costs, an
    override the evidence of all metres of its road.
    """
    network, evidence = ownership.network, ownership.evidence
    found = [Repair("add_booth", 0.0, leak.junction, row) for row in leak.path if evidence.open_lane[row]][:1]
    price = next((s.price_m for s in ownership.seams if s.node == leak.junction), 0.0)
    found.append(Repair("agree_seam", price, leak.junction))
    costs: dict[int, tuple[float, int]] = {}
    for row in leak.path:
        way = int(network.segments.way[row])
        if way not in costs:
            weight = float(evidence.weight_mm[network.segments.way == way].sum()) / 1000
            costs[way] = (round(weight, 1), row)
    cost, row = min(costs.values())
    found.append(Repair("override_class", cost, leak.junction, row))
    return tuple(sorted(found, key=lambda r: (r.cost_m, _ORDER.index(r.action))))
