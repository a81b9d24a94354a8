"""Lanes of a toll station by direction: onto the expressway, off it, or by compass where both sides are expressway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.network import Network
from geo.stations import StationKind, is_in_toll_system, lanes_of_booth

ENTRY, EXIT = "entry", "exit"
_COMPASS = ("east", "north", "west", "south")

Floats = npt.NDArray[np.float64]


def count_lanes(network: Network) -> Mapping[str, Mapping[str, int]]:
    """Count the lanes of every station by direction of travel.

    Parameters
    ----------
    network
        The network with its stations.

    Returns
    -------
    Mapping
        Station id to direction to lanes. Directions are ``entry`` (onto the expressway) and ``exit``; where the
        roads on both sides are alike (a main-line station, a gate) ``north``, ``east``, ``south``, ``west`` bound.
        A booth on a road of both directions counts its lanes once for each, halved and rounded up.
    """
    # Expressway inside the toll system ranks before its stubs and outer ramps, and these before ordinary roads.
    rank = is_in_toll_system(network).astype(np.int64) + (network.segment_class <= RoadClass.MOTORWAY_LINK)
    result = {}
    for station in network.stations:
        lanes: Counter[str] = Counter()
        for booth in station.booths:
            directions = _directions(network, booth, rank)
            share = -(-lanes_of_booth(network, booth) // max(1, len(directions)))
            for direction in directions:
                lanes[direction] += share
        if station.kind is not StationKind.BORDER:
            result[station.id] = dict(sorted(lanes.items()))
    return result


def _directions(network: Network, booth: int, rank: npt.NDArray[np.int64]) -> tuple[str, ...]:
    """Return the directions in which a booth can be passed, sorted."""
    seg = network.segments
    at_u, at_v = np.flatnonzero(seg.u == booth), np.flatnonzero(seg.v == booth)
    come = [*((int(k), +1) for k in at_v if network.forward[k]), *((int(k), -1) for k in at_u if network.backward[k])]
    leave = [*((int(k), +1) for k in at_u if network.forward[k]), *((int(k), -1) for k in at_v if network.backward[k])]
    found = set()
    for row, _ in come:
        for other, sign in leave:
            if other == row:
                continue
            if rank[row] != rank[other]:
                found.add(ENTRY if rank[other] > rank[row] else EXIT)
            else:
                found.add(_bound(network, other, sign))
    sided = found & {ENTRY, EXIT}
    return tuple(sorted(sided or found))


def _bound(network: Network, row: int, sign: int) -> str:
    """Return the compass direction in which a segment leads, driven along (+1) or against (-1) its way."""
    line: Floats = network.points(row)
    east, north = (line[-1] - line[0]) * sign * (np.cos(np.radians(line[0, 1])), 1.0)
    return _COMPASS[round(float(np.arctan2(north, east)) / (np.pi / 2)) % 4]
