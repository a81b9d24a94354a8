"""A week: first the days of each target, then a day's routes for every day, then moves between days that pay."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from geo.errors import InputError
from geo.snapping import SnapIndex
from geo.travel import TravelGraph
from patrol.breaks import Pause, Rest
from patrol.day import DAY_START_S, DayPlan, write_plan
from patrol.joint import Meeting, impossible_pairs, plan_meetings, read_meetings
from patrol.matrices import Day
from patrol.modes import measure_tasks
from patrol.pairs import Pairs, pairs_of
from patrol.pattern import choose_patterns, list_options
from patrol.reasons import LeftOut, Reason, find_impossible
from patrol.solver import Found, Routes, Search
from patrol.stages import stage
from patrol.targets import Target
from patrol.tasks import find_bad_checkpoints
from patrol.timing import KEEP, Timing
from patrol.units import Unit
from patrol.weekmoves import Date, WeekRules, move_visits

MOST_DAYS = 7


@dataclass(frozen=True)
class WeekPlan:
    """Plans for the days of a week.

    Attributes
    ----------
    days
        One plan a day.
    pattern
        Target id to the days on which it is visited, from 0, as planned in the end.
    missed
        Visits that do not take place, each with a reason, one entry a visit.
    drive_s, bound_s
        Driving of all days, and the sum of the days' bounds (for these patterns), seconds.
    moved
        Visits that changed their day because it pays.
    meetings
        The appointments of each day.
    pauses
        The rests of each day.
    """

    days: tuple[DayPlan, ...]
    pattern: Mapping[str, tuple[int, ...]]
    missed: tuple[LeftOut, ...]
    drive_s: float
    bound_s: float
    moved: int
    meetings: tuple[tuple[Meeting, ...], ...] = ()
    pauses: tuple[tuple[Pause, ...], ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        nothing = ((),) * len(self.days)
        return {
            "days": [
                plan.to_json()
                | {
                    "meetings": [meeting.to_json() for meeting in met],
                    "breaks": [{name: getattr(pause, name) for name in Pause.__slots__} for pause in rests],
                }
                for plan, met, rests in zip(self.days, self.meetings or nothing, self.pauses or nothing, strict=True)
            ],
            "pattern": {target: list(days) for target, days in self.pattern.items()},
            "missed": [item.to_json() for item in self.missed],
            "drive_s": self.drive_s,
            "work_s": sum(plan.work_s for plan in self.days),
            "bound": self.bound_s,
            "bound_name": f"assignment per day, pattern{' and appointments' if any(self.meetings) else ''} given",
            "moved": self.moved,
            "cancelled": any(plan.cancelled for plan in self.days),
            "seed": self.days[0].seed,
        }


def visits_of(target: Target, week: int) -> int:
    """Return how often a target is due in a week; 0.5 is every second week.

    Examples
    --------
    >>> fortnightly = Target("x", 0, 0, visits_per_week=0.5)
    >>> [visits_of(fortnightly, week) for week in range(4)]
    [0, 1, 0, 1]
    """
    return math.floor((week + 1) * target.visits_per_week + 1e-9) - math.floor(week * target.visits_per_week + 1e-9)


def plan_week(
    graph: TravelGraph,
    units: Sequence[Unit],
    targets: Sequence[Target],
    *,
    shift_h: float,
    owner_of_segment: Sequence[str],
    days: int = 5,
    week: int = 0,
    start_s: float = DAY_START_S,
    search: Search | None = None,
    index: SnapIndex | None = None,
    rest: Rest | None = None,
) -> WeekPlan:
    """Plan a week.

    Parameters
    ----------
    graph, units, targets, shift_h, owner_of_segment, start_s, index
        As for ``patrol.day.plan_day``.
    days
        Days worked, 1 to 7.
    week
        Number of the week, from 0: targets due less than once a week take turns by it.
    search
        Iterations, seed and callbacks; the iterations are those of each day. A day on which it is stopped before it
        has a plan gets that of greedy insertion, marked ``cancelled``.
    rest
        The rest of every crew that is out when it should rest, on every day; ``None`` for none.

    Raises
    ------
    InputError
        Where the inputs do not make a week.
    """
    if not 1 <= days <= MOST_DAYS or week < 0:
        raise InputError(
            "每周应安排 1 至 7 天，周次从 0 起。"
            f" / a week has 1 to 7 days of work and a number from 0, got {days} and {week}"
        )
    search = Search() if search is None else search
    day = measure_tasks(
        graph,
        units,
        targets,
        stretches=(),
        shift_h=shift_h,
        owner_of_segment=owner_of_segment,
        start_s=start_s,
        index=index,
    )
    pairs = pairs_of(day)
    due = [visits_of(target, week) for target in day.targets]
    m = len(day.units)
    places = day.places.take(list(range(m, m + len(day.targets))))
    impossible = find_impossible(day) | find_bad_checkpoints(graph.network, day.targets, places)
    impossible |= impossible_pairs(day, pairs)
    wanted = [0 if j in impossible else visits for j, visits in enumerate(due)]
    timing = KEEP if rest is None else Timing(rest, keep=True)
    found = find_week(day, WeekTask(wanted, days, pairs=pairs, timing=timing), search)
    missed = _missed(day, due, found.routes, impossible, pairs=pairs)
    written = [
        timing.write(_write(one.day, replace(one.found, routes=r), search))
        for one, r in zip(found.dates, found.routes, strict=True)
    ]
    plans = tuple(plan for plan, _ in written)
    served = {j: tuple(d for d in range(days) if _has(found.routes[d], j)) for j in range(len(day.targets))}
    return WeekPlan(
        plans,
        {target.id: served[j] for j, target in enumerate(day.targets)},
        tuple(missed),
        sum(plan.drive_s for plan in plans),
        sum(plan.bound_s for plan in plans),
        found.moved,
        tuple(read_meetings(plan, pairs_of(plan.day)) for plan in plans),
        tuple(pauses for _, pauses in written),
    )


@dataclass(frozen=True)
class WeekTask:
    """What a measured week has to serve.

    Attributes
    ----------
    visits
        Visits of each target that some crew could make, by row; 0 for none.
    days
        Days worked.
    options
        The sets of days on which each target may be visited; those that lie far apart where ``None``.
    pairs
        Rows of the visits that are appointments.
    timing
        The rests of the crews.
    even
        Whether the work of the days is kept alike.
    rounds
        How often targets are taken out and put back on other days; half the iterations where ``None``.
    """

    visits: Sequence[int]
    days: int
    options: Sequence[Sequence[tuple[int, ...]]] | None = None
    pairs: Pairs = ()
    timing: Timing = field(default=KEEP)
    even: bool = True
    rounds: int | None = None


@dataclass(frozen=True)
class WeekFound:
    """The days as first planned, their routes in the end, and how many targets changed their days."""

    dates: tuple[Date, ...]
    routes: tuple[Routes, ...]
    moved: int


def find_week(day: Day, task: WeekTask, search: Search) -> WeekFound:
    """Find the routes of a week: days of each target, then routes day by day, then other days where that pays.

    Parameters
    ----------
    day
        The numbers of a day with all targets.
    task
        Visits, days, patterns, appointments, rests.
    search
        Iterations of each day, seed and callbacks.
    """
    options = task.options or list_options(task.visits, task.days)
    pattern = choose_patterns(day, task.visits, task.days, pairs=task.pairs, options=options)
    dates = []
    for d in range(task.days):
        rows = [j for j, p in enumerate(pattern) if d in p]
        one = stage(search, d, task.days + 1)
        dates.append(_plan_date(day, rows, task.pairs, search=one, timing=task.timing) if rows else _nothing(day))
    fixed = frozenset(j for pair in task.pairs for j in pair)
    rules = WeekRules(task.visits, options, fixed, task.timing, task.even)
    routes, moved = move_visits(dates, rules, stage(search, task.days, task.days + 1), rounds=task.rounds)
    return WeekFound(tuple(dates), tuple(routes), moved)


def _nothing(day: Day) -> Date:
    return Date(day, Found([], cancelled=False, iterations=0))


def _plan_date(day: Day, rows: Sequence[int], pairs: Pairs, *, search: Search, timing: Timing) -> Date:
    """Plan one day of the week; joint visits become appointments."""
    today = set(rows)
    mine = tuple(pair for pair in pairs if set(pair) <= today)
    if not mine:
        return Date(day, timing.find(day, rows, search))
    other = {j: _full(day.targets[j]) for j in range(len(day.targets)) if j not in today}
    met = plan_meetings(day, mine, search, timing=timing, known=other)
    unit = {u.id: i for i, u in enumerate(day.units)}
    routes = [(unit[route.unit], [stop.row for stop in route.stops]) for route in met.plan.routes]
    return Date(met.plan.day, Found(routes, met.plan.cancelled, met.plan.iterations))


def _has(routes: Routes, j: int) -> bool:
    return any(j in stops for _, stops in routes)


def _missed(
    day: Day, due: Sequence[int], routes: Sequence[Routes], impossible: Mapping[int, LeftOut], *, pairs: Pairs
) -> list[LeftOut]:
    """Return one entry for each visit that does not take place; a joint visit is one."""
    missed = []
    second = {b for _, b in pairs}
    for j, visits in enumerate(due):
        if j in second:
            continue
        lacking = visits - sum(_has(r, j) for r in routes)
        if lacking <= 0:
            continue
        if j in impossible:
            missed += [impossible[j]] * lacking
            continue
        beyond = max(0, visits - len(routes))
        missed += [_too_often(day.targets[j], len(routes))] * beyond
        missed += [_full(day.targets[j])] * (lacking - beyond)
    return missed


def _too_often(target: Target, days: int) -> LeftOut:
    return LeftOut(
        target.id,
        Reason.VISITS,
        f"每周只安排 {days} 天，每天一次；请增加天数或减少次数。",
        f"Only {days} days are worked and each serves a target once; add days or ask for fewer visits.",
    )


def _full(target: Target) -> LeftOut:
    return LeftOut(
        target.id,
        Reason.CAPACITY,
        "本周各天均已排满；请增加车辆、延长班次或减少次数。",
        "All days of the week are full; add a car, lengthen the shift or ask for fewer visits.",
    )


def _write(day: Day, found: Found, search: Search) -> DayPlan:
    """Write one day with only its own targets."""
    rows = sorted(j for _, stops in found.routes for j in stops)
    position = {j: k for k, j in enumerate(rows)}
    m = len(day.units)
    keep = [*range(m), *(m + j for j in rows)]
    part = replace(
        day,
        targets=tuple(day.targets[j] for j in rows),
        places=day.places.take(keep),
        owners=tuple(day.owners[j] for j in rows),
        allowed=day.allowed[:, rows],
        travel=day.travel[np.ix_(keep, keep)],
        service=day.service[rows],
        early=day.early[rows],
        late=day.late[rows],
    )
    routes = [(i, [position[j] for j in stops]) for i, stops in found.routes]
    return write_plan(part, replace(found, routes=routes), search)
