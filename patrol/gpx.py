"""Routes for a satellite navigator: GPX 1.1 with the stops as a route, in order, and the way as a track."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from geo.network import Network
from geo.paths import Leg
from geo.travel import TravelGraph
from patrol.day import DayPlan, Route, trace_route
from patrol.roadlegs import place_at
from patrol.sheets import work_legs

CREATOR = "Roadseam"
_DIGITS = 7
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_gpx(graph: TravelGraph, plan: DayPlan, route: Route) -> bytes:
    """Return one crew's day as GPX 1.1, UTF-8: route points in visiting order, and the track that joins them.

    Parameters
    ----------
    graph
        The travel graph the plan was made on.
    plan
        The plan of the day.
    route
        One of its routes.
    """
    from gpxpy.gpx import GPX, GPXRoute, GPXRoutePoint, GPXTrack, GPXTrackPoint, GPXTrackSegment

    names = {target.id: target.name or target.id for target in plan.day.targets}
    unit = next(unit for unit in plan.day.units if unit.id == route.unit)
    crew = clean_text(f"{route.unit} {route.car}")
    visits = GPXRoute(name=crew)
    stops = [("0", unit.id, unit.lon, unit.lat)]
    stops += [(str(k), names[s.target], s.lon, s.lat) for k, s in enumerate(route.stops, 1)]
    stops.append((str(len(stops)), unit.id, unit.lon, unit.lat))
    for number, name, lon, lat in stops:
        point = GPXRoutePoint(round(lat, _DIGITS), round(lon, _DIGITS), name=clean_text(f"{number} {name}"))
        visits.points.append(point)
    track = GPXTrack(name=crew)
    for part, way in enumerate(trace_route(graph, plan, route)):
        legs = (*way, *work_legs(graph, plan.day, route.stops[part])) if part < len(route.stops) else way
        line = line_of_legs(graph.network, legs)
        if len(line):
            points = [GPXTrackPoint(round(lat, _DIGITS), round(lon, _DIGITS)) for lon, lat in line.tolist()]
            track.segments.append(GPXTrackSegment(points))
    gpx = GPX()
    gpx.creator, gpx.name = CREATOR, crew
    gpx.routes.append(visits)
    gpx.tracks.append(track)
    return gpx.to_xml(version="1.1").encode("utf-8")


def line_of_legs(network: Network, legs: tuple[Leg, ...]) -> npt.NDArray[np.float64]:
    """Return the line a car drives, float64 (points, 2), lon/lat WGS-84 degrees, no point twice in a row."""
    parts = [_line_of_leg(network, leg) for leg in legs if leg.segment >= 0]
    if not parts:
        return np.zeros((0, 2))
    line = np.concatenate(parts)
    moved = np.concatenate(([True], (np.diff(line, axis=0) != 0).any(axis=1)))
    return np.asarray(line[moved], dtype=np.float64)


def clean_text(text: str) -> str:
    """Return a text without the characters XML cannot hold."""
    return _NOT_XML.sub("", text)


def _line_of_leg(network: Network, leg: Leg) -> npt.NDArray[np.float64]:
    """Return the driven part of one segment, in driving direction."""
    points = network.points(leg.segment)
    low, high = sorted((leg.from_m, leg.to_m))
    step = np.hypot(np.diff(points[:, 0]) * np.cos(np.radians(points[0, 1])), np.diff(points[:, 1]))
    along = np.concatenate(([0.0], np.cumsum(step)))
    along *= float(network.segments.length_m[leg.segment]) / max(float(along[-1]), 1e-12)
    inside = points[(along > low) & (along < high)]
    ends = [place_at(network, leg.segment, at) for at in (low, high)]
    line = np.vstack((ends[0], inside, ends[1]))
    return line[::-1] if leg.from_m > leg.to_m else line
