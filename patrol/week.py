"""A week: first the days of each target, then a day's routes for every day, then moves between days that pay."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import InputError
from geo.snapping import SnapIndex
from geo.travel import Ints, TravelGraph
from patrol.check import drive_ticks
from patrol.day import DAY_START_S, DayPlan, write_plan
from patrol.joint import Meeting, impossible_pairs, plan_meetings, read_meetings
from patrol.matrices import Day
from patrol.modes import measure_tasks
from patrol.pairs import Pairs, pairs_of
from patrol.pattern import choose_patterns, group_targets, spread_patterns
from patrol.reasons import LeftOut, Reason, find_impossible
from patrol.solver import Found, Routes, Search, insert_targets
from patrol.stages import stage
from patrol.targets import Target
from patrol.tasks import find_bad_checkpoints
from patrol.timing import KEEP
from patrol.units import Unit

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
    """

    days: tuple[DayPlan, ...]
    pattern: Mapping[str, tuple[int, ...]]
    missed: tuple[LeftOut, ...]
    drive_s: float
    bound_s: float
    moved: int
    meetings: tuple[tuple[Meeting, ...], ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "days": [
                plan.to_json() | {"meetings": [meeting.to_json() for meeting in met]}
                for plan, met in zip(self.days, self.meetings or ((),) * len(self.days), strict=True)
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
    pattern = choose_patterns(day, wanted, days, pairs=pairs)
    dates = [_Date(day, Found([], cancelled=False, iterations=0))] * days
    for d in range(days):
        rows = [j for j, p in enumerate(pattern) if d in p]
        dates[d] = _plan_date(day, rows, pairs, search=stage(search, d, days))
    routes, moved = _move_visits(dates, wanted, pairs)
    missed = _missed(day, due, routes, impossible, pairs=pairs)
    plans = tuple(_write(one.day, replace(one.found, routes=r), search) for one, r in zip(dates, routes, strict=True))
    served = {j: tuple(d for d in range(days) if _has(routes[d], j)) for j in range(len(day.targets))}
    return WeekPlan(
        plans,
        {target.id: served[j] for j, target in enumerate(day.targets)},
        tuple(missed),
        sum(plan.drive_s for plan in plans),
        sum(plan.bound_s for plan in plans),
        moved,
        tuple(read_meetings(plan, pairs_of(plan.day)) for plan in plans),
    )


@dataclass(frozen=True)
class _Date:
    """One day of the week: its numbers, with its appointments as windows, and its routes."""

    day: Day
    found: Found


def _plan_date(day: Day, rows: Sequence[int], pairs: Pairs, *, search: Search) -> _Date:
    """Plan one day of the week; joint visits become appointments."""
    today = set(rows)
    mine = tuple(pair for pair in pairs if set(pair) <= today)
    if not mine:
        return _Date(day, KEEP.find(day, rows, search))
    other = {j: _full(day.targets[j]) for j in range(len(day.targets)) if j not in today}
    met = plan_meetings(day, mine, search, timing=KEEP, known=other)
    unit = {u.id: i for i, u in enumerate(day.units)}
    routes = [(unit[route.unit], [stop.row for stop in route.stops]) for route in met.plan.routes]
    return _Date(met.plan.day, Found(routes, met.plan.cancelled, met.plan.iterations))


def _has(routes: Routes, j: int) -> bool:
    return any(j in stops for _, stops in routes)


def _drive(day: Day, routes: Routes) -> int:
    return sum(drive_ticks(day, i, stops) for i, stops in routes)


def _load(day: Day, routes: Routes, group: Ints, g: int) -> int:
    """Return the ticks of work a group of crews has on a day."""
    return sum(int(day.service[j]) for _, stops in routes for j in stops if group[j] == g)


def _without(routes: Routes, j: int) -> Routes:
    kept = [(i, [k for k in stops if k != j]) for i, stops in routes]
    return [route for route in kept if route[1]]


def _move_visits(dates: Sequence[_Date], visits: Sequence[int], pairs: Pairs) -> tuple[list[Routes], int]:
    """Give each target the pattern that costs least beside all others; what was left out comes first.

    A pattern is taken when it serves more visits, or as many with less driving and no day of its group of crews
    fuller than the fullest. Joint visits stay. Two rounds.
    """
    day, week, moved = dates[0].day, [list(one.found.routes) for one in dates], 0
    group, twins = group_targets(day), {j for pair in pairs for j in pair}
    every = np.zeros(len(group), dtype=np.int64)
    fullest = {g: max(_load(day, r, group, g) for r in week) for g in set(group.tolist())}
    fullest_of_all = max(_load(day, r, every, 0) for r in week)
    short = sorted(range(len(visits)), key=lambda j: (sum(_has(r, j) for r in week) - visits[j], j))
    for j in [*short, *short]:
        if not visits[j] or j in twins:
            continue
        now = tuple(d for d, r in enumerate(week) if _has(r, j))
        bare = [_without(r, j) for r in week]
        base = [_drive(day, r) for r in bare]
        trial: list[tuple[Routes, int]] = []
        for d, r in enumerate(bare):
            if d in now:
                trial.append((week[d], _drive(day, week[d]) - base[d]))
            else:
                more = insert_targets(dates[d].day, r, [j])
                trial.append((more, _drive(day, more) - base[d] if _has(more, j) else -1))
        g, work = int(group[j]), int(day.service[j])
        full = {
            d
            for d, r in enumerate(bare)
            if d not in now
            and (_load(day, r, group, g) + work > fullest[g] or _load(day, r, every, 0) + work > fullest_of_all)
        }
        held = (-len(now), sum(trial[d][1] for d in now))
        best = min(
            (
                (-sum(trial[d][1] >= 0 for d in p), sum(max(0, trial[d][1]) for d in p), p)
                for p in spread_patterns(visits[j], len(week))
                if len(now) < visits[j] or not full & set(p)
            ),
            default=(*held, now),
        )
        if best[:2] < held:
            for d in range(len(week)):
                week[d] = trial[d][0] if d in best[2] else bare[d]
            moved += 1
    return week, moved


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
