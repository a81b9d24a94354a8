"""The picture of an incident: the ways of the first cars, the detours, stations to close and places to turn round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.errors import RoadseamError
from geo.paths import path
from geo.travel import TravelGraph
from patrol.incident import IncidentCard
from patrol.places import snap_places
from patrol.units import Unit
from views.catalogue import Words, both
from views.map.palette import TARGET, THEME, LineStyle, route_style
from views.map.tables import PointTable, RoadTable, Table
from views.pictures.points import draw_stations, draw_units
from views.pictures.routes import draw_ghost, line_of_legs

_DETOUR_STYLE = 4
_CLOSE = replace(
    TARGET, key="close", label=both("关站分流"), shape="square", fill=THEME["warning"], radius_px=8.0, label_zoom=10.0
)
_TURN = replace(TARGET, key="turn", label=both("掉头处"), shape="diamond", fill=THEME["card"], label_zoom=11.0)

Line = npt.NDArray[np.float64]


def draw_incident(graph: TravelGraph, card: IncidentCard, units: Sequence[Unit]) -> list[Table]:
    """Return the tables of an incident.

    Parameters
    ----------
    graph
        The travel graph the card was made on.
    card
        The card.
    units
        All units that answer; the first car with authority and the first of all are drawn with their ways.
    """
    able = [car for car in card.cars if np.isfinite(car.time_s)]
    quickest = min(able, key=lambda car: (car.time_s, car.unit), default=None)
    sent = {car.unit: car for car in (card.first, quickest) if car is not None}
    shown = [unit for unit in units if unit.id in sent]
    lines: list[Line] = []
    styles: list[LineStyle] = []
    for number, unit in enumerate(sorted(shown, key=lambda u: (not sent[u.id].may_act, sent[u.id].time_s, u.id))):
        line = _way_to(graph, unit, card)
        if len(line) > 1:
            lines.append(line)
            styles.append(route_style(number, Words(f"{unit.id} · {sent[unit.id].time_s / 60:.1f} min")))
    for detour in card.detours:
        line = line_of_legs(graph.network, detour.legs)
        if len(line) > 1:
            style = route_style(_DETOUR_STYLE, both("绕行"))
            lines.append(line)
            styles.append(replace(style, key=f"detour{detour.direction}", dash=(2.4, 1.6)))
    ways = [_ways(lines, styles)] if lines else []
    return [draw_ghost(graph.network), *ways, draw_stations(graph.network), *_points(graph, card), draw_units(shown)]


def _way_to(graph: TravelGraph, unit: Unit, card: IncidentCard) -> Line:
    start = snap_places(graph.network, [unit])
    end = snap_places(graph.network, [replace(unit, lon=card.lon, lat=card.lat)])
    try:
        return line_of_legs(graph.network, path(graph, start, end))
    except RoadseamError:
        return np.zeros((0, 2))


def _ways(lines: Sequence[Line], styles: Sequence[LineStyle]) -> RoadTable:
    points = np.concatenate(lines)
    return RoadTable(
        np.concatenate(([0], np.cumsum([len(line) for line in lines]))).astype(np.int32),
        points[:, 0],
        points[:, 1],
        np.arange(len(lines), dtype=np.uint8),
        np.full(len(lines), 2, dtype=np.uint8),
        [f"way{k}" for k in range(len(lines))],
        tuple(styles),
        kind="route",
        key="ways",
        title=both("赶到与绕行"),
    )


def _points(graph: TravelGraph, card: IncidentCard) -> list[Table]:
    """Return stations to close and places to turn round."""
    closed = {ident for closing in card.closings for ident in closing.station_ids}
    # Stations bear their names already.
    places = [(s.lon, s.lat, 0, s.id) for s in graph.network.stations if s.id in closed]
    places += [(t.lon, t.lat, 1, f"turn{t.direction}") for t in card.turn_rounds]
    if not places:
        return []
    return [
        PointTable(
            np.array([place[0] for place in places], dtype=np.float64),
            np.array([place[1] for place in places], dtype=np.float64),
            np.array([place[2] for place in places], dtype=np.uint8),
            [place[3] for place in places],
            TextColumn.from_strings([""] * len(places)),
            (_CLOSE, _TURN),
            kind="target",
            key="measures",
            title=both("关站与掉头"),
        )
    ]
