"""Units that can do nothing: far from every road, or on an island of the map from which nothing can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from geo.network import Network
from geo.snapping import SnapIndex
from geo.times import find_starts
from geo.travel import TravelGraph
from patrol.matrices import NO_WAY, Day
from patrol.places import require_on_network, snap_places
from patrol.units import Unit


class IdleReason(StrEnum):
    """Why a unit can do nothing."""

    OFF_THE_MAP = "off_the_map"
    ISLAND = "island"
    DUPLICATE = "duplicate_id"


@dataclass(frozen=True, slots=True)
class IdleUnit:
    """A unit that can do nothing: its id, the reason and the sentence for people in both languages."""

    unit: str
    reason: IdleReason
    message: str
    message_en: str

    def to_json(self) -> dict[str, str]:
        """Return plain JSON values."""
        return {
            "unit": self.unit,
            "reason": str(self.reason),
            "message": self.message,
            "message_en": self.message_en,
        }


def leave_home(
    network: Network, units: Sequence[Unit], *, index: SnapIndex | None = None
) -> tuple[tuple[Unit, ...], tuple[IdleUnit, ...]]:
    """Part the units into those on the network and those far from every road.

    Units without a car are among the first: nobody expects them to do anything.

    Raises
    ------
    InputError
        Where no unit with a car is on the network; the sentence names the first.
    """
    ready = [unit for unit in units if unit.available > 0]
    places = snap_places(network, ready, index=index)
    far = {unit.id: float(places.distance_m[k]) for k, unit in enumerate(ready) if places.segment[k] < 0}
    if ready and len(far) == len(ready):
        require_on_network(ready, places, "unit")
    lost = tuple(
        IdleUnit(
            name,
            IdleReason.OFF_THE_MAP,
            f"单元 {name} 距最近的道路 {away / 1000:.1f} 公里，不参加排班；请核对坐标。",
            f"Unit {name} lies {away / 1000:.1f} km from the nearest road and is not planned for; check its place.",
        )
        for name, away in sorted(far.items())
    )
    return tuple(unit for unit in units if unit.id not in far), lost


def find_islanders(
    graph: TravelGraph, units: Sequence[Unit], *, index: SnapIndex | None = None
) -> tuple[IdleUnit, ...]:
    """Return the units that stand on a part of the map not joined to its largest part, whatever the direction.

    They reach their island only. Units far from every road are not among them (see ``leave_home``).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    ready = [unit for unit in units if unit.available > 0]
    junctions = graph.junctions
    size = len(junctions)
    table = csr_array(
        (np.ones(len(junctions.indices), np.int8), junctions.indices, junctions.indptr), shape=(size, size)
    )
    label = connected_components(table, directed=True, connection="weak")[1]
    if not ready or size == 0:
        return ()
    main = int(np.bincount(label).argmax())
    starts = find_starts(graph, snap_places(graph.network, ready, index=index))
    number = junctions.number[graph.head_vertex[starts.arc]]
    joined = set(starts.source[label[number] == main].tolist())
    placed = set(starts.source.tolist())
    return tuple(
        IdleUnit(
            unit.id,
            IdleReason.ISLAND,
            f"单元 {unit.id} 所在道路与主路网不连通（孤岛），只能到达该孤岛；请核对驻点或补齐道路。",
            f"Unit {unit.id} stands on an island of the map and reaches nothing else; check its post or roads.",
        )
        for k, unit in enumerate(ready)
        if k in placed and k not in joined
    )


def find_stranded(day: Day) -> tuple[IdleUnit, ...]:
    """Return the units that can reach no target and come home again: they stand on an island of the map."""
    reach = np.any((day.out < NO_WAY) & (day.back < NO_WAY), axis=1)
    return tuple(
        IdleUnit(
            unit.id,
            IdleReason.ISLAND,
            f"单元 {unit.id} 所在道路与各目标不连通（孤岛），不能出动；请核对驻点或补齐道路。",
            f"Unit {unit.id} stands on an island of the map: it can reach no target and come home; "
            "check its post or the roads around it.",
        )
        for unit, ok in zip(day.units, reach.tolist(), strict=True)
        if not ok
    )
