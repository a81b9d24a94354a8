"""Fair days: how short the longest day of a crew can be, and what that costs in driving.

The limit on the time out of every crew is lowered by bisection until the driving rises by more than a given share or
a task would be left out; every limit tried is a point of the curve.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from geo.errors import CancelledError
from patrol.bound import bound_driving
from patrol.day import DayPlan, gap_of, write_plan
from patrol.matrices import TICKS, Day
from patrol.quality import gini
from patrol.reasons import find_impossible
from patrol.solver import Found, Search, find_routes
from patrol.stages import stage

STEPS = 6
"""Steps of the bisection: the limit is found to within 1/64 of the span."""


@dataclass(frozen=True, slots=True)
class Point:
    """One limit on the time out of a crew, and the plan under it.

    Attributes
    ----------
    limit_h
        The limit, hours.
    longest_h
        Longest time out in the plan, hours.
    drive_s
        Driving, seconds.
    left_out
        Tasks left out.
    gini
        Gini coefficient of the times out of the crews that leave.
    accepted
        Whether the plan is complete and drives no more than allowed.
    """

    limit_h: float
    longest_h: float
    drive_s: float
    left_out: int
    gini: float
    accepted: bool


@dataclass(frozen=True)
class FairPlan:
    """The fairest plan within the price, and the curve of all limits tried, the longest first."""

    plan: DayPlan
    curve: tuple[Point, ...]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        curve = [{name: getattr(point, name) for name in Point.__slots__} for point in self.curve]
        return self.plan.to_json() | {"curve": curve}


def plan_fairly(day: Day, search: Search, *, rise: float = 0.05, steps: int = STEPS) -> FairPlan:
    """Plan a day so that the longest time out is as short as the price allows.

    Parameters
    ----------
    day
        The numbers of the day.
    search
        Iterations, seed and callbacks; the iterations are those of each step.
    rise
        By how much the driving may grow against the plan without a limit, 0.05 is 5 %.
    steps
        Steps of the bisection.
    """
    impossible = find_impossible(day)
    wanted = [j for j in range(len(day.targets)) if j not in impossible]
    found = find_routes(day, wanted, stage(search, 0, steps + 1))
    best = write_plan(day, found, search)
    whole = day.end - day.begin if day.longest is None else day.longest
    price = best.drive_s * (1 + rise)
    points = [_point(best, whole, accepted=True)]
    high, low, spent = _longest(best), _least(day, best), found.iterations
    for number in range(1, steps + 1):
        limit = (low + high) // 2
        if limit >= high or best.cancelled:
            break
        tight = replace(day, longest=limit)
        try:
            found = find_routes(tight, wanted, stage(search, number, steps + 1))
        except CancelledError:
            best = replace(best, cancelled=True)
            break
        spent += found.iterations
        plan = write_plan(tight, found, search)
        good = len(plan.left_out) <= len(best.left_out) and plan.drive_s <= price
        points.append(_point(plan, limit, accepted=good))
        if good:
            best, high = _loosen(day, found, plan), min(limit, _longest(plan))
        else:
            low = limit
        best = replace(best, cancelled=best.cancelled or found.cancelled)
    return FairPlan(replace(best, iterations=spent), tuple(sorted(points, key=lambda p: -p.limit_h)))


def _longest(plan: DayPlan) -> int:
    return max((round((r.return_s - r.leave_s) * TICKS) for r in plan.routes), default=0)


def _least(day: Day, plan: DayPlan) -> int:
    """Return a limit no plan can keep: the longest single task with its way, or the work shared by all cars."""
    unit = {u.id: i for i, u in enumerate(day.units)}
    rows = [(unit[r.unit], s.row) for r in plan.routes for s in r.stops]
    cars = sum(u.available for u in day.units)
    share = sum(int(day.service[j]) for _, j in rows) // max(cars, 1)
    ways = day.out + day.back
    alone = max((int(day.service[j]) + int(ways[day.allowed[:, j], j].min()) for _, j in rows), default=0)
    return max(share, alone - 1)


def _loosen(day: Day, found: Found, plan: DayPlan) -> DayPlan:
    """Return a plan with the bound of the day without a limit, which is the one that holds for all limits."""
    served = [j for _, stops in found.routes for j in stops]
    bound = bound_driving(day, served)
    return replace(plan, bound_s=bound / TICKS, gap=gap_of(round(plan.drive_s * TICKS), bound))


def _point(plan: DayPlan, limit: int, *, accepted: bool) -> Point:
    out = [route.return_s - route.leave_s for route in plan.routes]
    return Point(
        limit / TICKS / 3600,
        max(out, default=0.0) / 3600,
        plan.drive_s,
        len(plan.left_out),
        round(gini(out), 6),
        accepted,
    )
