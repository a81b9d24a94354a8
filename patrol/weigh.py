"""Overloaded trucks: how much is too much, and which weigh station is the nearest by road."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.errors import InputError
from geo.network import Network
from geo.paths import path
from geo.snapping import SnapIndex
from geo.times import matrix
from geo.travel import TravelGraph
from patrol.places import require_on_network, snap_places

_NAMES = ("超限检测", "治超", "称重检测")

LIMIT_T = {2: 18.0, 3: 25.0, 4: 31.0, 5: 43.0, 6: 49.0}
"""Largest mass of a single vehicle, or of a train from five axles on, by axles, tonnes (超限运输规定 art. 3)."""

TRAIN_LIMIT_T = {3: 27.0, 4: 36.0}
"""Larger limits of a train (tractor with trailer), tonnes."""

SINGLE_DRIVE_T = 46.0
"""Limit of six axles or more where one axle drives, tonnes."""

_FEWEST, _MOST = 2, 6


@dataclass(frozen=True, slots=True)
class WeighStation:
    """A fixed weigh station (超限检测站): id, name, place in WGS-84 degrees."""

    id: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Truck:
    """A truck stopped on the road: id, place in WGS-84 degrees."""

    id: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class ToWeigh:
    """Where a truck is to be taken.

    Attributes
    ----------
    truck, station
        Ids.
    time_s, length_m
        Driving there, as the roads are without a truck's limits on them.
    next_station, next_time_s
        The second nearest, or ``""`` and ``None``.
    """

    truck: str
    station: str
    time_s: float
    length_m: float
    next_station: str
    next_time_s: float | None


def mass_limit_t(axles: int, *, train: bool = False, single_drive: bool = False) -> float:
    """Return the largest legal mass in tonnes.

    Examples
    --------
    >>> mass_limit_t(2), mass_limit_t(4, train=True), mass_limit_t(6, train=True, single_drive=True)
    (18.0, 36.0, 46.0)

    Raises
    ------
    InputError
        Where a truck has fewer than two axles.
    """
    if axles < _FEWEST:
        raise InputError(
            f"货车至少有 2 轴，请核对轴数。 / a truck has at least 2 axles, got {axles}; check the number of axles"
        )
    if axles >= _MOST and single_drive:
        return SINGLE_DRIVE_T
    return TRAIN_LIMIT_T.get(axles, LIMIT_T[min(axles, _MOST)]) if train else LIMIT_T[min(axles, _MOST)]


def find_weigh_stations(network: Network) -> tuple[WeighStation, ...]:
    """Return the weighbridges of a map, those called 超限检测, 治超 or 称重检测 first, then by id."""
    rows = network.nodes.rows_with("amenity", "weighbridge").tolist()
    made = []
    for row in rows:
        name = network.nodes.tags[row].get("name", "")
        made.append((not any(word in name for word in _NAMES), int(network.nodes.id[row]), row, name))
    return tuple(
        WeighStation(f"n{node}", name, float(network.nodes.lon[row]), float(network.nodes.lat[row]))
        for _, node, row, name in sorted(made)
    )


def send_to_weigh(
    graph: TravelGraph,
    trucks: Sequence[Truck],
    stations: Sequence[WeighStation],
    *,
    index: SnapIndex | None = None,
) -> tuple[ToWeigh, ...]:
    """Return the nearest weigh station of each truck, in the order of the trucks; none where none can be reached.

    Parameters
    ----------
    graph
        The travel graph.
    trucks, stations
        Where trucks were stopped, and the fixed weigh stations.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where there is no station, or a truck is off the map.
    """
    if not stations:
        raise InputError("没有超限检测站，请先列出检测站。 / no weigh station is given; list at least one")
    if not trucks:
        return ()
    here = snap_places(graph.network, trucks, index=index)
    require_on_network(trucks, here, "truck")
    there = snap_places(graph.network, stations, index=index)
    seconds = matrix(graph, here, there)
    made = []
    for k, truck in enumerate(trucks):
        order = sorted(range(len(stations)), key=lambda s, row=seconds[k]: (row[s], stations[s].id))  # type: ignore[misc]
        order = [s for s in order if np.isfinite(seconds[k, s])]
        if not order:
            continue
        legs = path(graph, here.take([k]), there.take([order[0]]))
        second = order[1] if len(order) > 1 else None
        made.append(
            ToWeigh(
                truck.id,
                stations[order[0]].id,
                float(seconds[k, order[0]]),
                sum(abs(leg.to_m - leg.from_m) for leg in legs),
                stations[second].id if second is not None else "",
                float(seconds[k, second]) if second is not None else None,
            )
        )
    return tuple(made)
