"""A crew drops out: what has been driven stays driven, the others take over what they can."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import InputError
from geo.snapping import Snapped
from geo.travel import TravelGraph
from patrol.breaks import Rest
from patrol.day import DayPlan, Route, Stop, route_json, trace_route, write_plan
from patrol.joint import no_common_time
from patrol.matrices import TICKS, Day, join_places, measure_travel
from patrol.pairs import pairs_of
from patrol.reasons import LeftOut, find_impossible
from patrol.roadlegs import place_at
from patrol.solver import Found, Routes, Search
from patrol.timing import Timing
from patrol.units import Unit


@dataclass(frozen=True, slots=True)
class Moved:
    """A task that another crew does now: its id, the crew before and the crew after."""

    task: str
    before: str
    after: str


@dataclass(frozen=True)
class Replanned:
    """A day after a crew dropped out.

    Attributes
    ----------
    kept
        What has been driven at that moment: each crew's finished stops, the work others are at included.
    rest
        The plan from then on; crews start where they are. A car of a unit with several is called ``unit#car``.
    moved
        Tasks that change hands, sorted by task.
    resolved
        Whether all routes were planned anew; otherwise the others keep their order and take tasks in between.
    gone, at_s
        The crew that dropped out (``unit#car`` where its unit has several), and when.
    """

    kept: tuple[Route, ...]
    rest: DayPlan
    moved: tuple[Moved, ...]
    resolved: bool
    gone: str
    at_s: float

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values: what has been driven, the rest of the day, and who takes over what."""
        return {
            "gone": self.gone,
            "at_s": self.at_s,
            "kept": [route_json(route) for route in self.kept],
            "rest": self.rest.to_json(),
            "moved": [{"task": m.task, "before": m.before, "after": m.after} for m in self.moved],
            "planned_anew": self.resolved,
        }


@dataclass(frozen=True)
class _Crew:
    """Where a crew is when it can be sent elsewhere, and what it still has before it."""

    unit: int
    car: int
    name: str
    ready_s: float
    place: Snapped
    kept: Route | None
    ahead: tuple[Stop, ...]


def replan(
    graph: TravelGraph,
    plan: DayPlan,
    *,
    unit: str,
    at_s: float,
    car: int = 1,
    search: Search | None = None,
    rest: Rest | None = None,
) -> Replanned:
    """Plan the rest of a day without a crew.

    Work that has begun elsewhere is finished; a car on the road goes on to the end of the segment it drives.
    First the tasks are put in between the others' stops, whose order stays; where that leaves one out, all
    routes are planned anew and the better plan is kept. Appointments of joint visits keep their time; one whose
    partner cannot come is left out.

    Parameters
    ----------
    graph
        The travel graph the plan was made on.
    plan
        The plan of the day.
    unit, car
        The crew that drops out.
    at_s
        When, seconds since midnight.
    search
        Iteration limit, seed, progress and cancel.
    rest
        The rest the plan was made with: a crew that has not rested yet keeps room for it.

    Raises
    ------
    InputError
        Where the plan has no such crew, or the moment is not a time of the day.
    """
    search = Search() if search is None else search
    day = plan.day
    if not any(route.unit == unit and route.car == car for route in plan.routes):
        raise InputError(
            f"方案中没有班组 {unit}（第 {car} 车），请从方案的班组中选择。"
            f" / the plan has no crew {unit}, car {car}; name a crew of this plan"
        )
    if not 0 <= at_s <= day.end / TICKS:
        raise InputError(
            "退出时刻应在 00:00 与班次结束之间。"
            f" / a crew drops out between 00:00 and the end of the shift, got {at_s:g} s"
        )
    crews = [_find_crew(graph, plan, i, k, at_s) for i, u in enumerate(day.units) for k in range(1, u.available + 1)]
    gone = next(crew for crew in crews if day.units[crew.unit].id == unit and crew.car == car)
    gone = replace(gone, kept=_cut(gone.kept, at_s))
    others = [crew for crew in crews if crew.unit != gone.unit or crew.car != gone.car]
    done = {stop.row for crew in [gone, *others] if crew.kept for stop in crew.kept.stops}
    done_tasks = {day.task_of(j) for j in done}
    open_rows = [j for j in range(len(day.targets)) if day.task_of(j) not in done_tasks]
    kept = tuple(crew.kept for crew in [gone, *others] if crew.kept is not None and crew.kept.stops)
    if not others:
        raise InputError("没有其他班组可以接替，请增派车辆。 / no other crew is left to take over; add a car")
    rest_day = _rest_of_day(graph, day, others, open_rows)
    position = {j: k for k, j in enumerate(open_rows)}
    ahead: Routes = [(i, [position[s.row] for s in crew.ahead]) for i, crew in enumerate(others) if crew.ahead]
    timing = Timing(_rest_left(rest, plan, at_s), keep=True)
    found, resolved = _search(rest_day, ahead, search, timing)
    lonely = _lonely(rest_day, found.routes)
    if lonely:
        routes = [(i, [j for j in stops if j not in lonely]) for i, stops in found.routes]
        found = replace(found, routes=[route for route in routes if route[1]])
    rest_plan, _ = timing.write(write_plan(rest_day, found, search, known=lonely))
    left = {item.target: item for item in rest_plan.left_out}
    rest_plan = replace(rest_plan, left_out=tuple(left.values()))
    return Replanned(
        tuple(sorted(kept, key=lambda r: (r.unit, r.car))),
        rest_plan,
        _moved(plan, rest_plan),
        resolved,
        gone.name,
        at_s,
    )


def _rest_left(rest: Rest | None, plan: DayPlan, at_s: float) -> Rest | None:
    """Return the rest that is still to come; none once crews have begun to rest."""
    if rest is None or at_s > rest.to_s or any(begin <= at_s for r in plan.routes for begin, _ in r.pauses):
        return None
    return rest


def _lonely(day: Day, routes: Routes) -> dict[int, LeftOut]:
    """Return the joint visits of which one side does not come, with the reason."""
    served = {j for _, stops in routes for j in stops}
    pairs = [pair for pair in pairs_of(day) if not set(pair) <= served]
    return {j: no_common_time(day, j) for pair in pairs for j in pair}


def _search(day: Day, ahead: Routes, search: Search, timing: Timing) -> tuple[Found, bool]:
    """Insert what is missing; plan anew only where something does not fit, and keep the better plan."""
    impossible = find_impossible(day)
    wanted = [j for j in range(len(day.targets)) if j not in impossible]
    fitting = [(i, stops) for i, stops in ahead if timing.fits(day, i, stops)]
    planned = {day.task_of(j) for _, stops in fitting for j in stops}
    gentle = timing.insert(day, fitting, [j for j in wanted if day.task_of(j) not in planned])
    if _served(day, gentle) == len({day.task_of(j) for j in wanted}):
        return Found(gentle, cancelled=False, iterations=0), False
    anew = timing.find(day, wanted, search)
    if _served(day, anew.routes) > _served(day, gentle):
        return anew, True
    return Found(gentle, cancelled=anew.cancelled, iterations=anew.iterations), False


def _served(day: Day, routes: Routes) -> int:
    return len({day.task_of(j) for _, stops in routes for j in stops})


def _find_crew(graph: TravelGraph, plan: DayPlan, i: int, car: int, at_s: float) -> _Crew:
    """Return where a crew can be sent elsewhere, and when."""
    day, unit = plan.day, plan.day.units[i]
    name = unit.id if unit.available == 1 else f"{unit.id}#{car}"
    route = next((r for r in plan.routes if r.unit == unit.id and r.car == car), None)
    start = max(at_s, day.ready_at(i) / TICKS)
    home = day.places.take([i])
    if route is None:
        return _Crew(i, car, name, start, home, None, ())
    if at_s < route.leave_s:
        return _Crew(i, car, name, start, day.exits.take([i]), None, route.stops)
    done = tuple(stop for stop in route.stops if stop.start_s <= at_s)
    ahead = route.stops[len(done) :]
    if done and done[-1].depart_s > at_s:
        ready, place = done[-1].depart_s, day.exits.take([len(day.units) + done[-1].row])
    elif at_s >= route.return_s:
        ready, place = at_s, home
    else:
        ready, place = _on_the_road(graph, plan, route, (len(done), at_s))
    return _Crew(i, car, name, ready, place, _cut_at(route, done, ready), ahead)


def _on_the_road(graph: TravelGraph, plan: DayPlan, route: Route, when: tuple[int, float]) -> tuple[float, Snapped]:
    """Return when and where a car reaches the end of the segment it drives, or the place it waits at."""
    count, at_s = when
    day = plan.day
    clock = route.stops[count - 1].depart_s if count else route.leave_s
    clock += sum(end - begin for begin, end in route.pauses if clock <= begin <= at_s)
    legs = trace_route(graph, plan, route)[count]
    goal = len(day.units) + route.stops[count].row if count < len(route.stops) else None
    for leg in legs:
        end = clock + leg.start_s + leg.time_s
        if end >= at_s and leg.segment >= 0 and leg.node >= 0:
            lon, lat = place_at(graph.network, leg.segment, leg.to_m)
            return end, _at(leg.segment, leg.to_m, lon, lat)
    arrive = route.stops[count].arrive_s if count < len(route.stops) else route.return_s
    i = next(k for k, unit in enumerate(day.units) if unit.id == route.unit)
    return max(arrive, at_s), day.places.take([i if goal is None else goal])


def _at(segment: int, offset_m: float, lon: float, lat: float) -> Snapped:
    """Return a place on the carriageway, not on its end node: a car may not turn round there."""
    one = np.ones(1)
    return Snapped(
        np.array([segment], dtype=np.int64),
        one * offset_m,
        one * 0,
        one * lon,
        one * lat,
        np.array([-1], dtype=np.int64),
    )


def _cut_at(route: Route, done: tuple[Stop, ...], ready_s: float) -> Route:
    work = sum(stop.depart_s - stop.start_s for stop in done)
    wait = sum(stop.start_s - stop.arrive_s for stop in done)
    drive = max(0.0, ready_s - route.leave_s - work - wait)
    return replace(route, stops=done, return_s=ready_s, drive_s=min(drive, route.drive_s), work_s=work, wait_s=wait)


def _cut(route: Route | None, at_s: float) -> Route | None:
    """Take the work a crew could not finish off its route."""
    if route is None:
        return None
    return _cut_at(route, tuple(stop for stop in route.stops if stop.depart_s <= at_s), max(at_s, route.leave_s))


def _rest_of_day(graph: TravelGraph, day: Day, crews: Sequence[_Crew], rows: Sequence[int]) -> Day:
    """Return the numbers of the rest of the day: crews start where they are and come home to their posts."""
    m = len(day.units)
    rows_of_places = [m + j for j in rows]
    target_in, target_out = day.places.take(rows_of_places), day.exits.take(rows_of_places)
    places = join_places(day.places.take([crew.unit for crew in crews]), target_in)
    leaving = target_out
    for crew in reversed(crews):
        leaving = join_places(crew.place, leaving)
    units = [_as_unit(day.units[crew.unit], crew.name) for crew in crews]
    task = np.unique([day.task_of(j) for j in rows], return_inverse=True)[1].astype(np.int64)
    return Day(
        tuple(units),
        tuple(day.targets[j] for j in rows),
        places,
        tuple(day.owners[j] for j in rows),
        day.allowed[np.ix_([crew.unit for crew in crews], list(rows))],
        measure_travel(graph, leaving, places),
        day.service[list(rows)],
        day.early[list(rows)],
        day.late[list(rows)],
        min(day.begin, *(_ticks(crew.ready_s) for crew in crews)),
        day.end,
        ready=np.array([_ticks(crew.ready_s) for crew in crews], dtype=np.int64),
        task=task,
        leaving=leaving,
        arcs=tuple(day.arcs[j] for j in rows) if day.arcs else (),
    )


def _ticks(seconds: float) -> int:
    """Return whole ticks, never earlier than the moment itself."""
    return math.ceil(seconds * TICKS - 1e-6)


def _as_unit(unit: Unit, name: str) -> Unit:
    return replace(unit, id=name, available=1)


def _moved(before: DayPlan, after: DayPlan) -> tuple[Moved, ...]:
    """Return the tasks whose crew is another one now."""
    cars = {unit.id: unit.available for unit in before.day.units}
    old = {
        stop.target: route.unit if cars[route.unit] == 1 else f"{route.unit}#{route.car}"
        for route in before.routes
        for stop in route.stops
    }
    new = {stop.target: route.unit for route in after.routes for stop in route.stops}
    return tuple(Moved(task, old.get(task, ""), new[task]) for task in sorted(new) if old.get(task, "") != new[task])
