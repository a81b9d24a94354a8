"""The independent re-pricing of a finished plan: every way is searched again and every rule is read off the times.

Nothing of the solver's table is used: driving comes from the ways themselves, link by link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from geo.travel import TravelGraph
from patrol.breaks import Rest
from patrol.day import DayPlan, Route, trace_route
from patrol.joint import Meeting
from patrol.matrices import TICKS

_SLACK_S = 2.0 / TICKS
"""Times of a plan are whole tenths of a second, rounded up."""


@dataclass(frozen=True)
class Audit:
    """What the re-pricing found.

    Attributes
    ----------
    drive_s, work_s
        Seconds of driving and of work, added up again.
    length_m
        Metres driven between tasks.
    problems
        What is wrong, one sentence each; empty for a plan in order.
    """

    drive_s: float
    work_s: float
    length_m: float
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "in_order": not self.problems,
            "drive_s": round(self.drive_s, 3),
            "work_s": round(self.work_s, 3),
            "length_m": round(self.length_m, 3),
            "problems": list(self.problems),
        }


def audit_plan(
    graph: TravelGraph, plan: DayPlan, *, meetings: Sequence[Meeting] = (), rest: Rest | None = None
) -> Audit:
    """Price a plan again and check its rules.

    Parameters
    ----------
    graph
        The travel graph the plan was made on.
    plan
        The plan.
    meetings
        Appointments that must hold.
    rest
        The rest every crew must have that is out over the whole time in which it may begin.
    """
    problems: list[str] = []
    drive = length = 0.0
    for route in plan.routes:
        legs = trace_route(graph, plan, route)
        times = [sum(leg.time_s for leg in way) for way in legs]
        length += sum(abs(leg.to_m - leg.from_m) for way in legs for leg in way)
        drive += sum(times)
        problems += _check_times(plan, route, times)
        problems += _check_rest(route, rest)
    problems += _check_tasks(plan, meetings)
    work = sum(s.depart_s - s.start_s for route in plan.routes for s in route.stops)
    if abs(drive - plan.drive_s) > _SLACK_S * (1 + sum(len(r.stops) + 1 for r in plan.routes)):
        problems.append(f"driving is {drive:.1f} s by the ways and {plan.drive_s:.1f} s in the plan")
    return Audit(drive, work, length, tuple(problems))


def _check_times(plan: DayPlan, route: Route, times: Sequence[float]) -> list[str]:
    """Check that a crew can be where the plan says when it says, and may work there."""
    day, wrong = plan.day, []
    unit = [u.id for u in day.units].index(route.unit)
    clock = route.leave_s
    for stop, time in zip(route.stops, times, strict=False):
        paused = sum(end - begin for begin, end in route.pauses if clock <= begin and end <= stop.arrive_s)
        if clock + time + paused > stop.arrive_s + _SLACK_S:
            wrong.append(f"{route.unit} cannot be at {stop.target} by then")
        target = day.targets[stop.row]
        if target.window and not target.window.from_s <= stop.start_s <= target.window.to_s:
            wrong.append(f"{stop.target} is begun outside its window")
        if stop.depart_s - stop.start_s + 1e-6 < target.service_s - _SLACK_S:
            wrong.append(f"{stop.target} is given too little time")
        if not day.allowed[unit, stop.row]:
            wrong.append(f"{route.unit} has no authority or skill at {stop.target}")
        clock = stop.depart_s
    paused = sum(end - begin for begin, end in route.pauses if clock <= begin)
    if clock + times[-1] + paused > route.return_s + _SLACK_S:
        wrong.append(f"{route.unit} cannot be home by then")
    longest = (day.end - day.begin if day.longest is None else day.longest) / TICKS
    if route.return_s > day.end / TICKS + 1e-6 or route.return_s - route.leave_s > longest + 1e-6:
        wrong.append(f"{route.unit} is out longer than its shift")
    if any(b.arrive_s + 1e-6 < a.depart_s for a, b in pairwise(route.stops)):
        wrong.append(f"{route.unit} is at two places at once")
    return wrong


def _check_rest(route: Route, rest: Rest | None) -> list[str]:
    if rest is None or route.leave_s >= rest.from_s or route.return_s <= rest.to_s + rest.length_s:
        return []
    return [] if route.pauses else [f"{route.unit} has no rest"]


def _check_tasks(plan: DayPlan, meetings: Sequence[Meeting]) -> list[str]:
    """Check that each task is done as often as it must be, or left out, and that appointments are kept."""
    seen: dict[str, list[tuple[str, float]]] = {}
    for route in plan.routes:
        for stop in route.stops:
            seen.setdefault(stop.target, []).append((route.unit, stop.start_s))
    joint = {meeting.task: meeting for meeting in meetings}
    left = {item.target for item in plan.left_out}
    wrong = [f"{task} is done and left out" for task in sorted(left & set(seen))]
    lost = {target.id for target in plan.day.targets} - left - set(seen)
    wrong += [f"{task} is neither done nor left out" for task in sorted(lost)]
    for task, visits in sorted(seen.items()):
        if len(visits) != (2 if task in joint else 1):
            wrong.append(f"{task} is done {len(visits)} times")
        if task in joint and (
            {when for _, when in visits} != {joint[task].start_s}
            or {who for who, _ in visits} != set(joint[task].crews)
        ):
            wrong.append(f"the crews at {task} do not meet")
    return wrong
