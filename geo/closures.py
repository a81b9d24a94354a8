"""Closures, works and slow-downs: where, in which direction, when, how much slower; one mechanism for every question.

A closure names roads (segment ids, ways ``w<id>``, numbers, names) or is drawn (point and radius, line, area). It
holds between two moments, during some hours of some days, or always. Whole segments are concerned: whoever needs less
cuts the network first. Times are the local time of the roads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.errors import InputError
from geo.findings import Finding, Severity

if TYPE_CHECKING:
    from geo.network import Network
    from geo.travel import Floats, TravelGraph

CLOSED = float("inf")
"""Factor of a closed road."""
RADIUS_M = 15.0
"""How far a drawn closure reaches to either side where it states no radius (our assumption: one carriageway)."""
DIRECTIONS = ("both", "forward", "backward", "north", "east", "south", "west")
"""Both ways, along or against the mapped way, or by the heading of travel."""
EVERY_DAY = frozenset(range(7))
DAY_MIN = 1440
_LOCAL = timezone(timedelta(hours=8))
_COMPASS = {"east": (1.0, 0.0), "north": (0.0, 1.0), "west": (-1.0, 0.0), "south": (0.0, -1.0)}
_ALONG = 0.5

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Closure:
    """A closure, works or a slow-down.

    Attributes
    ----------
    id
        Unique in a table.
    roads
        Segment ids, ways ``w<id>``, numbers or names of roads; all their segments are concerned.
    line
        What was drawn, WGS-84 degrees: one place, a line, or with ``is_area`` a closed ring.
    radius_m
        How far the drawing reaches to either side, metres.
    is_area
        Whether ``line`` is the outline of an area.
    direction
        One of ``DIRECTIONS``.
    start, end
        From this moment up to, not including, that one; None for open.
    from_min, to_min
        Minutes since midnight; a window whose end is not after its begin runs past midnight and belongs to the
        day on which it begins. 0 to 1440 is the whole day.
    days
        Days of the week on which the window begins, 0 is Monday.
    factor
        How many times longer the road takes; ``CLOSED`` for a closed road.
    speed_kmh
        Speed that is left instead of a factor, None where the factor says it; faster than before it is not.
    reason, source
        Words for people.
    """

    id: str
    roads: tuple[str, ...] = ()
    line: tuple[Place, ...] = ()
    radius_m: float = RADIUS_M
    is_area: bool = False
    direction: str = "both"
    start: datetime | None = None
    end: datetime | None = None
    from_min: int = 0
    to_min: int = DAY_MIN
    days: frozenset[int] = EVERY_DAY
    factor: float = CLOSED
    speed_kmh: float | None = None
    reason: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse what no closure can be."""
        faults = (
            (bool(self.id.strip()), "没有编号", "it has no id"),
            (bool(self.roads or self.line), "没有指明道路或位置", "it names no road and no place"),
            (self.direction in DIRECTIONS, "方向不认识", "its direction is unknown"),
            (self.factor >= 1, "倍数应不小于 1", "its factor is below 1"),
            (self.speed_kmh is None or self.speed_kmh > 0, "速度应为正数", "its speed is not positive"),
            (0 < self.radius_m <= 50_000, "半径应为 0 到 50 公里", "its radius is not within 50 km"),  # noqa: PLR2004
            (bool(self.days) and self.days <= EVERY_DAY, "没有适用的日子", "it holds on no day of the week"),
            (
                self.start is None or self.end is None or self.start < self.end,
                "结束时间不在开始时间之后",
                "it ends before it begins",
            ),
        )
        for holds, chinese, english in faults:
            if not holds:
                name = self.id[:40] or "—"
                raise InputError(f"封闭 {name}：{chinese}，请改正。 / closure {name}: {english}; correct it.")

    @property
    def is_timed(self) -> bool:
        """Whether it holds at some times only."""
        every_minute = self.from_min == 0 and self.to_min == DAY_MIN and self.days == EVERY_DAY
        return not (every_minute and self.start is None and self.end is None)

    def holds_at(self, at: datetime | None) -> bool:
        """Return whether it holds at a local moment; without one, whether it always holds."""
        if at is None:
            return not self.is_timed
        at = to_local(at)
        if (self.start is not None and at < self.start) or (self.end is not None and at >= self.end):
            return False
        minute, today, before = at.hour * 60 + at.minute, at.weekday(), (at.weekday() - 1) % 7
        if self.from_min < self.to_min:
            return today in self.days and self.from_min <= minute < self.to_min
        return (today in self.days and minute >= self.from_min) or (before in self.days and minute < self.to_min)


def to_local(moment: datetime) -> datetime:
    """Return a moment without a zone: one with a zone is turned into China's (UTC+8), the others are local already."""
    return moment if moment.tzinfo is None else moment.astimezone(_LOCAL).replace(tzinfo=None)


def read_moment(text: str) -> datetime:
    """Read a moment such as ``2026-11-25T08:00`` or ``2026-11-25 8:00``; a day alone is its midnight.

    Raises
    ------
    InputError
        The text is no moment.
    """
    plain = text.strip().replace("：", ":").replace("/", "-").replace(" ", "T")
    day, mark, clock = plain.partition("T")
    if mark and clock[1:2] == ":":
        plain = f"{day}T0{clock}"
    try:
        return to_local(datetime.fromisoformat(plain))
    except ValueError:
        raise InputError(
            f"“{text[:30]}”不是时刻，请写成 2026-11-25T08:00。 / this is no moment: write it like 2026-11-25T08:00."
        ) from None


@dataclass(frozen=True)
class Effect:
    """What holds on a network at one moment.

    Attributes
    ----------
    active
        Ids of the closures that hold, sorted.
    factor
        float64 (2 * segments,): how many times longer each arc takes, ``CLOSED`` for a closed one.
    findings
        Closures that concern no road of this network.
    """

    active: tuple[str, ...]
    factor: Floats
    findings: tuple[Finding, ...] = ()

    @property
    def closed_arcs(self) -> list[int]:
        """Arcs that are closed, ascending."""
        return [int(k) for k in np.flatnonzero(np.isinf(self.factor))]

    @property
    def slow_arcs(self) -> dict[int, float]:
        """Arc to factor where a road is slower, ascending."""
        rows = np.flatnonzero(np.isfinite(self.factor) & (self.factor > 1))
        return {int(k): float(self.factor[k]) for k in rows}

    def to_json(self, network: Network) -> dict[str, Any]:
        """Return plain JSON values: metres of directed road closed and slowed."""
        metres = np.repeat(network.segments.length_m, 2)
        open_ways = np.column_stack((network.forward, network.backward)).ravel()
        closed, slow = np.isinf(self.factor) & open_ways, np.isfinite(self.factor) & (self.factor > 1) & open_ways
        return {
            "active": list(self.active),
            "closed_m": round(float(metres[closed].sum()), 3),
            "slowed_m": round(float(metres[slow].sum()), 3),
            "segments": [network.segment_ids[k] for k in np.flatnonzero(closed.reshape(-1, 2).any(axis=1))[:200]],
            "findings": [finding.to_json() for finding in self.findings],
        }


def find_effect(
    network: Network, closures: Sequence[Closure], *, at: datetime | None = None, speeds: Floats | None = None
) -> Effect:
    """Work out what closures do to a network at a moment; of several on one arc the slowest holds.

    Parameters
    ----------
    network
        The network.
    closures
        Closures, works and slow-downs.
    at
        Local moment; without it only those that always hold count.
    speeds
        float64 (segments,), km/h, for closures that state a speed; read from the network by default.
    """
    factor = np.ones(2 * len(network.segments))
    held = sorted((c for c in closures if c.holds_at(at)), key=lambda c: c.id)
    lost = []
    for closure in held:
        arcs = find_arcs(network, closure)
        if not len(arcs):
            lost.append(closure)
            continue
        if closure.speed_kmh is None:
            slower = np.full(len(arcs), closure.factor)
        else:
            from geo.speeds import read_speeds

            kmh = read_speeds(network).kmh if speeds is None else speeds
            slower = np.maximum(1.0, kmh[arcs // 2] / closure.speed_kmh)
        factor[arcs] = np.maximum(factor[arcs], slower)
    findings = (_tell_lost(lost),) if lost else ()
    return Effect(tuple(c.id for c in held), factor, findings)


def graph_at(
    network: Network, closures: Sequence[Closure] = (), *, at: datetime | None = None, speeds: Floats | None = None
) -> TravelGraph:
    """Build the travel graph of a network as it is at a moment; arguments as in ``find_effect``."""
    from geo.travel import build_travel_graph

    effect = find_effect(network, closures, at=at, speeds=speeds)
    return build_travel_graph(network, speeds=speeds, closed_arcs=effect.closed_arcs, slow_arcs=effect.slow_arcs)


def find_arcs(network: Network, closure: Closure) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the arcs a closure concerns, int64, ascending: ``2 * segment`` along the way, one more against it."""
    rows = find_segments(network, closure)
    arcs: np.ndarray[tuple[int], np.dtype[np.int64]] = np.sort(np.concatenate((2 * rows, 2 * rows + 1)))
    if closure.direction == "both":
        return arcs
    if closure.direction in {"forward", "backward"}:
        return np.asarray(arcs[arcs % 2 == (closure.direction == "backward")], dtype=np.int64)
    first, last = network.segments.u[arcs // 2], network.segments.v[arcs // 2]
    lon, lat = network.nodes.lon, network.nodes.lat
    sign = np.where(arcs % 2 == 0, 1.0, -1.0)
    east = (lon[last] - lon[first]) * np.cos(np.radians(lat[first])) * sign
    north = (lat[last] - lat[first]) * sign
    x, y = _COMPASS[closure.direction]
    towards = (east * x + north * y) > _ALONG * np.hypot(east, north)
    return np.asarray(arcs[towards], dtype=np.int64)


def find_segments(network: Network, closure: Closure) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the rows of the segments a closure names or covers, int64, ascending."""
    rows: set[int] = set()
    for road in closure.roads:
        rows.update(rows_of_road(network, road))
    if closure.line:
        from geo.closuredrawing import covered_rows

        rows.update(covered_rows(network, closure.line, radius_m=closure.radius_m, is_area=closure.is_area))
    return np.array(sorted(rows), dtype=np.int64)


def rows_of_road(network: Network, road: str) -> list[int]:
    """Return the segments of a segment id, a way ``w<id>``, or a number or name of a road; none where it is unknown."""
    if road in network.row_of_segment:
        return [network.row_of_segment[road]]
    ways = network.ways
    wanted = ways.text["ref"].where(lambda ref: road in ref.split(";")) | ways.text["name"].where({road})
    if road[:1] == "w" and road[1:].isdecimal() and len(road) < 20:  # noqa: PLR2004 - a 64-bit number
        wanted |= ways.id == int(road[1:])
    return [int(k) for k in np.flatnonzero(wanted[network.segments.way])]


def _tell_lost(lost: Sequence[Closure]) -> Finding:
    listed = "、".join(c.id[:20] for c in lost[:5])
    places = tuple(c.line[0] for c in lost if c.line)
    return Finding(
        "closure_off_map",
        Severity.WARNING,
        len(lost),
        f"{len(lost)} 条封闭或施工在本路网上找不到对应道路（{listed}），未起作用，请核对道路编号、方向和位置。",
        f"{len(lost)} closures concern no road of this network ({listed}) and change nothing: check roads and places.",
        places=places[:50],
        things=tuple(c.id for c in lost[:50]),
    )
