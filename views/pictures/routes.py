"""The picture of a working day: the way of every crew with arrows, its stops by number, the rest in grey."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.network import Network
from geo.paths import Leg
from geo.travel import TravelGraph
from patrol.day import DayPlan, Route, Stop, trace_route
from patrol.matrices import Day
from patrol.sheets import work_legs
from patrol.targets import Target
from patrol.units import Unit
from views.catalogue import Words, both, both_in
from views.map.palette import GHOST, TARGET, THEME, LineStyle, PointStyle, route_style, stop_style
from views.map.tables import PointTable, RoadTable, Table
from views.pictures.base import card, lines_of, tag_column
from views.pictures.coverage import cut_line
from views.pictures.points import draw_stations, draw_targets, draw_units

_NO_NAME = Words("")
_JOINT = replace(stop_style(0, both("两家会合")), key="stop_joint", fill=THEME["ink"], edge="#FFFFFF", radius_px=12.5)
_DONE = replace(stop_style(0, both("已完成")), key="stop_done", fill="#B4BBC3", edge=THEME["quiet"], radius_px=10.0)
_OTHERS = replace(GHOST, key="others", label=both("其他班组"), color="#8A94A0", factor=0.9, level=1)
_DRIVEN = replace(GHOST, key="driven", label=both("已驶过"), color="#56606B", dash=(1.6, 1.6), factor=1.1, level=2)
_LEFT_OUT = replace(TARGET, key="left_out", label=both("未安排"), fill="#A4262C", edge="#FFFFFF", radius_px=7.0)


class Driven(NamedTuple):
    """What a crew had driven when another dropped out: its name, the route, and the day it belongs to."""

    crew: str
    route: Route
    day: DayPlan


@dataclass(frozen=True)
class Look:
    """How a day is looked at.

    Attributes
    ----------
    crews
        Names of all crews in the order of their colours; those of the routes where empty.
    only
        The one crew that is looked at, ``""`` for all.
    joint
        Tasks at which two crews meet.
    driven
        What had been driven before.
    """

    crews: Sequence[str] = ()
    only: str = ""
    joint: Collection[str] = ()
    driven: Sequence[Driven] = ()


WHOLE = Look()


def crew_label(day: Day, route: Route) -> str:
    """Return the name of a crew: its unit, with the number of the car where the unit has several."""
    cars = next((unit.available for unit in day.units if unit.id == route.unit), 1)
    return route.unit if cars == 1 else f"{route.unit}#{route.car}"


def draw_routes(graph: TravelGraph, day: DayPlan, look: Look = WHOLE) -> list[Table]:
    """Return the tables of one inspection day.

    Parameters
    ----------
    graph
        The travel graph the day was planned on.
    day
        The plan of the day.
    look
        Which crew, in which colours, and what had been driven.
    """
    network = graph.network
    if not look.crews:
        look = replace(look, crews=tuple(crew_label(day.day, route) for route in day.routes))
    served = [u for u in day.day.units if any(r.unit == u.id for r in day.routes)]
    ways = _ways(graph, day, look)
    return [
        draw_ghost(network),
        *([_routes(ways, look)] if ways else []),
        draw_stations(network),
        *([_stops(day, look)] if day.routes or look.driven else []),
        *([_left_out(day)] if day.left_out and not look.only else []),
        draw_units(served),
    ]


def draw_day(network: Network, units: Sequence[Unit], targets: Sequence[Target]) -> list[Table]:
    """Return the tables of a day that is not planned yet: crews at their posts and what is to be visited."""
    return [draw_ghost(network), draw_stations(network), draw_targets(targets), draw_units(units)]


def draw_ghost(network: Network) -> RoadTable:
    """Return all roads in grey."""
    lines = lines_of(network)
    return RoadTable(
        lines.ptr,
        lines.lon,
        lines.lat,
        np.zeros(len(network.segments), dtype=np.uint8),
        network.segment_class,
        network.segment_ids,
        (GHOST,),
        names=tag_column(network, "name"),
        refs=tag_column(network, "ref"),
        length_m=network.segments.length_m,
        kind="segment",
        key="ghost",
        title=both_in("many", "道路"),
    )


@dataclass(frozen=True)
class _Way:
    """A line of a crew's day: the crew, whether it was driven before, its points and metres."""

    crew: str
    is_driven: bool
    line: npt.NDArray[np.float64]
    length_m: float


def _ways(graph: TravelGraph, day: DayPlan, look: Look) -> list[_Way]:
    """Return every way between two stops and every stretch driven as work; what lies below comes first."""
    found = []
    for crew, route, old in look.driven:
        found += _route_ways(graph, old, route, crew=crew, is_driven=True)
    pale, full = list[_Way](), list[_Way]()
    for route in day.routes:
        crew = crew_label(day.day, route)
        is_pale = bool(look.only) and crew != look.only
        (pale if is_pale else full).extend(_route_ways(graph, day, route, crew=crew, is_driven=False))
    return [*found, *pale, *full]


def _route_ways(graph: TravelGraph, day: DayPlan, route: Route, *, crew: str, is_driven: bool) -> list[_Way]:
    found = []
    for part, way in enumerate(trace_route(graph, day, route)):
        if part == len(route.stops) and is_driven:
            break
        work = work_legs(graph, day.day, route.stops[part]) if part < len(route.stops) else ()
        legs = (*way, *work)
        line = line_of_legs(graph.network, legs)
        if len(line) > 1:
            found.append(_Way(crew, is_driven, line, sum(abs(leg.to_m - leg.from_m) for leg in legs)))
    return found


def _routes(ways: Sequence[_Way], look: Look) -> RoadTable:
    styles: list[LineStyle] = [route_style(k, Words(crew)) for k, crew in enumerate(look.crews)]
    others, driven = len(styles), len(styles) + 1
    styles += [_OTHERS, _DRIVEN]
    at = {crew: k for k, crew in enumerate(look.crews)}
    style = [
        driven if w.is_driven else others if look.only and w.crew != look.only else at.get(w.crew, others) for w in ways
    ]
    points = np.concatenate([w.line for w in ways])
    return RoadTable(
        np.concatenate(([0], np.cumsum([len(w.line) for w in ways]))).astype(np.int32),
        points[:, 0],
        points[:, 1],
        np.array(style, dtype=np.uint8),
        np.full(len(ways), 2, dtype=np.uint8),
        [f"r{number}" for number in range(len(ways))],
        tuple(styles),
        length_m=np.array([w.length_m for w in ways], dtype=np.float64),
        cards=(card(both_in("one", "班组"), [w.crew for w in ways]),),
        kind="route",
        key="routes",
        title=both("线路"),
    )


def line_of_legs(network: Network, legs: Sequence[Leg]) -> npt.NDArray[np.float64]:
    """Return the line a car drives, float64 (points, 2), lon/lat WGS-84 degrees."""
    parts = []
    for leg in legs:
        if leg.segment < 0:
            continue
        total = max(float(network.segments.length_mm[leg.segment]) / 1000, 1e-3)
        low, high = sorted((leg.from_m / total, leg.to_m / total))
        line = cut_line(network.points(leg.segment), low, high)
        parts.append(line[::-1] if leg.from_m > leg.to_m else line)
    return np.concatenate(parts) if parts else np.zeros((0, 2))


class _Spot(NamedTuple):
    """One numbered stop: the crew, its number, the stop, whether it is done, and the name of the task."""

    crew: str
    number: int
    stop: Stop
    is_done: bool
    name: str


def _spots(day: DayPlan, look: Look) -> list[_Spot]:
    """Return the stops that are drawn; of a joint visit seen from both sides the first."""
    names = {t.id: t.name or t.id for d in (*(part.day for part in look.driven), day) for t in d.day.targets}
    parts = [(crew, route, True) for crew, route, _ in look.driven]
    parts += [(crew_label(day.day, route), route, False) for route in day.routes]
    count: dict[str, int] = {}
    found, seen = list[_Spot](), set[str]()
    for crew, route, is_done in parts:
        for stop in route.stops:
            count[crew] = count.get(crew, 0) + 1
            if (look.only and crew != look.only) or stop.target in seen:
                continue
            seen.add(stop.target)
            found.append(_Spot(crew, count[crew], stop, is_done, names.get(stop.target, stop.target)))
    return found


def _stops(day: DayPlan, look: Look) -> PointTable:
    spots, crews = _spots(day, look), list(look.crews)
    styles: list[PointStyle] = [replace(stop_style(k, _NO_NAME), radius_px=10.5) for k in range(len(crews))]
    joint, done = len(styles), len(styles) + 1
    styles += [_JOINT, _DONE]
    at = {crew: k for k, crew in enumerate(crews)}
    style = [done if s.is_done else joint if s.stop.target in look.joint else at[s.crew] for s in spots]
    return PointTable(
        np.array([s.stop.lon for s in spots], dtype=np.float64),
        np.array([s.stop.lat for s in spots], dtype=np.float64),
        np.array(style, dtype=np.uint8),
        [s.stop.target for s in spots],
        TextColumn.from_strings([str(s.number) for s in spots]),
        tuple(styles),
        cards=(
            card(both("目标"), [s.name for s in spots]),
            card(both_in("one", "班组"), [f"{s.crew} {s.number}" for s in spots]),
        ),
        kind="target",
        key="stops",
        title=both("停靠"),
    )


def _left_out(day: DayPlan) -> PointTable:
    by_id = {t.id: t for t in day.day.targets}
    targets = [by_id[item.target] for item in day.left_out if item.target in by_id]
    return PointTable(
        np.array([t.lon for t in targets], dtype=np.float64),
        np.array([t.lat for t in targets], dtype=np.float64),
        np.zeros(len(targets), dtype=np.uint8),
        [t.id for t in targets],
        TextColumn.from_strings([t.name or t.id for t in targets]),
        (_LEFT_OUT,),
        cards=(card(both("未安排"), [t.name or t.id for t in targets]),),
        kind="target",
        key="left_out",
        title=both("未安排的目标"),
    )


def place_at(graph: TravelGraph, day: DayPlan, route: Route, *, at_s: float) -> tuple[float, float]:
    """Return where a crew is at a moment, lon and lat in WGS-84 degrees: at its post, at a stop, or on the way.

    Parameters
    ----------
    graph, day, route
        The roads, the day, and one of its routes.
    at_s
        Seconds since midnight.
    """
    unit = next(u for u in day.day.units if u.id == route.unit)
    if at_s <= route.leave_s or at_s >= route.return_s:
        return unit.lon, unit.lat
    clock = route.leave_s
    for part, way in enumerate(trace_route(graph, day, route)):
        goal = route.stops[part] if part < len(route.stops) else None
        end = goal.arrive_s if goal else route.return_s
        if at_s < end:
            # Rests are taken before driving on: what is left until arrival is the way that is still to be driven.
            driven = sum(leg.time_s for leg in way) - (end - at_s)
            return _along(graph.network, way, driven) or ((goal.lon, goal.lat) if goal else (unit.lon, unit.lat))
        clock = goal.depart_s if goal else clock
        if goal is not None and at_s <= clock:
            return goal.lon, goal.lat
    return unit.lon, unit.lat


def _along(network: Network, way: Sequence[Leg], driven_s: float) -> tuple[float, float] | None:
    """Return the place after so many seconds on a way, its first place before it begins."""
    left = max(driven_s, 0.0)
    for leg in way:
        if leg.segment < 0:
            continue
        if left <= leg.time_s:
            line = line_of_legs(network, [leg])
            whole = cut_line(line, 0.0, min(1.0, left / leg.time_s if leg.time_s else 0.0)) if len(line) > 1 else line
            return float(whole[-1][0]), float(whole[-1][1])
        left -= leg.time_s
    return None
