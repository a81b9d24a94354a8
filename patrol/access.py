"""Where a car stops for a target: on the nearest road, and for a space under a bridge on the ordinary road below.

A place under an expressway bridge lies on the bridge's line, so the nearest road is the deck, from which nobody gets
down. Patrols come from ordinary roads (domain.md §7).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.network import Network
from geo.snapping import SnapIndex, Snapped, build_snap_index, snap_points
from patrol.places import snap_places
from patrol.targets import Target

UNDER_BRIDGE = "under_bridge"
"""Kind of a target that is a space under a bridge."""

BENEATH_M = 300.0
"""An ordinary road within this distance gives access to a space under a bridge (our assumption)."""

_ABOVE = (RoadClass.MOTORWAY, RoadClass.MOTORWAY_LINK, RoadClass.FERRY)


def snap_targets(network: Network, targets: Sequence[Target], *, index: SnapIndex | None = None) -> Snapped:
    """Put targets on the road from which they are reached; beyond ``places.FARTHEST_M`` the segment is -1.

    Parameters
    ----------
    network
        The network.
    targets
        Targets; those of kind ``under_bridge`` go to the nearest ordinary road that is no bridge itself, within
        ``BENEATH_M``; where there is none, to the nearest road as all others.
    index
        A search tree built before, of all roads.
    """
    places = snap_places(network, targets, index=index)
    rows = [k for k, target in enumerate(targets) if target.kind == UNDER_BRIDGE]
    usable = ~np.isin(network.segment_class, _ABOVE) & ~_is_bridge(network)
    if not rows or not usable.any():
        return places
    lon, lat = (np.array([getattr(targets[k], axis) for k in rows], dtype=np.float64) for axis in ("lon", "lat"))
    below = snap_points(network, lon, lat, max_m=BENEATH_M, index=build_snap_index(network, usable=usable))
    found = [(k, n) for n, k in enumerate(rows) if below.segment[n] >= 0]
    names = ("segment", "offset_m", "distance_m", "lon", "lat", "node")
    columns = {name: getattr(places, name).copy() for name in names}
    for k, n in found:
        for name in names:
            columns[name][k] = getattr(below, name)[n]
    return Snapped(**columns)


def road_of(network: Network, segment: int) -> str:
    """Return number and name of a road, else its segment id: what a crew is told to stop on."""
    words = " ".join(text for text in (network.text("ref", segment), network.text("name", segment)) if text)
    return words or network.segment_ids[segment]


def _is_bridge(network: Network) -> npt.NDArray[np.bool_]:
    return ~network.ways.text["bridge"].where({"", "no"})[network.segments.way]
