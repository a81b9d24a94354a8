"""Joint coverage: which metres of road, in which direction, each side reaches within a time limit.

The units of the district brigade are the local side, all others the expressway side. Every allowed direction
of a segment counts once, and is cut exactly where the clock runs out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.snapping import SnapIndex, Snapped
from geo.times import times_of_groups
from geo.travel import Ints, TravelGraph
from geo.turns import allowed_arcs
from patrol.envelope import Pieces, build_pieces, weighted_quantiles
from patrol.places import require_on_network, snap_places
from patrol.units import Unit, is_local

_SHARES = (0.5, 0.9, 1.0)


class Reached(IntEnum):
    """Who reaches a piece of road in time."""

    NONE = 0
    LOCAL_ONLY = 1
    EXPRESSWAY_ONLY = 2
    BOTH = 3


@dataclass(frozen=True)
class Intervals:
    """Pieces of directed road with one state, shape (intervals,) each, sorted by arc, then position.

    Attributes
    ----------
    segment
        int64, segment row.
    direction
        int8, 1 along the way, -1 against it.
    from_mm, to_mm
        int64, ``from_mm < to_mm``, measured from the segment's first point in both directions.
    state
        uint8, ``Reached``.
    """

    segment: Ints
    direction: npt.NDArray[np.int8]
    from_mm: Ints
    to_mm: Ints
    state: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class UnitShare:
    """What one unit adds: the metres it is the first of all units to reach within the limit.

    ``snap_m`` is the distance from its post to the road; ``nearest_m`` the directed metres; ``share`` their
    part of all directed metres.
    """

    id: str
    agency: str
    available: int
    snap_m: float
    nearest_m: float
    share: float


@dataclass(frozen=True)
class Coverage:
    """The joint coverage within one limit.

    Attributes
    ----------
    limit_s
        The limit, seconds.
    intervals
        The road, directed.
    length_mm
        State to directed millimetres; their sum is ``total_mm``.
    total_mm
        All directed millimetres of the network.
    unreachable_mm
        Directed millimetres no unit reaches in any time.
    response_s
        ``p50``, ``p90``, ``max``: seconds until the first unit arrives, over all metres some unit reaches in
        any time; nan where there is none.
    units
        The units that can leave, sorted by id.
    by_owner
        Owner label to state to directed millimetres; empty without owners.
    """

    limit_s: float
    intervals: Intervals
    length_mm: Mapping[Reached, int]
    total_mm: int
    unreachable_mm: int
    response_s: Mapping[str, float]
    units: tuple[UnitShare, ...]
    by_owner: Mapping[str, Mapping[Reached, int]]

    def __post_init__(self) -> None:
        if sum(self.length_mm.values()) != self.total_mm:
            msg = "the states of a coverage do not add up to the network"
            raise ValueError(msg)

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values: metres, seconds; ``None`` for a time that does not exist."""
        return {
            "limit_s": self.limit_s,
            "length_m": _in_metres(self.length_mm),
            "total_m": self.total_mm / 1000,
            "share_within": round(1 - self.length_mm[Reached.NONE] / self.total_mm, 6) if self.total_mm else None,
            "unreachable_m": self.unreachable_mm / 1000,
            "response_s": {k: None if np.isnan(v) else round(v, 3) for k, v in self.response_s.items()},
            "units": [
                {
                    "id": unit.id,
                    "agency": unit.agency,
                    "available": unit.available,
                    "snap_m": round(unit.snap_m, 3),
                    "nearest_m": unit.nearest_m,
                    "share": round(unit.share, 6),
                }
                for unit in self.units
            ],
            "by_owner": {owner: _in_metres(states) for owner, states in self.by_owner.items()},
        }


@dataclass(frozen=True)
class Response:
    """Arrival times on all the road, before any limit is set; makes coverages for many limits cheaply.

    Attributes
    ----------
    graph
        The travel graph.
    pieces
        Every direction traffic may drive, with the first car of each side.
    units, places
        The units that can leave, sorted by id, and their places; ``pieces.source`` counts the units of one
        side, ``members`` turns that into the position in ``units``.
    members
        Positions in ``units`` of the local and of the expressway side.
    """

    graph: TravelGraph
    pieces: Pieces
    units: tuple[Unit, ...]
    places: Snapped
    members: tuple[Ints, Ints]


def time_response(graph: TravelGraph, units: Sequence[Unit], *, index: SnapIndex | None = None) -> Response:
    """Compute when each side's first car arrives everywhere.

    Parameters
    ----------
    graph
        The travel graph.
    units
        Units; those without a car stay at home.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where no unit can leave, or one is far from every road.
    """
    ready = tuple(sorted((unit for unit in units if unit.available > 0), key=lambda unit: unit.id))
    if not ready:
        raise InputError(
            "没有可出动的车辆，请至少把一个单元的 available 设为 1。"
            " / no unit has a car available; set available to 1 or more for at least one unit"
        )
    places = snap_places(graph.network, ready, index=index)
    require_on_network(ready, places, "unit")
    local = np.array([is_local(unit.agency) for unit in ready])
    members = (np.flatnonzero(local), np.flatnonzero(~local))
    local_times, expressway_times = times_of_groups(graph, [places.take(mine) for mine in members])
    arcs = np.flatnonzero(allowed_arcs(graph.network)).astype(np.int64)
    return Response(graph, build_pieces(graph, arcs, (local_times, expressway_times)), ready, places, members)


def cover(
    graph: TravelGraph,
    units: Sequence[Unit],
    *,
    limit_s: float,
    owners: Sequence[str] | None = None,
    index: SnapIndex | None = None,
) -> Coverage:
    """Compute the joint coverage within a limit.

    Parameters
    ----------
    graph
        The travel graph.
    units
        Units of both sides.
    limit_s
        Seconds, positive.
    owners
        Owner label of each segment, to break the lengths down.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where the limit is not positive, no unit can leave, or one is far from every road.
    """
    return classify(time_response(graph, units, index=index), limit_s=limit_s, owners=owners)


def classify(response: Response, *, limit_s: float, owners: Sequence[str] | None = None) -> Coverage:
    """Colour the road for one limit; parameters as in ``cover``."""
    if not (np.isfinite(limit_s) and limit_s > 0):
        raise InputError(f"时限应为正数（分钟）。 / the time limit is {limit_s:g} s; give a positive number of minutes")
    segments = response.graph.network.segments
    if owners is not None and len(owners) != len(segments):
        raise InputError("give one owner label for each segment of this network")
    pieces, limit_ms = response.pieces, limit_s * 1000.0
    reach = pieces.reach_mm(limit_ms)
    piece, low, high, state = paint(pieces, reach)
    length = high - low
    arc = pieces.arc[piece]
    total = int(segments.length_mm[np.flatnonzero(allowed_arcs(response.graph.network)) >> 1].sum())
    owner_sums: dict[str, dict[Reached, int]] = {}
    if owners is not None:
        labels, code = np.unique(np.asarray(owners, dtype=np.str_), return_inverse=True)
        for k, label in enumerate(labels.tolist()):
            mine = code[arc >> 1] == k
            owner_sums[label] = _sum_states(state[mine], length[mine])
    reachable = np.isfinite(pieces.base_ms.min(axis=0))
    whole = pieces.to_mm - pieces.from_mm
    return Coverage(
        float(limit_s),
        _merge_intervals(arc, low, high, state, segments.length_mm),
        _sum_states(state, length),
        total,
        int(whole[~reachable].sum()),
        summarise_response(pieces, reachable),
        _share_units(response, reach, total),
        owner_sums,
    )


def paint(pieces: Pieces, reach: Ints) -> tuple[Ints, Ints, Ints, npt.NDArray[np.uint8]]:
    """Cut every piece at the reach of both sides: piece, from, to along the arc, state; no empty parts."""
    near, far = reach.min(axis=0), reach.max(axis=0)
    one = np.where(reach[0] > reach[1], Reached.LOCAL_ONLY, Reached.EXPRESSWAY_ONLY)
    count = len(pieces.arc)
    bounds = np.stack((pieces.from_mm, near, far, pieces.to_mm), axis=1)
    state = np.stack((np.full(count, Reached.BOTH), one, np.full(count, Reached.NONE)), axis=1)
    low, high = bounds[:, :-1].ravel(), bounds[:, 1:].ravel()
    filled = np.flatnonzero(high > low)
    return filled // 3, low[filled], high[filled], state.ravel()[filled].astype(np.uint8)


def _merge_intervals(arc: Ints, low: Ints, high: Ints, state: npt.NDArray[np.uint8], length_mm: Ints) -> Intervals:
    """Join neighbours of one state on one arc and measure them from the segment's first point."""
    new = np.ones(len(arc), dtype=bool)
    new[1:] = (arc[1:] != arc[:-1]) | (state[1:] != state[:-1])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(arc)) - 1 if len(first) else first
    arc, low, high, state = arc[first], low[first], high[last], state[first]
    backward = (arc & 1).astype(bool)
    whole = length_mm[arc >> 1]
    start, end = np.where(backward, whole - high, low), np.where(backward, whole - low, high)
    order = np.lexsort((start, arc))
    direction = np.where(backward, -1, 1).astype(np.int8)
    return Intervals(arc[order] >> 1, direction[order], start[order], end[order], state[order])


def _sum_states(state: npt.NDArray[np.uint8], length: Ints) -> dict[Reached, int]:
    return {which: int(length[state == which].sum()) for which in Reached}


def summarise_response(pieces: Pieces, reachable: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Return ``p50``, ``p90`` and ``max`` of the first arrival over the pieces of a mask, seconds; nan without any."""
    begin, end = pieces.arrival_ms(pieces.from_mm)[reachable], pieces.arrival_ms(pieces.to_mm)[reachable]
    length = (pieces.to_mm - pieces.from_mm)[reachable]
    values = weighted_quantiles(begin, end, length, shares=_SHARES) / 1000.0
    return dict(zip(("p50", "p90", "max"), values.tolist(), strict=True))


def _share_units(response: Response, reach: Ints, total_mm: int) -> tuple[UnitShare, ...]:
    pieces = response.pieces
    side = np.where(pieces.base_ms[0] <= pieces.base_ms[1], 0, 1)
    rows = np.arange(len(side))
    source = pieces.source[side, rows]
    gained = reach.max(axis=0) - pieces.from_mm
    first = np.zeros(len(response.units), dtype=np.int64)
    for which, members in enumerate(response.members):
        mine = (side == which) & (source >= 0)
        np.add.at(first, members[source[mine]], gained[mine])
    return tuple(
        UnitShare(
            unit.id,
            unit.agency,
            unit.available,
            float(response.places.distance_m[k]),
            int(first[k]) / 1000.0,
            int(first[k]) / total_mm if total_mm else 0.0,
        )
        for k, unit in enumerate(response.units)
    )


def _in_metres(states: Mapping[Reached, int]) -> dict[str, float]:
    order = (Reached.BOTH, Reached.LOCAL_ONLY, Reached.EXPRESSWAY_ONLY, Reached.NONE)
    return {state.name.lower(): states[state] / 1000 for state in order}
