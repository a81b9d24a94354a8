"""Where a car may not turn round, and where a patrol may: forbidden turns and turns at toll stations.

An arc is one allowed direction of one segment: ``2 * segment`` along the way, ``2 * segment + 1`` against it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.measure import measure_steps
from geo.network import Network
from geo.stations import StationKind

U_TURN_DEG = 150.0
"""A change of heading above this, from one expressway segment to the next, is a U-turn (our assumption)."""

STATION_TURN_S = 60.0
"""Time to be let through and turn round at a toll station, seconds (our assumption)."""

STATION_TURN_KMH = 20.0
"""Speed across the plaza while turning round at a station, km/h (our assumption)."""

_TURN_ROUNDS = ("turning_circle", "turning_loop")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StationTurns:
    """Turns between the booths of one station.

    Attributes
    ----------
    from_node, to_node
        int64 (turns,), node rows of two booths of one station.
    time_ms
        int64 (turns,), milliseconds.
    """

    from_node: Ints
    to_node: Ints
    time_ms: Ints


def arc_ends(network: Network) -> tuple[Ints, Ints]:
    """Return tail and head node row of every arc, int64 (2 * segments,) each."""
    u, v = network.segments.u.astype(np.int64), network.segments.v.astype(np.int64)
    return np.column_stack((u, v)).ravel(), np.column_stack((v, u)).ravel()


def allowed_arcs(network: Network) -> npt.NDArray[np.bool_]:
    """Return which arcs traffic may drive, bool (2 * segments,)."""
    return np.column_stack((network.forward, network.backward)).ravel()


def is_expressway(network: Network) -> npt.NDArray[np.bool_]:
    """Return which segments are expressway or ramp by class, bool (segments,)."""
    return network.segment_class <= RoadClass.MOTORWAY_LINK


def turn_places(network: Network) -> Ints:
    """Return the node rows where turning round is allowed: booths of toll stations and marked turn-rounds."""
    booths = [row for s in network.stations if s.kind != StationKind.GATE for row in s.booths]
    marked = [row for row, tags in network.nodes.tags.items() if tags.get("highway") in _TURN_ROUNDS]
    return np.unique(np.array(booths + marked, dtype=np.int64))


def join_arcs(ends: tuple[Ints, Ints], arcs_in: Ints, arcs_out: Ints) -> tuple[Ints, Ints]:
    """Return every pair of an arriving and a leaving arc that meet in a node.

    Parameters
    ----------
    ends
        Tail and head of every arc, int64 (arcs,) node rows each.
    arcs_in, arcs_out
        The arcs to pair, int64.

    Returns
    -------
    pairs
        Two int64 arrays of equal length: arriving arc, leaving arc.
    """
    tail, head = ends
    arriving = arcs_in[np.argsort(head[arcs_in], kind="stable")]
    nodes = head[arriving]
    first = np.searchsorted(nodes, tail[arcs_out], side="left")
    count = np.searchsorted(nodes, tail[arcs_out], side="right") - first
    offset = np.arange(count.sum(), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    return arriving[np.repeat(first, count) + offset], np.repeat(arcs_out, count)


def find_forbidden_turns(network: Network, usable: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Find the turns an expressway does not offer.

    Forbidden is to drive back along the segment just driven, and any change of heading above ``U_TURN_DEG``
    between two expressway segments; allowed are both at booths of toll stations and at marked turn-rounds.

    Parameters
    ----------
    network
        The network, with stations.
    usable
        bool (2 * segments,), the arcs that can be driven.

    Returns
    -------
    pairs
        Two int64 arrays of equal length: arriving arc, leaving arc.
    """
    tail, head = arc_ends(network)
    arcs = np.flatnonzero(usable & np.repeat(is_expressway(network), 2)).astype(np.int64)
    a, b = join_arcs((tail, head), arcs, arcs)
    outside = ~np.isin(head[a], turn_places(network))
    a, b = a[outside], b[outside]
    start, end = _arc_headings(network)
    cosine = (end[a] * start[b]).sum(axis=1)
    turned_back = b == (a ^ 1)
    forbidden = turned_back | (cosine < np.cos(np.radians(U_TURN_DEG)))
    return a[forbidden], b[forbidden]


def find_station_turns(network: Network) -> StationTurns:
    """Return the turns a patrol may make inside each toll station, from every booth to every other booth."""
    pairs = [
        (x, y)
        for station in network.stations
        if station.kind != StationKind.GATE
        for x in station.booths
        for y in station.booths
        if x != y
    ]
    nodes = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    lon, lat = network.nodes.lon, network.nodes.lat
    apart_m = measure_steps(lon[nodes.ravel()], lat[nodes.ravel()])[::2]
    time_ms = np.rint((STATION_TURN_S + apart_m * 3.6 / STATION_TURN_KMH) * 1000).astype(np.int64)
    return StationTurns(nodes[:, 0], nodes[:, 1], time_ms)


def _arc_headings(network: Network) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return unit vectors (2 * segments, 2) of each arc's first and last step; (0, 0) at a repeated point."""
    seg, refs = network.segments, network.ways.refs
    out = _unit_step(network, refs[seg.start], refs[seg.start + 1])
    arrive = _unit_step(network, refs[seg.end - 1], refs[seg.end])
    first, last = np.empty((2 * len(seg), 2)), np.empty((2 * len(seg), 2))
    first[0::2], last[0::2] = out, arrive
    first[1::2], last[1::2] = -arrive, -out
    return first, last


def _unit_step(network: Network, a: npt.NDArray[np.int32], b: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    lon, lat = network.nodes.lon, network.nodes.lat
    step = np.column_stack(((lon[b] - lon[a]) * np.cos(np.radians(lat[a])), lat[b] - lat[a]))
    size = np.hypot(step[:, 0], step[:, 1])
    return step / np.where(size > 0, size, 1.0)[:, None]
