"""Joint visits: two agencies at one place at one time, kept as appointments.

A plan without the bond tells when each side would come. Each joint visit is then fixed near the first, the last or
the mean of the two arrivals, in ever narrower windows, and the day is planned again; the best of the three is kept
and, where it is small, improved exactly (``patrol.meeting``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import CancelledError, RoadseamError
from geo.snapping import SnapIndex
from geo.travel import TravelGraph
from patrol.bound import BOUND as PLAIN_BOUND
from patrol.bound import bound_driving
from patrol.breaks import Pause
from patrol.check import drive_ticks
from patrol.day import DAY_START_S, DayPlan, gap_of, write_plan
from patrol.matrices import TICKS, Day
from patrol.meeting import improve_meetings
from patrol.modes import measure_tasks
from patrol.pairs import Pairs, pairs_of, partners_of
from patrol.reasons import LeftOut, Reason, find_impossible
from patrol.solver import Found, Routes, Search
from patrol.stages import stage
from patrol.targets import Target
from patrol.timing import PLAIN, Timing
from patrol.units import Unit

BOUND = "assignment, meetings free"
"""The bound of a joint day: the assignment relaxation in which two crews need not meet."""

SLACKS_MIN = (60, 20, 0)
"""Minutes around an appointment that remain free in each round; 0 in the last."""

_RULES: tuple[tuple[str, Callable[[int, int], int]], ...] = (
    ("first", min),
    ("last", max),
    ("mean", lambda a, b: (a + b) // 2),
)
_STAGES = 1 + len(_RULES) * len(SLACKS_MIN)


__all__ = [
    "BOUND",
    "JointPlan",
    "Meeting",
    "drop_lonely",
    "no_common_time",
    "partners_of",
    "plan_joint",
    "plan_meetings",
]


@dataclass(frozen=True, slots=True)
class Meeting:
    """An appointment: the task, when work begins (seconds since midnight), and the two crews."""

    task: str
    start_s: float
    crews: tuple[str, str]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {"task": self.task, "start_s": self.start_s, "crews": list(self.crews)}


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
    pauses
        The rests, where crews have any.
    """

    plan: DayPlan
    meetings: tuple[Meeting, ...]
    rule: str
    exact: bool
    pauses: tuple[Pause, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        meetings = [meeting.to_json() for meeting in self.meetings]
        return self.plan.to_json() | {"meetings": meetings, "meeting_rule": self.rule, "meetings_exact": self.exact}


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
    return plan_meetings(day, pairs_of(day), Search() if search is None else search)


def plan_meetings(
    day: Day,
    pairs: Pairs,
    search: Search,
    *,
    timing: Timing = PLAIN,
    known: Mapping[int, LeftOut] | None = None,
) -> JointPlan:
    """Plan a day in which pairs of visits begin at the same time.

    Parameters
    ----------
    day
        The numbers of the day.
    pairs
        Rows of the visits that belong together; see ``patrol.pairs.pairs_of``.
    search
        Iterations (of each of up to ten searches), seed and callbacks.
    timing
        The rests of the crews.
    known
        Tasks that must be left out, by row, with the reason.
    """
    told = dict(known or {}) | impossible_pairs(day, pairs)
    pairs_left = tuple(pair for pair in pairs if not set(pair) & set(told))
    impossible = find_impossible(day)
    wanted = [j for j in range(len(day.targets)) if j not in told and j not in impossible]
    free = timing.find(day, wanted, stage(search, 0, _STAGES if pairs_left else 1))
    if not pairs_left:
        plan, pauses = timing.write(_write(day, day, free, search, known=told))
        return JointPlan(plan if pairs else _named_plainly(plan), (), "", exact=False, pauses=pauses)
    best, rule = _keep_best(day, pairs_left, wanted, free=free, search=search, timing=timing)
    done = [pair for pair in pairs_left if pair[0] in best.served]
    arrive = timing.starts(best.day, best.found.routes)
    routes, at, exact = improve_meetings(
        day, best.found.routes, done, at={p: arrive[p[0]] for p in done}, timing=timing
    )
    best = _Option(_fix(day, done, at), replace(best.found, routes=routes))
    missed = {j: no_common_time(day, j) for pair in pairs_left if pair not in done for j in pair}
    plan, pauses = timing.write(_write(best.day, day, best.found, search, known={**told, **missed}))
    return JointPlan(plan, read_meetings(plan, done), rule, exact, pauses)


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


def _keep_best(
    day: Day, pairs: Pairs, wanted: Sequence[int], *, free: Found, search: Search, timing: Timing
) -> tuple[_Option, str]:
    best: tuple[_Option, str] | None = None
    number, spent, cancelled = 1, free.iterations, free.cancelled
    for rule, pick in _RULES:
        at, now, found = timing.starts(day, free.routes), day, free
        for slack in SLACKS_MIN:
            fixed = {p: _clip(day, p, _appoint(at, p, pick)) for p in pairs}
            now = _fix(day, pairs, fixed, slack=slack * 60 * TICKS)
            try:
                found = timing.find(now, wanted, stage(search, number, _STAGES))
            except CancelledError:
                cancelled = True
                break
            number, spent = number + 1, spent + found.iterations
            at = {**at, **timing.starts(now, found.routes)}
        else:
            kept = drop_lonely(now, found.routes, pairs, wanted=wanted, timing=timing)
            option = _Option(now, replace(found, routes=kept))
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


def drop_lonely(day: Day, routes: Routes, pairs: Pairs, *, wanted: Sequence[int], timing: Timing = PLAIN) -> Routes:
    """Take a visit out whose partner does not come, and give its time to tasks that were left out."""
    served = {j for _, stops in routes for j in stops}
    lonely = {j for pair in pairs for j in pair if not set(pair) <= served}
    kept = [(i, [j for j in stops if j not in lonely]) for i, stops in routes]
    twins = {j for pair in pairs for j in pair}
    missing = [j for j in wanted if j not in served and j not in twins]
    return timing.insert(day, [route for route in kept if route[1]], missing)


def impossible_pairs(day: Day, pairs: Pairs) -> dict[int, LeftOut]:
    """Return the pairs of which one side can never come, or which have no time in common, with the reason."""
    alone = find_impossible(day)
    known = {}
    for pair in pairs:
        reason = next((alone[j] for j in pair if j in alone), None)
        if reason is None and not _has_common_time(day, pair):
            reason = no_common_time(day, pair[0])
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


def no_common_time(day: Day, j: int) -> LeftOut:
    """Return the reason of a joint visit to which the two agencies cannot come at one time."""
    return LeftOut(
        day.targets[j].id,
        Reason.NO_COMMON_TIME,
        "两个单位在班次内没有共同的到场时间；请放宽时间窗、增加车辆或改到其他日期。",
        "The two agencies have no time in common within the shift; widen the window, add a car or choose another day.",
    )


def _write(fixed: Day, free: Day, found: Found, search: Search, *, known: Mapping[int, LeftOut]) -> DayPlan:
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


def _named_plainly(plan: DayPlan) -> DayPlan:
    """Return a plan without joint visits with the name of the bound that then holds."""
    return replace(plan, bound_name=PLAIN_BOUND)


def read_meetings(plan: DayPlan, pairs: Sequence[tuple[int, int]]) -> tuple[Meeting, ...]:
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
