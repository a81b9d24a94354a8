"""Giving a task to another crew: what it costs before it is done, and the plan as it then is.

The order of all other visits stays; the task goes to its cheapest place in the day of the crew that takes it. Nothing
is given that a crew may not do, or that would make it late: the offer says what stands against it instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from geo.errors import InputError
from patrol.authority import can_do
from patrol.check import drive_ticks, latest_leave
from patrol.day import DayPlan, Route, gap_of, write_plan
from patrol.joint import read_meetings
from patrol.matrices import NO_WAY, TICKS, Day
from patrol.pairs import pairs_of
from patrol.planner import WorkPlan
from patrol.reasons import LeftOut
from patrol.solver import Found, Search
from patrol.timing import Timing

Crew = tuple[str, int]
"""A crew: the id of its unit and the number of its car, from 1."""


class Obstacle(StrEnum):
    """What stands against giving a task to a crew."""

    AUTHORITY = "no_authority"
    SKILL = "skill"
    NO_WAY = "no_legal_access"
    LATE = "late"
    SHIFT = "shift"
    REST = "rest"
    JOINT = "joint"


@dataclass(frozen=True)
class Offer:
    """What it costs when a crew takes a task over.

    Attributes
    ----------
    task
        The task.
    giver
        The crew that has it now, ``None`` where nobody has.
    taker
        The crew that would take it.
    obstacles
        What stands against it; empty where it can be taken.
    late_s, over_s
        At the place where it does least harm: seconds that work would begin after windows close, in all, and seconds
        that the crew would be out longer than it may.
    extra_s
        Seconds of driving more of all crews together, negative where driving is saved; ``None`` without a way.
    plan
        The day as it would be, ``None`` where it cannot be.
    """

    task: str
    giver: Crew | None
    taker: Crew
    obstacles: tuple[Obstacle, ...]
    late_s: float
    over_s: float
    extra_s: float | None
    plan: WorkPlan | None


def crews_of(plan: DayPlan) -> tuple[Crew, ...]:
    """Return all crews of a day, those without a route too, in the order of its units."""
    return tuple((unit.id, car) for unit in plan.day.units for car in range(1, unit.available + 1))


def holders_of(plan: DayPlan, task: str) -> tuple[Crew, ...]:
    """Return the crews that do a task: none, one, or the two of a joint visit."""
    return tuple((r.unit, r.car) for r in plan.routes if any(stop.target == task for stop in r.stops))


def price_gifts(made: WorkPlan, task: str, *, giver: Crew | None = None) -> tuple[Offer, ...]:
    """Return an offer for every crew that could be asked, the cheapest first, those with obstacles last.

    Parameters
    ----------
    made
        The day as planned.
    task
        Id of the task, served or left out.
    giver
        The crew that gives it away; needed for a joint visit, which two crews hold.

    Raises
    ------
    InputError
        Where the day has no such task, or the giver does not hold it.
    """
    holders = holders_of(made.plan, task)
    giver = giver or (holders[0] if holders else None)
    if task not in {target.id for target in made.plan.day.targets}:
        msg = f"方案中没有任务 {task[:60]}，请重新选择。 / the day has no task {task[:60]}: choose one of its tasks"
        raise InputError(msg)
    if giver is not None and giver not in holders:
        msg = f"任务 {task[:60]} 不在该班组手中，请重新选择。 / that crew does not hold task {task[:60]}: choose again"
        raise InputError(msg)
    offers = [price_gift(made, task, giver=giver, taker=crew) for crew in crews_of(made.plan) if crew not in holders]
    return tuple(sorted(offers, key=_rank))


def _rank(offer: Offer) -> tuple[int, float, float, Crew]:
    harm = offer.late_s + offer.over_s
    return len(offer.obstacles), harm, offer.extra_s if offer.extra_s is not None else float("inf"), offer.taker


def price_gift(made: WorkPlan, task: str, *, giver: Crew | None, taker: Crew) -> Offer:
    """Return what it costs when one crew takes a task over; see ``price_gifts``."""
    day = made.plan.day
    days = _days(made.plan)
    rows = _rows_of(day, task, days.get(giver) if giver else None)
    i = next(k for k, unit in enumerate(day.units) if unit.id == taker[0])

    def refuse(*obstacles: Obstacle, late: int = 0, over: int = 0, extra: float | None = None) -> Offer:
        return Offer(task, giver, taker, obstacles, late / TICKS, over / TICKS, extra, None)

    if giver is None and any(task in {day.targets[j].id for j in pair} for pair in pairs_of(day)):
        return refuse(Obstacle.JOINT)
    able = [j for j in rows if can_do(day.units[i], day.targets[j])]
    allowed = [j for j in able if day.allowed[i, j]]
    if not allowed:
        return refuse(Obstacle.AUTHORITY if able else Obstacle.SKILL)
    before = sum(drive_ticks(day, day_unit(day, crew), stops) for crew, stops in days.items())
    rest_of = {crew: [j for j in stops if j not in rows] if crew == giver else stops for crew, stops in days.items()}
    old = rest_of.get(taker, [])
    spare = sum(drive_ticks(day, day_unit(day, crew), stops) for crew, stops in rest_of.items() if crew != taker)
    timing = Timing(made.wish.rest, keep=True)
    best: tuple[int, int, int, list[int]] | None = None
    for trial in _trials(old, allowed):
        if not _has_way(day, i, trial):
            continue
        late, over = _harm(day, i, trial)
        fits = late == 0 and over == 0 and timing.fits(day, i, trial)
        option = (0 if fits else 1, late + over, drive_ticks(day, i, trial), trial)
        best = option if best is None or option < best else best
    if best is None:
        return refuse(Obstacle.NO_WAY)
    extra = (spare + best[2] - before) / TICKS
    if best[0]:
        late, over = _harm(day, i, best[3])
        found = [o for o, harm in ((Obstacle.LATE, late), (Obstacle.SHIFT, over)) if harm]
        return refuse(*(found or [Obstacle.REST]), late=late, over=over, extra=extra)
    plan = _write(made, {**rest_of, taker: best[3]}, timing=timing, done=task)
    return Offer(task, giver, taker, (), 0.0, 0.0, plan.plan.drive_s - made.plan.drive_s, plan)


def day_unit(day: Day, crew: Crew) -> int:
    """Return the row of a crew's unit."""
    return next(k for k, unit in enumerate(day.units) if unit.id == crew[0])


def _days(plan: DayPlan) -> dict[Crew, list[int]]:
    return {(route.unit, route.car): [stop.row for stop in route.stops] for route in plan.routes}


def _rows_of(day: Day, task: str, held: Sequence[int] | None) -> list[int]:
    """Return the ways to do the visit that is given: of a joint one those of the giver's side only."""
    rows = [j for j, target in enumerate(day.targets) if target.id == task]
    if held is None:
        return rows
    mine = {day.task_of(j) for j in held if j in rows}
    return [j for j in rows if day.task_of(j) in mine]


def _trials(old: Sequence[int], rows: Sequence[int]) -> Iterator[list[int]]:
    for j in rows:
        for at in range(len(old) + 1):
            yield [*old[:at], j, *old[at:]]


def _has_way(day: Day, i: int, stops: Sequence[int]) -> bool:
    places = [i, *(len(day.units) + j for j in stops), i]
    return all(int(day.table(i)[a, b]) < NO_WAY for a, b in pairwise(places))


def _harm(day: Day, i: int, stops: Sequence[int]) -> tuple[int, int]:
    """Return ticks that work begins too late, in all, and ticks that the crew is out too long."""
    m, clock, at, late = len(day.units), day.ready_at(i), i, 0
    for j in stops:
        start = max(clock + int(day.table(i)[at, m + j]), int(day.early[j]))
        late += max(0, start - int(day.late[j]))
        clock, at = start + int(day.service[j]), m + j
    home = clock + int(day.table(i)[at, i])
    over = max(0, home - day.end)
    if late == 0 and day.longest is not None:
        over = max(over, home - latest_leave(day, i, stops) - day.longest)
    return late, over


def _write(made: WorkPlan, days: dict[Crew, list[int]], *, timing: Timing, done: str) -> WorkPlan:
    """Write the day with other routes; cars keep their numbers, and the bound holds where the same is served."""
    old, day = made.plan, made.plan.day
    crews = sorted((day_unit(day, crew), crew[1], crew) for crew, stops in days.items() if stops)
    found = Found([(i, days[crew]) for i, _, crew in crews], cancelled=old.cancelled, iterations=old.iterations)
    known: dict[int, LeftOut] = {}
    for item in old.left_out:
        known |= {j: item for j, target in enumerate(day.targets) if target.id == item.target and item.target != done}
    plan = write_plan(day, found, Search(old.iterations, old.seed), known=known)
    routes = tuple(replace(r, car=car) for r, (_, car, _) in zip(plan.routes, crews, strict=True))
    left = {item.target: item for item in plan.left_out}
    plan, pauses = timing.write(replace(plan, routes=routes, left_out=tuple(left.values())))
    if _served(old.routes) == _served(plan.routes):
        gap = gap_of(round(plan.drive_s * TICKS), round(old.bound_s * TICKS))
        plan = replace(plan, bound_s=old.bound_s, bound_name=old.bound_name, gap=gap)
    met = {meeting.task for meeting in made.meetings}
    meetings = read_meetings(plan, [pair for pair in pairs_of(day) if day.targets[pair[0]].id in met])
    return replace(made, plan=plan, meetings=meetings, pauses=pauses, exact=False)


def _served(routes: Sequence[Route]) -> set[int]:
    return {stop.row for route in routes for stop in route.stops}
