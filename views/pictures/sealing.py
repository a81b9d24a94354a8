"""The picture of a sealing: the way of each unit to its exit, the exits by name."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geo.columns import TextColumn
from geo.paths import path
from geo.travel import TravelGraph
from patrol.exits import Exit
from patrol.places import snap_places
from patrol.sealing import Sealing
from patrol.units import Unit
from views.catalogue import Words, both, both_in
from views.map.palette import TARGET, route_style
from views.map.tables import PointTable, RoadTable, Table
from views.pictures.points import draw_stations, draw_units
from views.pictures.routes import draw_ghost, line_of_legs

_EXIT = replace(TARGET, key="exit", label=both_in("many", "出口"), radius_px=7.0, label_zoom=10.0)


@dataclass(frozen=True)
class Sealed:
    """A sealing with the units and exits it was made for."""

    sealing: Sealing
    units: tuple[Unit, ...]
    exits: tuple[Exit, ...]


def draw_sealing(graph: TravelGraph, sealed: Sealed) -> list[Table]:
    """Return the tables of a sealing on the travel graph it was computed on."""
    network = graph.network
    units = {u.id: u for u in sealed.units}
    exits = {e.id: e for e in sealed.exits}
    sent = [units[row.unit] for row in sealed.sealing.assignment]
    gates = [exits[row.exit] for row in sealed.sealing.assignment]
    starts, ends = snap_places(network, sent), snap_places(network, gates)
    legs = [path(graph, starts.take([k]), ends.take([k])) for k in range(len(sent))]
    lines = [line_of_legs(network, way) for way in legs]
    length = [sum(abs(leg.to_m - leg.from_m) for leg in way) for way in legs]
    kept = [k for k, line in enumerate(lines) if len(line) > 1]
    points = np.concatenate([lines[k] for k in kept]) if kept else np.zeros((0, 2))
    ways = RoadTable(
        np.concatenate(([0], np.cumsum([len(lines[k]) for k in kept]))).astype(np.int32),
        points[:, 0],
        points[:, 1],
        np.array(kept, dtype=np.uint8),
        np.full(len(kept), 2, dtype=np.uint8),
        [f"seal{k}" for k in kept],
        tuple(route_style(k, Words(f"{row.unit} → {row.exit}")) for k, row in enumerate(sealed.sealing.assignment)),
        length_m=np.array([length[k] for k in kept], dtype=np.float64),
        kind="route",
        key="ways",
        title=both("去封控的路"),
    )
    return [draw_ghost(network), ways, draw_stations(network), _draw_exits(gates), draw_units(sent)]


def _draw_exits(exits: list[Exit]) -> PointTable:
    return PointTable(
        np.array([e.lon for e in exits], dtype=np.float64),
        np.array([e.lat for e in exits], dtype=np.float64),
        np.zeros(len(exits), dtype=np.uint8),
        [e.id for e in exits],
        TextColumn.from_strings([e.id for e in exits]),
        (_EXIT,),
        kind="target",
        key="exits",
        title=both_in("many", "出口"),
    )
