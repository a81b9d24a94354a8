"""Joint visits: two agencies at one place at one time, kept as appointments.

A plan without the bond tells when each side would come. Each joint visit is then fixed near the first, the last or
the mean of the two arrivals, in ever narrower windows, and the day is planned again; the best of the three is kept
and, where it is small, improved exactly (``patrol.meeting``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import CancelledError, InputError, RoadseamError
from geo.snapping import SnapIndex
from geo.travel import TravelGraph
from patrol.bound import bound_driving
from patrol.check import drive_ticks
from patrol.day import DAY_START_S, DayPlan, gap_of, time_route, write_plan
from patrol.matrices import TICKS, Day, measure_day
from patrol.meeting import improve_meetings
from patrol.reasons import LeftOut, Reason, find_impossible
from patrol.solver import Found, Routes, Search, find_routes, insert_targets
from patrol.stages import stage
from patrol.targets import Target
from patrol.units import JOINT, LOCAL, Unit

BOUND = "assignment, meetings free"
"""The bound of a joint day: the assignment relaxation in which two crews need not meet."""

SLACKS_MIN = (60, 20, 0)
"""Minutes around an appointment that remain free in each round; 0 in the last."""

Pairs = tuple[tuple[int, int], ...]

_RULES: tuple[tuple[str, Callable[[int, int], int]], ...] = (
    ("first", min),
    ("last", max),
    ("mean", lambda a, b: (a + b) // 2),
)
_STAGES = 1 + len(_RULES) * len(SLACKS_MIN)
_SPLIT = re.compile(r"\s*[+＋&＆]\s*")


@dataclass(frozen=True, slots=True)
class Meeting:
    """An appointment: the task, when work begins (seconds since midnight), and the two crews."""

    task: str
    start_s: float
    crews: tuple[str, str]


@dataclass(frozen=True)
class JointPlan:
    """A day with joint visits.

    Attributes
    ----------
    plan
        The plan; a joint visit stands in the routes of both crews under one id.
    meetings
        The appointments, by time.
    rule
        Which arrival the appointments were made from: ``first``, ``last``, ``mean``; ``""`` without any.
    exact
        Whether the routes that hold meetings are proven to be the best for their crews and tasks.
    """

    plan: DayPlan
    meetings: tuple[Meeting, ...]
    rule: str
    exact: bool

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        meetings = [{"task": m.task, "start_s": m.start_s, "crews": list(m.crews)} for m in self.meetings]
        return self.plan.to_json() | {"meetings": meetings, "meeting_rule": self.rule, "meetings_exact": self.exact}


def partners_of(target: Target, units: Sequence[Unit]) -> tuple[str, str] | None:
    """Return the two agencies that must come to a target, or ``None`` where one crew does.

    ``local+exp1`` names them; ``joint`` means the district and an expressway brigade where no mixed crew has a car.

    Raises
    ------
    InputError
        Where an agency is joined with itself, or more than two are named.
    """
    parts = _SPLIT.split(target.agency)
    if len(parts) == 1:
        mixed = any(unit.agency == JOINT and unit.available for unit in units)
        return (LOCAL, "expressway") if target.agency == JOINT and not mixed else None
    if len(parts) != 2 or parts[0] == parts[1] or not all(parts):  # noqa: PLR2004
        raise InputError(
            f"目标 {target.id} 的单位“{target.agency}”应为两个不同单位，例如 local+expressway。"
            f" / target {target.id}: {target.agency} must join two different agencies, such as local+expressway"
        )
    return parts[0], parts[1]


def plan_joint(
    graph: TravelGraph,
    units: Sequence[Unit],
    targets: Sequence[Target],
    *,
    shift_h: float,
    owner_of_segment: Sequence[str],
    start_s: float = DAY_START_S,
    search: Search | None = None,
    index: SnapIndex | None = None,
) -> JointPlan:
    """Plan a day in which some targets need a crew of each of two agencies at the same time.

    Parameters
    ----------
    graph, units, targets, shift_h, owner_of_segment, start_s, search, index
        As for ``patrol.day.plan_day``; the iterations are those of each of up to ten searches.

    Raises
    ------
    InputError
        Where the inputs do not make a day.
    CancelledError
        Where the search was stopped before it had a plan.
    """
    search = Search() if search is None else search
    sides = {target.id: partners_of(target, units) for target in targets}
    visits = [
        visit
        for target in targets
        for visit in ([replace(target, agency=side) for side in sides[target.id] or ()] or [target])
    ]
    day = measure_day(
        graph, units, visits, shift_h=shift_h, start_s=start_s, owner_of_segment=owner_of_segment, index=index
    )
    pairs = tuple((j, j + 1) for j in range(len(day.targets) - 1) if day.targets[j].id == day.targets[j + 1].id)
    twins = [j for pair in pairs for j in pair]
    allowed = day.allowed.copy()
    mixed = [i for i, unit in enumerate(day.units) if unit.agency == JOINT]
    allowed[np.ix_(mixed, twins)] = False
    return plan_meetings(replace(day, allowed=allowed), pairs, search)


def plan_meetings(day: Day, pairs: Pairs, search: Search) -> JointPlan:
    """Plan a day in which pairs of visits begin at the same time; see ``plan_joint``."""
    known = _impossible_pairs(day, pairs)
    pairs_left = tuple(pair for pair in pairs if pair[0] not in known)
    wanted = [j for j in range(len(day.targets)) if j not in known and j not in find_impossible(day)]
    free = find_routes(day, wanted, stage(search, 0, _STAGES if pairs_left else 1))
    if not pairs_left:
        return JointPlan(_write(day, day, free, search, known=known), (), "", exact=False)
    best, rule = _keep_best(day, pairs_left, wanted, free=free, search=search)
    done = [pair for pair in pairs_left if pair[0] in best.served]
    arrive = _arrivals(best.day, best.found.routes)
    routes, at, exact = improve_meetings(day, best.found.routes, done, at={p: arrive[p[0]] for p in done})
    best = _Option(_fix(day, done, at), replace(best.found, routes=routes))
    missed = {j: _no_common_time(day, j) for pair in pairs_left if pair not in done for j in pair}
    plan = _write(best.day, day, best.found, search, known={**known, **missed})
    return JointPlan(plan, _meetings(plan, done), rule, exact)


@dataclass(frozen=True)
class _Option:
    """One way to keep the appointments: the day with fixed times and its routes."""

    day: Day
    found: Found

    @property
    def served(self) -> set[int]:
        return {j for _, stops in self.found.routes for j in stops}

    @property
    def price(self) -> tuple[int, int]:
        """Fewer visits left out first, then less driving."""
        driven = sum(drive_ticks(self.day, i, stops) for i, stops in self.found.routes)
        return -len(self.served), driven


def _keep_best(day: Day, pairs: Pairs, wanted: Sequence[int], *, free: Found, search: Search) -> tuple[_Option, str]:
    best: tuple[_Option, str] | None = None
    number, spent, cancelled = 1, free.iterations, free.cancelled
    for rule, pick in _RULES:
        at, now, found = _arrivals(day, free.routes), day, free
        for slack in SLACKS_MIN:
            fixed = {p: _clip(day, p, _appoint(at, p, pick)) for p in pairs}
            now = _fix(day, pairs, fixed, slack=slack * 60 * TICKS)
            try:
                found = find_routes(now, wanted, stage(search, number, _STAGES))
            except CancelledError:
                cancelled = True
                break
            number, spent = number + 1, spent + found.iterations
            at = {**at, **_arrivals(now, found.routes)}
        else:
            option = _Option(now, replace(found, routes=_drop_lonely(now, found.routes, pairs, wanted)))
            if best is None or option.price < best[0].price:
                best = option, rule
        cancelled = cancelled or found.cancelled
        if cancelled:
            break
    if best is None:
        raise CancelledError(
            "求解在约定会合时间之前被取消，请让它多运行一会儿。"
            " / the search was stopped before crews had an appointment; let it run longer"
        )
    option, rule = best
    return replace(option, found=Found(option.found.routes, cancelled=cancelled, iterations=spent)), rule


def _arrivals(day: Day, routes: Routes) -> dict[int, int]:
    """Return when work begins at each served visit, ticks."""
    return {stop.row: round(stop.start_s * TICKS) for i, stops in routes for stop in time_route(day, i, stops).stops}


def _appoint(at: dict[int, int], pair: tuple[int, int], pick: Callable[[int, int], int]) -> int:
    """Return the time of an appointment; a side that does not come agrees to the other's time."""
    a, b = (at.get(j) for j in pair)
    if a is None or b is None:
        return a if a is not None else b if b is not None else 0
    return pick(a, b)


def _clip(day: Day, pair: tuple[int, int], at: int) -> int:
    """Hold an appointment within the time in which a crew of either side can be there and come home."""
    low, high = 0, day.end
    for j in pair:
        crews = np.flatnonzero(day.allowed[:, j])
        ready = np.array([day.ready_at(i) for i in crews.tolist()])
        low = max(low, int(day.early[j]), int((ready + day.out[crews, j]).min()))
        high = min(high, int(day.late[j]), day.end - int(day.back[crews, j].min()) - int(day.service[j]))
    return min(max(at, low), max(low, high))


def _fix(day: Day, pairs: Sequence[tuple[int, int]], at: dict[tuple[int, int], int], *, slack: int = 0) -> Day:
    """Return the day with the windows of joint visits narrowed to their appointments."""
    early, late = day.early.copy(), day.late.copy()
    for pair in pairs:
        for j in pair:
            early[j], late[j] = max(int(early[j]), at[pair] - slack), min(int(late[j]), at[pair] + slack)
    return replace(day, early=early, late=late)


def _drop_lonely(day: Day, routes: Routes, pairs: Pairs, wanted: Sequence[int]) -> Routes:
    """Take a visit out whose partner does not come, and give its time to tasks that were left out."""
    served = {j for _, stops in routes for j in stops}
    lonely = {j for pair in pairs for j in pair if not set(pair) <= served}
    kept = [(i, [j for j in stops if j not in lonely]) for i, stops in routes]
    twins = {j for pair in pairs for j in pair}
    missing = [j for j in wanted if j not in served and j not in twins]
    return insert_targets(day, [route for route in kept if route[1]], missing)


def _impossible_pairs(day: Day, pairs: Pairs) -> dict[int, LeftOut]:
    """Return the pairs of which one side can never come, or which have no time in common, with the reason."""
    alone = find_impossible(day)
    known = {}
    for pair in pairs:
        reason = next((alone[j] for j in pair if j in alone), None)
        if reason is None and not _has_common_time(day, pair):
            reason = _no_common_time(day, pair[0])
        if reason is not None:
            known.update(dict.fromkeys(pair, reason))
    return known


def _has_common_time(day: Day, pair: tuple[int, int]) -> bool:
    """Whether some time suits a crew of either side: both can be there by then and come home."""
    low = high = None
    for j in pair:
        crews = np.flatnonzero(day.allowed[:, j])
        ready = np.array([day.ready_at(i) for i in crews.tolist()])
        first = max(int(day.early[j]), int((ready + day.out[crews, j]).min()))
        last = min(int(day.late[j]), day.end - int(day.back[crews, j].min()) - int(day.service[j]))
        low, high = max(first, low or first), min(last, last if high is None else high)
    return low is not None and high is not None and low <= high


def _no_common_time(day: Day, j: int) -> LeftOut:
    return LeftOut(
        day.targets[j].id,
        Reason.NO_COMMON_TIME,
        "两个单位在班次内没有共同的到场时间；请放宽时间窗、增加车辆或改到其他日期。",
        "The two agencies have no time in common within the shift; widen the window, add a car or choose another day.",
    )


def _write(fixed: Day, free: Day, found: Found, search: Search, *, known: dict[int, LeftOut]) -> DayPlan:
    """Write the plan on the day with appointments; bound it without them, and name each task left out once."""
    plan = write_plan(fixed, found, search, known=known)
    drive = sum(drive_ticks(free, i, stops) for i, stops in found.routes)
    bound = bound_driving(free, [j for _, stops in found.routes for j in stops])
    left = {item.target: item for item in plan.left_out}
    return replace(
        plan,
        left_out=tuple(left.values()),
        bound_s=bound / TICKS,
        bound_name=BOUND,
        gap=gap_of(drive, bound),
    )


def _meetings(plan: DayPlan, pairs: Sequence[tuple[int, int]]) -> tuple[Meeting, ...]:
    """Read the appointments off the finished plan and insist that both sides begin together.

    Raises
    ------
    RoadseamError
        Where they do not.
    """
    seen = {stop.row: (route, stop) for route in plan.routes for stop in route.stops}
    made = []
    for a, b in pairs:
        (first, at_a), (second, at_b) = seen[a], seen[b]
        if at_a.start_s != at_b.start_s or first.unit == second.unit:
            raise RoadseamError(
                f"the plan did not pass its check: the crews at {at_a.target} do not meet; please report"
            )
        made.append(Meeting(at_a.target, at_a.start_s, (first.unit, second.unit)))
    return tuple(sorted(made, key=lambda meeting: (meeting.start_s, meeting.task)))
