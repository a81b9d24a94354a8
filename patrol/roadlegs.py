"""A way in words: numbered legs with road, length, heading, the turn that begins each leg, and the stations passed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from geo.classes import RoadClass
from geo.network import Network
from geo.paths import Leg
from geo.stations import StationKind
from geo.travel import TravelGraph

StakeOf = Callable[[int, float], str]
"""Stake text of ``(segment row, metres from its first point)``, ``""`` where none is known."""

STRAIGHT_DEG, SLIGHT_DEG, SHARP_DEG, U_TURN_DEG = 25.0, 50.0, 120.0, 160.0
"""Changes of heading below which a turn is straight, slight, plain, sharp; above the last it is a U-turn."""

_JUNCTION = 3
_COMPASS = (
    ("北", "north"),
    ("东北", "north-east"),
    ("东", "east"),
    ("东南", "south-east"),
    ("南", "south"),
    ("西南", "south-west"),
    ("西", "west"),
    ("西北", "north-west"),
)


class Turn(StrEnum):
    """What the driver does where a leg begins."""

    DEPART = "depart"
    STRAIGHT = "straight"
    SLIGHT_LEFT = "slight_left"
    SLIGHT_RIGHT = "slight_right"
    LEFT = "left"
    RIGHT = "right"
    SHARP_LEFT = "sharp_left"
    SHARP_RIGHT = "sharp_right"
    U_TURN = "u_turn"
    STATION_TURN = "station_turn"
    ENTER = "enter_expressway"
    LEAVE = "leave_expressway"


TURN_WORDS: dict[Turn, tuple[str, str]] = {
    Turn.DEPART: ("出发", "depart"),
    Turn.STRAIGHT: ("直行", "go straight"),
    Turn.SLIGHT_LEFT: ("靠左", "keep left"),
    Turn.SLIGHT_RIGHT: ("靠右", "keep right"),
    Turn.LEFT: ("左转", "turn left"),
    Turn.RIGHT: ("右转", "turn right"),
    Turn.SHARP_LEFT: ("左后方转弯", "turn sharp left"),
    Turn.SHARP_RIGHT: ("右后方转弯", "turn sharp right"),
    Turn.U_TURN: ("掉头", "turn round"),
    Turn.STATION_TURN: ("在收费站掉头", "turn round at the toll station"),
    Turn.ENTER: ("驶入高速", "enter the expressway"),
    Turn.LEAVE: ("驶离高速", "leave the expressway"),
}


@dataclass(frozen=True, slots=True)
class RoadLeg:
    """A stretch of one road, driven in one go.

    Attributes
    ----------
    number
        From 1 within a sheet.
    turn
        What begins it.
    ref, name
        Number and name of the road; ``""`` where the map has none.
    kind, kind_en
        What to call it when it has neither: 匝道, 连接线, 服务区道路 or 无名道路.
    heading, heading_en
        Compass point from its first to its last place.
    length_m, time_s
        Driven metres and seconds.
    start_s
        When it begins, seconds since midnight.
    from_stake, to_stake
        Stakes at both ends, ``""`` where not known.
    stations
        Names of the toll stations passed on it.
    """

    number: int
    turn: Turn
    ref: str
    name: str
    kind: str
    kind_en: str
    heading: str
    heading_en: str
    length_m: float
    time_s: float
    start_s: float
    from_stake: str = ""
    to_stake: str = ""
    stations: tuple[str, ...] = ()

    @property
    def road(self) -> str:
        """Number and name of the road, or what kind of road it is."""
        return " ".join(part for part in (self.ref, self.name) if part) or self.kind

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        turn, turn_en = TURN_WORDS[self.turn]
        return {
            "number": self.number,
            "turn": str(self.turn),
            "turn_text": turn,
            "turn_text_en": turn_en,
            "road": self.road,
            "ref": self.ref,
            "name": self.name,
            "heading": self.heading,
            "heading_en": self.heading_en,
            "length_m": round(self.length_m, 3),
            "time_s": self.time_s,
            "start_s": self.start_s,
            "from_stake": self.from_stake,
            "to_stake": self.to_stake,
            "stations": list(self.stations),
        }


def no_stake(_segment: int, _offset_m: float) -> str:
    """Return no stake: none is known on this map."""
    return ""


def write_legs(
    graph: TravelGraph, legs: Sequence[Leg], *, start_s: float, first: int = 1, stake_of: StakeOf = no_stake
) -> tuple[RoadLeg, ...]:
    """Put a way into words: one numbered leg for each stretch of one road.

    Parameters
    ----------
    graph
        The travel graph.
    legs
        The way, in driving order.
    start_s
        When it begins, seconds since midnight.
    first
        Number of the first leg.
    stake_of
        Stake at a place of a segment.
    """
    network = graph.network
    degree = np.bincount(np.concatenate((network.segments.u, network.segments.v)), minlength=len(network.nodes))
    runs: list[tuple[Turn, list[Leg]]] = []
    pending: Turn | None = Turn.DEPART
    for k, leg in enumerate(legs):
        before = legs[k - 1] if k else None
        if leg.segment < 0:
            pending = Turn.STATION_TURN
            continue
        turn = pending or _turn(network, before, leg, degree)
        if turn is None:
            runs[-1][1].append(leg)
        else:
            runs.append((turn, [leg]))
        pending = None
    booths = {row: s.name or s.id for s in network.stations if s.kind != StationKind.GATE for row in s.booths}
    return tuple(
        _write(network, run, turn, number=number, start_s=start_s, stake_of=stake_of, booths=booths)
        for number, (turn, run) in enumerate(runs, first)
    )


def _write(
    network: Network,
    run: Sequence[Leg],
    turn: Turn,
    *,
    number: int,
    start_s: float,
    stake_of: StakeOf,
    booths: dict[int, str],
) -> RoadLeg:
    head, last = run[0], run[-1]
    heading, heading_en = _compass(place_at(network, head.segment, head.from_m), _end(network, run))
    kind, kind_en = _kind(network, head.segment)
    stations = dict.fromkeys(booths[leg.node] for leg in run if leg.node in booths)
    return RoadLeg(
        number,
        turn,
        network.text("ref", head.segment),
        network.text("name", head.segment),
        kind,
        kind_en,
        heading,
        heading_en,
        sum(abs(leg.to_m - leg.from_m) for leg in run),
        sum(leg.time_s for leg in run),
        start_s + head.start_s,
        stake_of(head.segment, head.from_m),
        stake_of(last.segment, last.to_m),
        tuple(stations),
    )


def _end(network: Network, run: Sequence[Leg]) -> tuple[float, float]:
    return place_at(network, run[-1].segment, run[-1].to_m)


def place_at(network: Network, segment: int, offset_m: float) -> tuple[float, float]:
    """Return ``(lon, lat)`` of a place on a segment, WGS-84 degrees."""
    points = network.points(segment)
    step = np.hypot(np.diff(points[:, 0]) * math.cos(math.radians(float(points[0, 1]))), np.diff(points[:, 1]))
    along = np.concatenate(([0.0], np.cumsum(step)))
    length_m = max(float(network.segments.length_m[segment]), 1e-9)
    at = along[-1] * min(max(offset_m / length_m, 0.0), 1.0)
    return float(np.interp(at, along, points[:, 0])), float(np.interp(at, along, points[:, 1]))


def _turn(network: Network, before: Leg | None, leg: Leg, degree: np.ndarray) -> Turn | None:
    """Return the turn between two pieces, or ``None`` where the road simply goes on."""
    if before is None or before.segment < 0:
        return Turn.DEPART
    angle = _change(_heading(network, before, at_end=True), _heading(network, leg, at_end=False))
    crossing = before.node >= 0 and degree[before.node] >= _JUNCTION
    if abs(angle) >= U_TURN_DEG and before.segment == leg.segment:
        return Turn.U_TURN
    fast, was_fast = (network.segment_class[k] <= RoadClass.MOTORWAY_LINK for k in (leg.segment, before.segment))
    if fast != was_fast:
        return Turn.ENTER if fast else Turn.LEAVE
    same = _road(network, before.segment) == _road(network, leg.segment)
    roundabout = network.text("junction", leg.segment) in {"roundabout", "circular"}
    if same and (abs(angle) < SLIGHT_DEG or not crossing or roundabout):
        return None
    return _word(angle)


def _word(angle: float) -> Turn:
    size, right = abs(angle), angle > 0
    if size < STRAIGHT_DEG:
        return Turn.STRAIGHT
    if size < SLIGHT_DEG:
        return Turn.SLIGHT_RIGHT if right else Turn.SLIGHT_LEFT
    if size < SHARP_DEG:
        return Turn.RIGHT if right else Turn.LEFT
    if size < U_TURN_DEG:
        return Turn.SHARP_RIGHT if right else Turn.SHARP_LEFT
    return Turn.U_TURN


def _road(network: Network, segment: int) -> tuple[str, str, int]:
    ref, name = network.text("ref", segment), network.text("name", segment)
    return (ref, name, -1) if ref or name else ("", "", int(network.segment_class[segment]))


def _kind(network: Network, segment: int) -> tuple[str, str]:
    road = network.segment_class[segment]
    if road <= RoadClass.MOTORWAY:
        return "高速公路", "expressway"
    if road == RoadClass.MOTORWAY_LINK:
        return "匝道", "ramp"
    if road == RoadClass.ORDINARY_LINK:
        return "连接线", "link road"
    if road == RoadClass.SERVICE:
        return "内部道路", "service road"
    return "无名道路", "unnamed road"


def _heading(network: Network, leg: Leg, *, at_end: bool) -> float:
    """Return the heading in degrees (0 north, 90 east) in which a piece begins or ends."""
    points = network.points(leg.segment)
    if leg.direction < 0:
        points = points[::-1]
    a, b = (points[-2], points[-1]) if at_end else (points[0], points[1])
    return _azimuth((float(a[0]), float(a[1])), (float(b[0]), float(b[1])))


def _azimuth(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.degrees(math.atan2(east, b[1] - a[1])) % 360.0


def _change(before: float, after: float) -> float:
    """Return the change of heading, -180 to 180 degrees, right positive."""
    return (after - before + 180.0) % 360.0 - 180.0


def _compass(a: tuple[float, float], b: tuple[float, float]) -> tuple[str, str]:
    return _COMPASS[round(_azimuth(a, b) / 45.0) % 8]
