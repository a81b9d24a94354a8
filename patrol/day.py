"""One inspection day: a route for every crew, a reason for every target left out, a bound and a gap."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from geo.errors import RoadseamError
from geo.paths import Leg, path
from geo.snapping import SnapIndex
from geo.travel import TravelGraph
from patrol.bound import BOUND, bound_driving
from patrol.check import check_routes, drive_ticks, latest_leave
from patrol.matrices import TICKS, Day, measure_day
from patrol.reasons import LeftOut, explain_capacity, find_impossible
from patrol.solver import Found, Search, find_routes
from patrol.targets import Target
from patrol.units import Unit

DAY_START_S = 8 * 3600.0
"""A shift starts at 08:00 unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One target on a route; times are seconds since midnight.

    Attributes
    ----------
    target
        Target id.
    lon, lat
        WGS-84 degrees, as given.
    arrive_s, start_s, depart_s
        When the crew arrives, begins work and leaves.
    row
        Its row in ``Day.targets``, -1 where not known.
    """

    target: str
    lon: float
    lat: float
    arrive_s: float
    start_s: float
    depart_s: float
    row: int = -1

    def __post_init__(self) -> None:
        if not self.arrive_s <= self.start_s <= self.depart_s:
            msg = f"a crew arrives, works and leaves in this order, got {self}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Route:
    """The day of one crew, post to post.

    Attributes
    ----------
    unit, agency
        The unit and its agency.
    car
        Which car of the unit, from 1.
    stops
        In driving order, at least one.
    leave_s, return_s
        When it leaves its post and is back, seconds since midnight; it leaves as late as it can without
        coming home later.
    drive_s, work_s, wait_s
        Seconds of driving, work and waiting.
    pauses
        Breaks on the way as begin and end, seconds since midnight.
    """

    unit: str
    agency: str
    car: int
    stops: tuple[Stop, ...]
    leave_s: float
    return_s: float
    drive_s: float
    work_s: float
    wait_s: float
    pauses: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class DayPlan:
    """A plan for one day.

    Attributes
    ----------
    routes
        Sorted by unit id.
    left_out
        Targets nobody serves, sorted by id, each with a reason.
    drive_s, work_s
        Sums over all routes, seconds.
    bound_s
        No plan that serves the same targets drives less, seconds.
    bound_name
        Which bound: the assignment relaxation.
    gap
        ``(drive_s - bound_s) / bound_s``; 0 where nothing is driven, ``None`` where the bound is 0.
    cancelled
        Whether the search was stopped early; the plan is the best until then.
    iterations, seed
        What reproduces the plan.
    day
        The numbers it was made from.
    """

    routes: tuple[Route, ...]
    left_out: tuple[LeftOut, ...]
    drive_s: float
    work_s: float
    bound_s: float
    bound_name: str
    gap: float | None
    cancelled: bool
    iterations: int
    seed: int
    day: Day

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values; times in seconds, clock times in seconds since midnight."""
        return {
            "routes": [route_json(route) for route in self.routes],
            "left_out": [item.to_json() for item in self.left_out],
            "drive_s": self.drive_s,
            "work_s": self.work_s,
            "bound": self.bound_s,
            "bound_name": self.bound_name,
            "gap": None if self.gap is None else round(self.gap, 6),
            "cancelled": self.cancelled,
            "iterations": self.iterations,
            "seed": self.seed,
        }


def route_json(route: Route) -> dict[str, Any]:
    """Return one route as plain JSON values."""
    return {
        "unit": route.unit,
        "agency": route.agency,
        "car": route.car,
        "leave_s": route.leave_s,
        "return_s": route.return_s,
        "stops": [
            {
                "task": stop.target,
                "lon": stop.lon,
                "lat": stop.lat,
                "arrive_s": stop.arrive_s,
                "start_s": stop.start_s,
                "depart_s": stop.depart_s,
            }
            for stop in route.stops
        ],
        "pauses": [{"from_s": begin, "to_s": end} for begin, end in route.pauses],
        "drive_s": route.drive_s,
        "work_s": route.work_s,
        "wait_s": route.wait_s,
    }


def plan_day(
    graph: TravelGraph,
    units: Sequence[Unit],
    targets: Sequence[Target],
    *,
    shift_h: float,
    owner_of_segment: Sequence[str],
    start_s: float = DAY_START_S,
    search: Search | None = None,
    index: SnapIndex | None = None,
) -> DayPlan:
    """Plan one inspection day.

    Parameters
    ----------
    graph
        The travel graph.
    units
        Units; each available car is a crew that starts and ends at the unit's post.
    targets
        Targets; each is served once, by a crew with authority, or left out with a reason.
    shift_h
        Hours from the start of the shift until every crew is back.
    owner_of_segment
        Owner label of each segment: ``expressway``, ``ordinary``, an agency id, or none.
    start_s
        Start of the shift, seconds since midnight.
    search
        Iteration limit, seed, progress and cancel.
    index
        A search tree built before.

    Returns
    -------
    DayPlan
        Checked independently of the solver.

    Raises
    ------
    InputError
        Where the inputs do not make a day.
    CancelledError
        Where the search was stopped before it had a plan.
    """
    search = Search() if search is None else search
    day = measure_day(
        graph,
        units,
        targets,
        shift_h=shift_h,
        start_s=start_s,
        owner_of_segment=owner_of_segment,
        index=index,
    )
    return plan_measured(day, search)


def plan_measured(day: Day, search: Search) -> DayPlan:
    """Plan one day from its numbers; see ``plan_day``."""
    impossible = find_impossible(day)
    wanted = [j for j in range(len(day.targets)) if j not in impossible]
    return write_plan(day, find_routes(day, wanted, search), search)


def write_plan(day: Day, found: Found, search: Search, *, known: Mapping[int, LeftOut] | None = None) -> DayPlan:
    """Check routes, put times on them, give each task left out its reason, and bound the driving.

    Parameters
    ----------
    day
        The numbers of the day.
    found
        The routes.
    search
        What they were searched with.
    known
        Reasons known to the caller, by position in ``day.targets``.

    Raises
    ------
    RoadseamError
        Where the routes break a rule.
    """
    served = {j for _, stops in found.routes for j in stops}
    reasons = _give_reasons(day, served, known or {})
    wrong = check_routes(day, found.routes, sorted(reasons))
    if wrong:
        raise RoadseamError(f"the plan did not pass its check: {wrong[0]}; please report this with the input files")
    drive = sum(drive_ticks(day, i, stops) for i, stops in found.routes)
    bound = bound_driving(day, sorted(served))
    cars = [sum(1 for k, _ in found.routes[:number] if k == i) + 1 for number, (i, _) in enumerate(found.routes)]
    routes = [time_route(day, i, stops, car=car) for car, (i, stops) in zip(cars, found.routes, strict=True)]
    return DayPlan(
        tuple(routes),
        tuple(reasons[j] for j in sorted(reasons)),
        drive / TICKS,
        sum(route.work_s for route in routes),
        bound / TICKS,
        BOUND,
        gap_of(drive, bound),
        found.cancelled,
        found.iterations,
        search.seed,
        day,
    )


def trace_route(graph: TravelGraph, plan: DayPlan, route: Route) -> tuple[tuple[Leg, ...], ...]:
    """Return the way of one route: one tuple of legs to each stop, and one back to the post."""
    day = plan.day
    unit = [u.id for u in day.units].index(route.unit)
    row = {target.id: j for j, target in enumerate(day.targets)}
    stops = [stop.row if stop.row >= 0 else row[stop.target] for stop in route.stops]
    rows = [unit, *(len(day.units) + j for j in stops), unit]
    return tuple(path(graph, day.exits.take([a]), day.places.take([b])) for a, b in pairwise(rows))


def _give_reasons(day: Day, served: Collection[int], known: Mapping[int, LeftOut]) -> dict[int, LeftOut]:
    """Return one reason a task left out, by the position of its first way."""
    tasks = {day.task_of(j) for j in served}
    impossible = find_impossible(day)
    reasons: dict[int, LeftOut] = {}
    ways: dict[int, list[int]] = {}
    for j in range(len(day.targets)):
        ways.setdefault(day.task_of(j), []).append(j)
    for task, modes in ways.items():
        if task in tasks:
            continue
        told = [known[j] for j in modes if j in known]
        alone = [impossible[j] for j in modes if j in impossible]
        possible = len(alone) < len(modes)
        reasons[modes[0]] = told[0] if told else explain_capacity(day, modes[0]) if possible else alone[0]
    return reasons


def gap_of(drive: int, bound: int) -> float | None:
    """Return how far driving lies above a bound, as a share of it; ``None`` where the bound is 0."""
    if drive == bound:
        return 0.0
    return (drive - bound) / bound if bound else None


def time_route(day: Day, i: int, stops: Sequence[int], *, car: int = 1) -> Route:
    """Put clock times on a route; the crew waits at its post rather than on the road."""
    leave = latest_leave(day, i, stops)
    clock, at, waited = leave, i, 0
    made = []
    for j in stops:
        place, target = len(day.units) + j, day.targets[j]
        arrive = clock + int(day.table(i)[at, place])
        start = max(arrive, int(day.early[j]))
        clock, at, waited = start + int(day.service[j]), place, waited + start - arrive
        made.append(Stop(target.id, target.lon, target.lat, arrive / TICKS, start / TICKS, clock / TICKS, j))
    return Route(
        day.units[i].id,
        day.units[i].agency,
        car,
        tuple(made),
        leave / TICKS,
        (clock + int(day.table(i)[at, i])) / TICKS,
        drive_ticks(day, i, stops) / TICKS,
        sum(int(day.service[j]) for j in stops) / TICKS,
        waited / TICKS,
    )
