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
from patrol.matrices import Day, measure_day
from patrol.pattern import choose_patterns, group_targets, spread_patterns
from patrol.reasons import LeftOut, Reason, find_impossible
from patrol.solver import Found, Routes, Search, find_routes, insert_targets
from patrol.stages import stage
from patrol.targets import Target
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
    """

    days: tuple[DayPlan, ...]
    pattern: Mapping[str, tuple[int, ...]]
    missed: tuple[LeftOut, ...]
    drive_s: float
    bound_s: float
    moved: int

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "days": [plan.to_json() for plan in self.days],
            "pattern": {target: list(days) for target, days in self.pattern.items()},
            "missed": [item.to_json() for item in self.missed],
            "drive_s": self.drive_s,
            "work_s": sum(plan.work_s for plan in self.days),
            "bound": self.bound_s,
            "bound_name": "assignment per day, pattern given",
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
        Iterations, seed and callbacks; the iterations are those of each day.

    Raises
    ------
    InputError
        Where the inputs do not make a week.
    CancelledError
        Where the search was stopped before every day had a plan.
    """
    if not 1 <= days <= MOST_DAYS or week < 0:
        raise InputError(
            "每周应安排 1 至 7 天，周次从 0 起。"
            f" / a week has 1 to 7 days of work and a number from 0, got {days} and {week}"
        )
    search = Search() if search is None else search
    day = measure_day(
        graph, units, targets, shift_h=shift_h, start_s=start_s, owner_of_segment=owner_of_segment, index=index
    )
    due = [visits_of(target, week) for target in day.targets]
    impossible = find_impossible(day)
    wanted = [0 if j in impossible else visits for j, visits in enumerate(due)]
    pattern = choose_patterns(day, wanted, days)
    plan_of: list[Found] = []
    for d in range(days):
        rows = [j for j, p in enumerate(pattern) if d in p]
        plan_of.append(find_routes(day, rows, stage(search, d, days)))
    routes, moved = _move_visits(day, [found.routes for found in plan_of], wanted)
    missed = _missed(day, due, routes, impossible)
    plans = tuple(_write(day, replace(found, routes=r), search) for found, r in zip(plan_of, routes, strict=True))
    served = {j: tuple(d for d in range(days) if _has(routes[d], j)) for j in range(len(day.targets))}
    return WeekPlan(
        plans,
        {target.id: served[j] for j, target in enumerate(day.targets)},
        tuple(missed),
        sum(plan.drive_s for plan in plans),
        sum(plan.bound_s for plan in plans),
        moved,
    )


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


def _move_visits(day: Day, routes: Sequence[Routes], visits: Sequence[int]) -> tuple[list[Routes], int]:
    """Give each target the pattern that costs least beside all others; what was left out comes first.

    A pattern is taken when it serves more visits, or as many with less driving and no day of its group of crews
    fuller than the fullest. Two rounds.
    """
    week, moved, group = [list(r) for r in routes], 0, group_targets(day)
    every = np.zeros(len(group), dtype=np.int64)
    fullest = {g: max(_load(day, r, group, g) for r in week) for g in set(group.tolist())}
    fullest_of_all = max(_load(day, r, every, 0) for r in week)
    short = sorted(range(len(visits)), key=lambda j: (sum(_has(r, j) for r in week) - visits[j], j))
    for j in [*short, *short]:
        if not visits[j]:
            continue
        now = tuple(d for d, r in enumerate(week) if _has(r, j))
        bare = [_without(r, j) for r in week]
        base = [_drive(day, r) for r in bare]
        trial: list[tuple[Routes, int]] = []
        for d, r in enumerate(bare):
            if d in now:
                trial.append((week[d], _drive(day, week[d]) - base[d]))
            else:
                more = insert_targets(day, r, [j])
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


def _missed(day: Day, due: Sequence[int], routes: Sequence[Routes], impossible: Mapping[int, LeftOut]) -> list[LeftOut]:
    """Return one entry for each visit that does not take place."""
    missed = []
    for j, visits in enumerate(due):
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
