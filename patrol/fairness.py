"""Fair days: how short the longest day of a crew can be, and what that costs in driving.

The limit on the time out of every crew is lowered by bisection until the driving rises by more than a given share or
a task would be left out; every limit tried is a point of the curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from geo.errors import CancelledError
from patrol.day import DayPlan
from patrol.joint import JointPlan, plan_meetings
from patrol.matrices import TICKS, Day
from patrol.quality import gini
from patrol.solver import Search
from patrol.stages import stage

Solve = Callable[[Day, Search], JointPlan]

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

    def to_json(self) -> dict[str, float]:
        """Return plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class FairPlan:
    """The fairest plan within the price, its meetings and rests, and the curve of all limits tried, longest first."""

    solved: JointPlan
    curve: tuple[Point, ...]

    @property
    def plan(self) -> DayPlan:
        """The plan."""
        return self.solved.plan

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return self.plan.to_json() | {"curve": [point.to_json() for point in self.curve]}


def plan_fairly(
    day: Day, search: Search, *, rise: float = 0.05, steps: int = STEPS, solve: Solve | None = None
) -> FairPlan:
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
    solve
        Plans a day under one limit, such as one with joint visits and rests; plainly by default.
    """
    solve = plan_simply if solve is None else solve
    best = solve(day, stage(search, 0, steps + 1))
    whole = day.end - day.begin if day.longest is None else day.longest
    price, stopped = best.plan.drive_s * (1 + rise), best.plan.cancelled
    points = [_point(best.plan, whole, accepted=True)]
    high, low, spent = _longest(best.plan), _least(day, best.plan), best.plan.iterations
    for number in range(1, steps + 1):
        limit = (low + high) // 2
        if limit >= high or stopped:
            break
        try:
            made = solve(replace(day, longest=limit), stage(search, number, steps + 1))
        except CancelledError:
            stopped = True
            break
        plan, stopped = made.plan, made.plan.cancelled
        spent += plan.iterations
        good = len(plan.left_out) <= len(best.plan.left_out) and plan.drive_s <= price
        points.append(_point(plan, limit, accepted=good))
        if good:
            best, high = made, min(limit, _longest(plan))
        else:
            low = limit
    fairest = replace(best.plan, iterations=spent, cancelled=stopped)
    return FairPlan(replace(best, plan=fairest), tuple(sorted(points, key=lambda p: -p.limit_h)))


def plan_simply(day: Day, search: Search) -> JointPlan:
    """Plan a day of single visits without rests."""
    return plan_meetings(day, (), search)


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
