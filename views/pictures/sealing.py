"""The picture of a sealing: the way of each unit to its exit, the exits by name or by what can still be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.columns import TextColumn
from geo.errors import RoadseamError
from geo.paths import Leg, path
from geo.travel import TravelGraph
from patrol.exits import Exit
from patrol.places import snap_places
from patrol.pursuit import ExitClock
from patrol.sealing import Sealing
from patrol.units import Unit
from views.catalogue import Words, both, both_in
from views.map.palette import COVERAGE, TARGET, THEME, route_style
from views.map.tables import PointTable, RoadTable, Table
from views.pictures.points import draw_stations, draw_units
from views.pictures.routes import draw_ghost, line_of_legs

_EXIT = replace(TARGET, key="exit", label=both_in("many", "出口"), radius_px=7.0, label_zoom=10.0)
_CLOSED = replace(_EXIT, key="exit_closed", label=both("封得住的出口"), fill=COVERAGE[0].color, edge=THEME["card"])
_OPEN = replace(
    _EXIT, key="exit_open", label=both("封不住的出口"), shape="diamond", fill=THEME["warning"], edge=THEME["card"]
)


@dataclass(frozen=True)
class Sealed:
    """A sealing with the units and exits it was made for."""

    sealing: Sealing
    units: tuple[Unit, ...]
    exits: tuple[Exit, ...]


def draw_sealing(graph: TravelGraph, sealed: Sealed) -> list[Table]:
    """Return the tables of a sealing on the travel graph it was computed on."""
    units = {u.id: u for u in sealed.units}
    exits = {e.id: e for e in sealed.exits}
    pairs = [(units[row.unit], exits[row.exit]) for row in sealed.sealing.assignment]
    gates = list(dict.fromkeys(gate for _, gate in pairs))
    sent = list(dict.fromkeys(unit for unit, _ in pairs))
    exits_table = _draw_exits(gates, [0] * len(gates))
    return [
        draw_ghost(graph.network),
        *_draw_ways(graph, pairs),
        draw_stations(graph.network),
        exits_table,
        draw_units(sent),
    ]


def draw_race(
    graph: TravelGraph, clocks: Sequence[ExitClock], units: Sequence[Unit], *, exits: Sequence[Exit]
) -> list[Table]:
    """Return the tables of a race to the exits: those closed in time, with the way of their unit, and the rest."""
    by_unit, by_exit = {u.id: u for u in units}, {e.id: e for e in exits}
    pairs = [(by_unit[c.unit], by_exit[c.exit]) for c in clocks if c.closed]
    gates = [by_exit[c.exit] for c in clocks]
    exits_table = _draw_exits(gates, [1 if c.closed else 2 for c in clocks])
    sent = [unit for unit, _ in pairs]
    return [
        draw_ghost(graph.network),
        *_draw_ways(graph, pairs),
        draw_stations(graph.network),
        exits_table,
        draw_units(sent),
    ]


def _draw_ways(graph: TravelGraph, pairs: Sequence[tuple[Unit, Exit]]) -> list[Table]:
    """Return the ways of units to their exits, no table where nobody drives."""
    network = graph.network
    if not pairs:
        return []
    starts, ends = snap_places(network, [u for u, _ in pairs]), snap_places(network, [e for _, e in pairs])
    legs: list[tuple[Leg, ...]] = []
    for k in range(len(pairs)):
        try:
            legs.append(path(graph, starts.take([k]), ends.take([k])))
        except RoadseamError:
            legs.append(())
    lines = [line_of_legs(network, way) for way in legs]
    kept = [k for k, line in enumerate(lines) if len(line) > 1]
    if not kept:
        return []
    points = np.concatenate([lines[k] for k in kept])
    length = [sum(abs(leg.to_m - leg.from_m) for leg in legs[k]) for k in kept]
    names = [Words(f"{unit.id} → {gate.name or gate.id}") for unit, gate in pairs]
    return [
        RoadTable(
            np.concatenate(([0], np.cumsum([len(lines[k]) for k in kept]))).astype(np.int32),
            points[:, 0],
            points[:, 1],
            np.array(kept, dtype=np.uint8),
            np.full(len(kept), 2, dtype=np.uint8),
            [f"seal{k}" for k in kept],
            tuple(route_style(k, name) for k, name in enumerate(names)),
            length_m=np.array(length, dtype=np.float64),
            kind="route",
            key="ways",
            title=both("去封控的路"),
        )
    ]


def _draw_exits(exits: Sequence[Exit], style: Sequence[int]) -> PointTable:
    return PointTable(
        np.array([e.lon for e in exits], dtype=np.float64),
        np.array([e.lat for e in exits], dtype=np.float64),
        np.array(style, dtype=np.uint8),
        [e.id for e in exits],
        TextColumn.from_strings([e.name or e.id for e in exits]),
        (_EXIT, _CLOSED, _OPEN),
        kind="target",
        key="exits",
        title=both_in("many", "出口"),
    )
