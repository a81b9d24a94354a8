"""What a crew takes along: its timetable, numbered legs, the fields of its patrol record, and the bars of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from geo.paths import Leg
from geo.travel import TravelGraph
from patrol.day import DayPlan, Route, Stop, trace_route
from patrol.matrices import Day
from patrol.roadlegs import RoadLeg, StakeOf, no_stake, write_legs
from patrol.targets import Target

BLOCKS = ("drive", "wait", "work", "break")
"""Kinds of blocks of a timetable, in which a crew's day is cut without gaps."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a timetable.

    Attributes
    ----------
    kind
        ``drive``, ``wait``, ``work`` or ``break``.
    from_s, to_s
        Seconds since midnight.
    task
        Target driven to, waited for or worked at; ``""`` on the way home.
    """

    kind: str
    from_s: float
    to_s: float
    task: str

    def __post_init__(self) -> None:
        if self.kind not in BLOCKS or self.from_s > self.to_s:
            msg = f"a block is one of {BLOCKS} and ends after it begins, got {self}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of a 巡查记录 for one task; what the crew sees on site stays empty.

    Attributes
    ----------
    task
        Target id.
    start_s, end_s
        When work begins and ends, seconds since midnight.
    category
        Kind of inspection.
    type
        ``日常巡查`` unless told otherwise.
    road_number, road_name
        Number and name of the road.
    direction
        Compass point in which the crew drives there.
    from_stake, to_stake
        Kilometre and metre at both ends, ``""`` where not known.
    length_m
        Inspected metres; 0 for a place.
    weather, abnormal, disposal, officers, plate
        For the crew to fill in.
    """

    task: str
    start_s: float
    end_s: float
    category: str
    type: str
    road_number: str
    road_name: str
    direction: str
    from_stake: str
    to_stake: str
    length_m: float
    weather: str = ""
    abnormal: str = ""
    disposal: str = ""
    officers: str = ""
    plate: str = ""

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class CrewSheet:
    """The sheet of one crew.

    Attributes
    ----------
    unit, agency, car
        The crew.
    leave_s, return_s
        Seconds since midnight.
    blocks
        Its timetable, without gaps from leaving to being back.
    legs
        For each stop the numbered legs that lead there and those driven as work; last the way home.
    records
        One for each task.
    length_m
        Metres driven.
    """

    unit: str
    agency: str
    car: int
    leave_s: float
    return_s: float
    blocks: tuple[Block, ...]
    legs: tuple[tuple[RoadLeg, ...], ...]
    records: tuple[Record, ...]
    length_m: float

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "unit": self.unit,
            "agency": self.agency,
            "car": self.car,
            "leave_s": self.leave_s,
            "return_s": self.return_s,
            "timetable": [{"kind": b.kind, "from_s": b.from_s, "to_s": b.to_s, "task": b.task} for b in self.blocks],
            "legs": [[leg.to_json() for leg in legs] for legs in self.legs],
            "records": [record.to_json() for record in self.records],
            "length_m": round(self.length_m, 3),
        }


def make_sheets(graph: TravelGraph, plan: DayPlan, *, stake_of: StakeOf = no_stake) -> tuple[CrewSheet, ...]:
    """Return the sheet of each crew, in the order of the plan's routes.

    Parameters
    ----------
    graph
        The travel graph the plan was made on.
    plan
        The plan of the day.
    stake_of
        Stake at a place of a segment; none by default.
    """
    return tuple(_make_sheet(graph, plan, route, stake_of) for route in plan.routes)


def gantt(plan: DayPlan) -> list[dict[str, object]]:
    """Return the bars of a chart: crew, kind, begin, end and task of every block, as plain JSON values."""
    return [
        {
            "unit": route.unit,
            "car": route.car,
            "kind": block.kind,
            "from_s": block.from_s,
            "to_s": block.to_s,
            "task": block.task,
        }
        for route in plan.routes
        for block in cut_blocks(route)
    ]


def cut_blocks(route: Route) -> tuple[Block, ...]:
    """Return a route as blocks without gaps; blocks of no length are left out."""
    clock, made = route.leave_s, list[Block]()
    pauses = sorted(route.pauses)
    for stop in route.stops:
        clock = _rest(made, clock, pauses, stop.arrive_s)
        made += [
            Block("drive", clock, stop.arrive_s, stop.target),
            Block("wait", stop.arrive_s, stop.start_s, stop.target),
            Block("work", stop.start_s, stop.depart_s, stop.target),
        ]
        clock = stop.depart_s
    clock = _rest(made, clock, pauses, route.return_s)
    made.append(Block("drive", clock, route.return_s, ""))
    return tuple(block for block in made if block.to_s > block.from_s)


def _rest(made: list[Block], clock: float, pauses: Sequence[tuple[float, float]], before_s: float) -> float:
    """Add the breaks between a moment and the next arrival; return when the crew drives on."""
    for begin, end in pauses:
        if clock <= begin and end <= before_s:
            made += [Block("wait", clock, begin, ""), Block("break", begin, end, "")]
            clock = end
    return clock


def work_legs(graph: TravelGraph, day: Day, stop: Stop) -> tuple[Leg, ...]:
    """Return the segments a crew drives as its work at a stop; none at a place."""
    if not day.arcs or stop.row < 0:
        return ()
    arcs = day.arcs[stop.row]
    times = [float(graph.arc_ms[arc]) / 1000.0 for arc in arcs]
    starts = [0.0, *accumulate(times)]
    made = []
    for arc, start, time in zip(arcs, starts, times, strict=False):
        length = float(graph.network.segments.length_m[arc >> 1])
        low, high = (length, 0.0) if arc & 1 else (0.0, length)
        made.append(Leg(arc >> 1, -1 if arc & 1 else 1, low, high, start, time, int(graph.head[arc])))
    return tuple(made)


def _make_sheet(graph: TravelGraph, plan: DayPlan, route: Route, stake_of: StakeOf) -> CrewSheet:
    by_id = {target.id: target for target in plan.day.targets}
    made: list[tuple[RoadLeg, ...]] = []
    records, number, clock, length = [], 1, route.leave_s, 0.0
    for k, way in enumerate(trace_route(graph, plan, route)):
        legs = write_legs(graph, way, start_s=clock, first=number, stake_of=stake_of)
        number += len(legs)
        length += _length(way)
        if k < len(route.stops):
            stop = route.stops[k]
            driven = work_legs(graph, plan.day, stop)
            work = write_legs(graph, driven, start_s=stop.start_s, first=number, stake_of=stake_of)
            number += len(work)
            length += _length(driven)
            target = by_id[stop.target]
            records.append(_record(graph, plan.day, stop, target=target, legs=(legs, work), stake_of=stake_of))
            legs, clock = (*legs, *work), stop.depart_s
        made.append(legs)
    return CrewSheet(
        route.unit,
        route.agency,
        route.car,
        route.leave_s,
        route.return_s,
        cut_blocks(route),
        tuple(made),
        tuple(records),
        length,
    )


def _length(legs: Sequence[Leg]) -> float:
    return sum(abs(leg.to_m - leg.from_m) for leg in legs)


def _record(
    graph: TravelGraph,
    day: Day,
    stop: Stop,
    *,
    target: Target,
    legs: tuple[tuple[RoadLeg, ...], tuple[RoadLeg, ...]],
    stake_of: StakeOf,
) -> Record:
    there, work = legs
    network = graph.network
    row = len(day.units) + stop.row
    segment, offset = int(day.places.segment[row]), float(day.places.offset_m[row])
    at = stake_of(segment, offset)
    heading = (work or there)[0 if work else -1].heading if work or there else ""
    return Record(
        stop.target,
        stop.start_s,
        stop.depart_s,
        target.kind,
        "日常巡查",
        network.text("ref", segment),
        network.text("name", segment),
        heading,
        work[0].from_stake if work else at,
        work[-1].to_stake if work else at,
        round(sum(leg.length_m for leg in work), 3),
    )
