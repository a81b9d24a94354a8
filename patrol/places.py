"""Putting units, exits and targets on the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from geo.errors import InputError
from geo.network import Network
from geo.snapping import SnapIndex, Snapped, snap_points

FARTHEST_M = 2_000.0
"""A place farther from any road is taken for a wrong coordinate (our assumption)."""


class Placed(Protocol):
    """Anything with an id and a place in WGS-84 degrees."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def lon(self) -> float:
        """Longitude, degrees."""

    @property
    def lat(self) -> float:
        """Latitude, degrees."""


def snap_places(network: Network, things: Sequence[Placed], *, index: SnapIndex | None = None) -> Snapped:
    """Put things on the nearest road; a thing beyond ``FARTHEST_M`` has segment -1.

    Parameters
    ----------
    network
        The network.
    things
        Units, exits or targets.
    index
        A search tree built before.
    """
    lon = np.array([thing.lon for thing in things], dtype=np.float64)
    lat = np.array([thing.lat for thing in things], dtype=np.float64)
    return snap_points(network, lon, lat, max_m=FARTHEST_M, index=index)


def require_on_network(things: Sequence[Placed], places: Snapped, what: str) -> None:
    """Refuse things that are not on the network.

    Raises
    ------
    InputError
        Naming the first thing too far from any road.
    """
    for number, thing in enumerate(things):
        if places.segment[number] < 0:
            away_km = places.distance_m[number] / 1000
            raise InputError(
                f"{thing.id} 距最近的道路 {away_km:.1f} 公里，请核对坐标或换用包含该处的地图。"
                f" / {what} {thing.id} at ({thing.lon:.5f}, {thing.lat:.5f}) lies {away_km:.1f} km from "
                "the nearest road of this map; check its coordinates or load the map of its district"
            )
