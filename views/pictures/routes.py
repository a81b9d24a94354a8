"""The picture of a working day: the way of every crew with arrows, its stops by number, the rest in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.network import Network
from geo.paths import Leg
from geo.travel import TravelGraph
from patrol.day import DayPlan, Route, trace_route
from patrol.targets import Target
from patrol.units import Unit
from views.catalogue import Words, both, both_in
from views.map.palette import GHOST, TARGET, THEME, route_style, stop_style
from views.map.tables import PointTable, RoadTable, Table
from views.pictures.base import card, lines_of, tag_column
from views.pictures.coverage import cut_line
from views.pictures.points import draw_stations, draw_targets, draw_units

_STOP = replace(stop_style(0, both("停靠")), key="stop", fill=THEME["ink"], radius_px=10.0)

_LEFT_OUT = replace(TARGET, key="left_out", label=both("未安排"))


def crew_name(route: Route) -> str:
    """Return the name of a crew: its unit, with the number of the car where it has more than one."""
    return route.unit if route.car == 1 else f"{route.unit}#{route.car}"


def draw_routes(graph: TravelGraph, day: DayPlan) -> list[Table]:
    """Return the tables of one inspection day.

    Parameters
    ----------
    graph
        The travel graph the day was planned on.
    day
        The plan of the day.
    """
    network = graph.network
    served = [u for u in day.day.units if any(r.unit == u.id for r in day.routes)]
    return [
        draw_ghost(network),
        *([_routes(graph, day)] if day.routes else []),
        draw_stations(network),
        *([_stops(day)] if day.routes else []),
        *([_left_out(day)] if day.left_out else []),
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


def _routes(graph: TravelGraph, day: DayPlan) -> RoadTable:
    lines, ranks, styles, ids, lengths = [], [], [], [], []
    for number, route in enumerate(day.routes):
        for part, legs in enumerate(trace_route(graph, day, route)):
            line = line_of_legs(graph.network, legs)
            if len(line) > 1:
                lines.append(line)
                ranks.append(2)
                styles.append(number)
                ids.append(f"r{number}.{part}")
                lengths.append(sum(abs(leg.to_m - leg.from_m) for leg in legs))
    points = np.concatenate(lines) if lines else np.zeros((0, 2))
    ptr = np.concatenate(([0], np.cumsum([len(line) for line in lines]))).astype(np.int32)
    names = [crew_name(day.routes[k]) for k in styles]
    return RoadTable(
        ptr,
        points[:, 0],
        points[:, 1],
        np.array(styles, dtype=np.uint8),
        np.array(ranks, dtype=np.uint8),
        ids,
        tuple(route_style(k, Words(crew_name(route))) for k, route in enumerate(day.routes)),
        length_m=np.array(lengths, dtype=np.float64),
        cards=(card(both("班组"), names),),
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


def _stops(day: DayPlan) -> PointTable:
    stops = [(k, number, stop) for k, route in enumerate(day.routes) for number, stop in enumerate(route.stops, 1)]
    names = {t.id: t.name or t.id for t in day.day.targets}
    return PointTable(
        np.array([stop.lon for *_, stop in stops], dtype=np.float64),
        np.array([stop.lat for *_, stop in stops], dtype=np.float64),
        np.zeros(len(stops), dtype=np.uint8),
        [stop.target for *_, stop in stops],
        TextColumn.from_strings([str(number) for _, number, _ in stops]),
        (_STOP,),
        cards=(card(both("目标"), [names[stop.target] for *_, stop in stops]),),
        kind="target",
        key="stops",
        title=both("停靠"),
    )


def _left_out(day: DayPlan) -> PointTable:
    by_id = {t.id: t for t in day.day.targets}
    targets = [by_id[item.target] for item in day.left_out]
    return PointTable(
        np.array([t.lon for t in targets], dtype=np.float64),
        np.array([t.lat for t in targets], dtype=np.float64),
        np.zeros(len(targets), dtype=np.uint8),
        [t.id for t in targets],
        TextColumn.from_strings([t.id for t in targets]),
        (_LEFT_OUT,),
        cards=(card(both("未安排"), [t.name or t.id for t in targets]),),
        kind="target",
        key="left_out",
        title=both("未安排的目标"),
    )
