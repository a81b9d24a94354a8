"""A coverage broken down: by agency, class of road and town; why metres are out of reach; how often cars overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.errors import InputError
from geo.network import Network
from geo.times import times_to_arcs
from geo.travel import TravelGraph
from geo.turns import allowed_arcs
from patrol.coverage import Reached, Response, paint, summarise_response

Mask = npt.NDArray[np.bool_]

CLASS_NAMES = {
    RoadClass.MOTORWAY: "motorway",
    RoadClass.MOTORWAY_LINK: "motorway_link",
    RoadClass.TRUNK: "trunk",
    RoadClass.PRIMARY: "primary",
    RoadClass.SECONDARY: "secondary",
    RoadClass.TERTIARY: "tertiary",
    RoadClass.MINOR: "minor",
    RoadClass.SERVICE: "service",
    RoadClass.ORDINARY_LINK: "ordinary_link",
    RoadClass.FERRY: "ferry",
}


class OutOfReach(StrEnum):
    """Why no unit ever reaches a direction of a road."""

    CLOSED = "closed"
    CUT_OFF = "cut_off_by_closure"
    ISLAND = "island"
    MAP_EDGE = "enters_at_map_edge"
    NO_WAY = "no_legal_way"


OUT_OF_REACH_WORDS: dict[OutOfReach, tuple[str, str]] = {
    OutOfReach.CLOSED: ("道路封闭", "the road is closed"),
    OutOfReach.CUT_OFF: ("被封闭路段隔断", "cut off by closed roads"),
    OutOfReach.ISLAND: ("与单元所在路网不连通（孤岛）", "an island: not connected with any unit's roads"),
    OutOfReach.MAP_EDGE: ("只能从图幅以外驶入", "can only be entered from outside the map"),
    OutOfReach.NO_WAY: ("单行或转弯规则不允许驶入", "one-way and turn rules let nobody in"),
}


@dataclass(frozen=True)
class Part:
    """The coverage of some roads: directed millimetres by state, and seconds until the first unit arrives."""

    length_mm: Mapping[Reached, int]
    response_s: Mapping[str, float]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values; ``share`` is the part that some unit reaches within the limit."""
        metres = {state.name.lower(): mm / 1000 for state, mm in self.length_mm.items()}
        total = sum(metres.values())
        times = {key: None if np.isnan(v) else round(v, 3) for key, v in self.response_s.items()}
        share = None if total == 0 else round((total - metres["none"]) / total, 6)
        return {"length_m": metres, "total_m": total, "share": share, "response_s": times}


def break_down(response: Response, labels: Sequence[str], *, limit_s: float) -> dict[str, Part]:
    """Break a coverage down by a label of each segment, sorted by label.

    Parameters
    ----------
    response
        Arrival times everywhere.
    labels
        One label a segment.
    limit_s
        Seconds.

    Raises
    ------
    InputError
        Where the labels do not fit the network.
    """
    if len(labels) != len(response.graph.network.segments):
        raise InputError("give one label for each segment of this network")
    pieces = response.pieces
    piece, low, high, state = paint(pieces, pieces.reach_mm(limit_s * 1000.0))
    names, code = np.unique(np.asarray(labels, dtype=np.str_), return_inverse=True)
    of_piece = code[pieces.arc >> 1]
    of_part = of_piece[piece]
    length = high - low
    reachable = np.isfinite(pieces.base_ms.min(axis=0))
    found = {}
    for k, name in enumerate(names.tolist()):
        mine = of_part == k
        sums = np.bincount(state[mine], weights=length[mine], minlength=len(Reached))
        order = (Reached.BOTH, Reached.LOCAL_ONLY, Reached.EXPRESSWAY_ONLY, Reached.NONE)
        response_s = summarise_response(pieces, reachable & (of_piece == k))
        found[name] = Part({which: int(sums[which]) for which in order}, response_s)
    return found


def class_labels(network: Network) -> list[str]:
    """Return the class of each segment as a word."""
    return [CLASS_NAMES[RoadClass(code)] for code in network.segment_class.tolist()]


def explain_unreached(response: Response) -> dict[OutOfReach, int]:
    """Return why directed millimetres are never reached, by reason, in the order of ``OutOfReach``.

    Parameters
    ----------
    response
        Arrival times everywhere.
    """
    graph, pieces = response.graph, response.pieces
    lost = np.zeros(len(graph.arc_ms), dtype=bool)
    never = ~np.isfinite(pieces.base_ms.min(axis=0))
    lost[pieces.arc[never]] = True
    # An arc on which a car starts is reached in part; what lies behind the car counts too.
    length = np.bincount(pieces.arc[never], weights=(pieces.to_mm - pieces.from_mm)[never], minlength=len(lost))
    closed = lost & (graph.arc_ms < 0)
    open_part, whole_part = _with_units(response, graph.arc_ms >= 0), _with_units(response, allowed_arcs(graph.network))
    left = lost & ~closed
    reason = {
        OutOfReach.CLOSED: closed,
        OutOfReach.CUT_OFF: left & ~open_part & whole_part,
        OutOfReach.ISLAND: left & ~whole_part,
    }
    left &= open_part
    edge = left & _from_the_edge(graph)
    reason |= {OutOfReach.MAP_EDGE: edge, OutOfReach.NO_WAY: left & ~edge}
    return {why: int(length[mask].sum()) for why, mask in reason.items() if length[mask].sum() > 0}


def _with_units(response: Response, usable: Mask) -> Mask:
    """Return which arcs hang together with a unit's post when one-way rules are set aside, bool (arcs,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = response.graph
    size = len(graph.network.nodes)
    open_segment = usable[0::2] | usable[1::2]
    u, v = graph.network.segments.u[open_segment], graph.network.segments.v[open_segment]
    table = coo_array((np.ones(len(u), dtype=np.int8), (u, v)), shape=(size, size))
    _, component = connected_components(table, directed=False)
    here = response.places.segment
    seats = graph.network.segments.u[here[open_segment[here]]]
    seated = np.isin(component, component[seats])
    together = np.asarray(seated)[graph.network.segments.u] & open_segment
    return np.asarray(np.repeat(together, 2), dtype=bool)


def _from_the_edge(graph: TravelGraph) -> Mask:
    """Return which arcs can be driven to from a road that begins at a dead end in its own direction only."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    usable = graph.arc_ms >= 0
    arcs = np.flatnonzero(usable)
    size = len(graph.network.nodes)
    entering = np.bincount(graph.head[arcs], minlength=size)
    sources = np.flatnonzero((entering == 0) & (np.bincount(graph.tail[arcs], minlength=size) > 0))
    if len(sources) == 0:
        return np.zeros(len(usable), dtype=bool)
    tail = np.concatenate((graph.tail[arcs], np.full(len(sources), size)))
    head = np.concatenate((graph.head[arcs], sources))
    table = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(size + 1, size + 1)).tocsr()
    order = breadth_first_order(table, size, return_predecessors=False)
    seen = np.zeros(size + 1, dtype=bool)
    seen[order] = True
    return np.asarray(seen[graph.tail] & usable, dtype=bool)


@dataclass(frozen=True)
class Overlap:
    """How often road is reached within the limit, directed metres.

    Attributes
    ----------
    both_m
        Reached by both sides.
    twice_m
        Reached by two units or more, of either side.
    by_units_m
        Number of units (``"0"`` to ``"4"``, then ``"5+"``) to directed metres that so many units reach.
    duplication
        Metres reached by two units or more over metres reached by any.
    """

    both_m: float
    twice_m: float
    by_units_m: Mapping[str, float]
    duplication: float

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "both_m": self.both_m,
            "twice_m": self.twice_m,
            "by_units_m": dict(self.by_units_m),
            "duplication": round(self.duplication, 6),
        }


_MOST = 5


def count_overlap(response: Response, *, limit_s: float) -> Overlap:
    """Count how many units reach each direction of a road within the limit; an arc counts where it is wholly reached.

    Parameters
    ----------
    response
        Arrival times everywhere.
    limit_s
        Seconds.
    """
    graph, pieces = response.graph, response.pieces
    arcs = np.flatnonzero(allowed_arcs(graph.network))
    count = np.zeros(len(arcs), dtype=np.int64)
    for k in range(len(response.units)):
        times = times_to_arcs(graph, response.places.take([k]), limit_s=limit_s)
        count += (times.tail_ms[arcs] + graph.arc_ms[arcs] <= limit_s * 1000.0) & (graph.arc_ms[arcs] >= 0)
    length = graph.network.segments.length_mm[arcs >> 1] / 1000.0
    clipped = np.minimum(count, _MOST)
    metres = np.bincount(clipped, weights=length, minlength=_MOST + 1)
    names = [*(str(k) for k in range(_MOST)), f"{_MOST}+"]
    reach = pieces.reach_mm(limit_s * 1000.0) - pieces.from_mm
    reached = float(metres[1:].sum())
    return Overlap(
        float(reach.min(axis=0).sum()) / 1000.0,
        float(metres[2:].sum()),
        dict(zip(names, metres.tolist(), strict=True)),
        float(metres[2:].sum()) / reached if reached else 0.0,
    )
