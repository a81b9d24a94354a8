"""Breaks: every crew that is out over noon rests once, at a stop or at its post, within a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.errors import RoadseamError
from patrol.check import drive_ticks, is_feasible, latest_leave
from patrol.day import DayPlan, write_plan
from patrol.matrices import TICKS, Day
from patrol.reasons import find_impossible
from patrol.solver import Found, Routes, Search, find_routes
from patrol.targets import DAY_S


@dataclass(frozen=True, slots=True)
class Rest:
    """When and how long a crew rests.

    Attributes
    ----------
    length_s
        Seconds of rest.
    from_s, to_s
        It begins between these, seconds since midnight; a crew that is not out within them needs none.
    """

    length_s: float = 3600.0
    from_s: float = 11.0 * 3600
    to_s: float = 13.0 * 3600

    def __post_init__(self) -> None:
        if not (self.length_s > 0 and 0 <= self.from_s <= self.to_s <= DAY_S):
            msg = f"a rest has a length and begins between two times of one day, got {self}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Pause:
    """A break of one crew: it begins after ``after`` stops (0: at its post), seconds since midnight."""

    unit: str
    car: int
    after: int
    from_s: float
    to_s: float


@dataclass(frozen=True)
class RestedPlan:
    """A day with breaks: the plan, whose times make room for them, and one pause for each crew that needs one."""

    plan: DayPlan
    pauses: tuple[Pause, ...]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        pauses = [{name: getattr(pause, name) for name in Pause.__slots__} for pause in self.pauses]
        return self.plan.to_json() | {"breaks": pauses}


def plan_with_breaks(day: Day, search: Search, *, rest: Rest | None = None) -> RestedPlan:
    """Plan a day in which each crew that is out when it should rest does so.

    Routes are searched for a shift that is shorter by the rest; each rest is then put where the crew comes home
    first. A task that leaves no room for the rest goes to another crew or is left out.

    Parameters
    ----------
    day
        The numbers of the day.
    search
        Iterations, seed and callbacks.
    rest
        Length and window of the rest.
    """
    rest = Rest() if rest is None else rest
    impossible = find_impossible(day)
    wanted = [j for j in range(len(day.targets)) if j not in impossible]
    return RestedPlan(*put_rests(write_plan(day, find_rested(day, wanted, search, rest=rest), search), rest))


def find_rested(day: Day, wanted: Sequence[int], search: Search, *, rest: Rest) -> Found:
    """Find routes each of which leaves room for the rest; parameters as for ``patrol.solver.find_routes``."""
    short = shorten_for(day, rest)
    found = find_routes(short, [j for j in wanted if j not in find_impossible(short)], search)
    return replace(found, routes=insert_rested(day, [_trim(day, r, rest) for r in found.routes], wanted, rest=rest))


def shorten_for(day: Day, rest: Rest) -> Day:
    """Return the day with a shift that is shorter by the rest."""
    length = round(rest.length_s * TICKS)
    whole = day.end - day.begin if day.longest is None else day.longest
    return replace(day, end=max(day.begin, day.end - length), longest=max(0, whole - length))


def has_room(day: Day, i: int, stops: Sequence[int], *, rest: Rest) -> bool:
    """Return whether a unit can drive a route and rest on it."""
    return is_feasible(day, i, stops) and _time_with_rest(day, i, stops, rest) is not None


def start_times(day: Day, i: int, stops: Sequence[int], *, rest: Rest) -> list[int]:
    """Return when work begins at each stop of a route with its rest, ticks; the route must leave room for it."""
    timed = _time_with_rest(day, i, stops, rest)
    return [] if timed is None else [start for _, start, _ in timed.stops]


@dataclass(frozen=True, slots=True)
class _Timed:
    """One route with its times, ticks: begin of the rest (-1: none needed) after some stops, and of each stop."""

    after: int
    rest_at: int
    leave: int
    home: int
    stops: tuple[tuple[int, int, int], ...]


def _time_with_rest(day: Day, i: int, stops: Sequence[int], rest: Rest) -> _Timed | None:
    """Return the times that bring a crew home first, rest included; ``None`` where no place leaves room."""
    length, low, high = (round(s * TICKS) for s in (rest.length_s, rest.from_s, rest.to_s))
    longest = day.end - day.begin if day.longest is None else day.longest
    late = latest_leave(day, i, stops)
    plain = _run(day, i, stops, leave=late)
    if plain is None or (plain.home > day.end or plain.home - plain.leave > longest):
        return None
    if plain.home <= low or plain.leave >= high:
        return plain
    options = []
    for after in range(len(stops) + 1):
        for leave in {day.ready_at(i), late} if after else {late}:
            timed = _run(day, i, stops, leave=leave, rest=(after, low, high, length))
            if timed is not None and timed.home <= day.end and timed.home - timed.leave <= longest:
                options.append((timed.home, timed.home - timed.leave, after, timed))
    return min(options, key=lambda option: option[:3])[3] if options else None


def _run(
    day: Day, i: int, stops: Sequence[int], *, leave: int, rest: tuple[int, int, int, int] = (-1, 0, 0, 0)
) -> _Timed | None:
    """Drive a route with a rest ``(after, low, high, length)``; ``None`` where a window is missed."""
    after, low, high, length = rest
    m, clock, at, begin, times = len(day.units), leave, i, -1, []
    for k in range(len(stops) + 1):
        if k == after:
            begin = max(clock if k else day.ready_at(i), low)
            clock = begin + length if k else max(leave, begin + length)
            leave = leave if k else clock
        if k < len(stops):
            j = stops[k]
            arrive = clock + int(day.table(i)[at, m + j])
            start = max(arrive, int(day.early[j]))
            if start > day.late[j]:
                return None
            clock, at = start + int(day.service[j]), m + j
            times.append((arrive, start, clock))
    if begin > high:
        return None
    return _Timed(after, begin, leave, clock + int(day.table(i)[at, i]), tuple(times))


def _trim(day: Day, route: tuple[int, list[int]], rest: Rest) -> tuple[int, list[int]]:
    """Take stops off a route until it leaves room, each time the one that saves most driving."""
    i, stops = route[0], list(route[1])
    while stops and _time_with_rest(day, i, stops, rest) is None:
        cheaper = [
            (drive_ticks(day, i, [*stops[:k], *stops[k + 1 :]]) if len(stops) > 1 else 0, k) for k in range(len(stops))
        ]
        stops.pop(min(cheaper)[1])
    return i, stops


def insert_rested(day: Day, routes: Routes, wanted: Sequence[int], *, rest: Rest) -> Routes:
    """Insert every wanted task that no route holds where it still leaves room for the rest, at its cheapest place."""
    result = [(i, list(stops)) for i, stops in routes if stops]
    served = {day.task_of(j) for _, stops in result for j in stops}
    for j in wanted:
        if day.task_of(j) in served:
            continue
        used = [i for i, _ in result]
        spare: Routes = [(i, []) for i, u in enumerate(day.units) if used.count(i) < u.available]
        options = [
            (
                drive_ticks(day, i, [*stops[:at], j, *stops[at:]]) - (drive_ticks(day, i, stops) if stops else 0),
                number,
                at,
            )
            for number, (i, stops) in enumerate([*result, *spare])
            for at in range(len(stops) + 1)
            if day.allowed[i, j] and has_room(day, i, [*stops[:at], j, *stops[at:]], rest=rest)
        ]
        if options:
            _, number, at = min(options)
            if number >= len(result):
                result.append((spare[number - len(result)][0], [j]))
            else:
                result[number][1].insert(at, j)
            served.add(day.task_of(j))
    return sorted(result, key=lambda route: (route[0], route[1]))


def put_rests(plan: DayPlan, rest: Rest) -> tuple[DayPlan, tuple[Pause, ...]]:
    """Put the pauses into the times of a plan whose routes leave room for them.

    Raises
    ------
    RoadseamError
        Where a route leaves none.
    """
    day, length = plan.day, round(rest.length_s * TICKS)
    unit = {u.id: i for i, u in enumerate(day.units)}
    routes, pauses = [], []
    for route in plan.routes:
        timed = _time_with_rest(day, unit[route.unit], [stop.row for stop in route.stops], rest)
        if timed is None:
            raise RoadseamError(f"the plan did not pass its check: unit {route.unit} has no room for its rest")
        stops = tuple(
            replace(stop, arrive_s=a / TICKS, start_s=b / TICKS, depart_s=c / TICKS)
            for stop, (a, b, c) in zip(route.stops, timed.stops, strict=True)
        )
        out, inside = timed.home - timed.leave, length if timed.rest_at >= 0 and timed.after else 0
        wait_s = (out - inside) / TICKS - route.drive_s - route.work_s
        pause = (timed.rest_at / TICKS, (timed.rest_at + length) / TICKS)
        if timed.rest_at >= 0:
            pauses.append(Pause(route.unit, route.car, timed.after, *pause))
        routes.append(
            replace(
                route,
                stops=stops,
                leave_s=timed.leave / TICKS,
                return_s=timed.home / TICKS,
                wait_s=max(0.0, wait_s),
                pauses=(pause,) if inside else (),
            )
        )
    return replace(plan, routes=tuple(routes)), tuple(pauses)
