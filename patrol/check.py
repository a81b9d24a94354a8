"""The independent check of a plan: everything is added up again from the table of travel times."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from patrol.matrices import NO_WAY, Day

Sequences = Sequence[tuple[int, Sequence[int]]]
"""Routes as (position of the unit, positions of its targets in order)."""


def check_routes(day: Day, routes: Sequences, left_out: Sequence[int]) -> list[str]:
    """Return what is wrong with a plan; an empty list is a plan in order.

    Checked: every target is served once or left out, cars are enough, authority, ways, windows, shift.

    Parameters
    ----------
    day
        The numbers of the day.
    routes
        Unit and targets of each route.
    left_out
        Positions of the targets left out.
    """
    wrong = []
    seen = [day.task_of(j) for _, stops in routes for j in stops] + [day.task_of(j) for j in left_out]
    if sorted(seen) != sorted({day.task_of(j) for j in range(len(day.targets))}):
        wrong.append("a target is served twice, or neither served nor left out")
    for i, unit in enumerate(day.units):
        if sum(1 for k, _ in routes if k == i) > unit.available:
            wrong.append(f"unit {unit.id} has more routes than cars")
    for i, stops in routes:
        wrong += _check_route(day, i, stops)
    return wrong


def _check_route(day: Day, i: int, stops: Sequence[int]) -> list[str]:
    wrong = []
    unit, clock, at = day.units[i], day.ready_at(i), i
    for j in stops:
        target, place = day.targets[j], len(day.units) + j
        step = int(day.table(i)[at, place])
        if not day.allowed[i, j]:
            wrong.append(f"unit {unit.id} has no authority at target {target.id}")
        if step >= NO_WAY:
            wrong.append(f"unit {unit.id} has no way to target {target.id}")
        clock = max(clock + step, int(day.early[j]))
        if clock > day.late[j]:
            wrong.append(f"unit {unit.id} comes too late to target {target.id}")
        clock += int(day.service[j])
        at = place
    if day.load is not None and day.capacity is not None and int(day.load[list(stops)].sum()) > day.capacity[i]:
        wrong.append(f"unit {unit.id} serves more than it can carry")
    back = clock + int(day.table(i)[at, i])
    if back > day.end:
        wrong.append(f"unit {unit.id} is not back before its shift ends")
    elif not wrong and day.longest is not None and back - latest_leave(day, i, stops) > day.longest:
        wrong.append(f"unit {unit.id} is out for longer than allowed")
    return wrong


def latest_leave(day: Day, i: int, stops: Sequence[int]) -> int:
    """Return the latest tick at which a unit can leave without coming home later than it must.

    Leaving later than this brings the return later by as much, so this gives the shortest time out.
    """
    clock, at = day.ready_at(i), i
    for j in stops:
        place = len(day.units) + j
        clock = max(clock + int(day.table(i)[at, place]), int(day.early[j])) + int(day.service[j])
        at = place
    for k in range(len(stops) - 1, -1, -1):
        j = stops[k]
        before = len(day.units) + stops[k - 1] if k else i
        clock = min(clock - int(day.service[j]), int(day.late[j])) - int(day.table(i)[before, len(day.units) + j])
    return clock


def is_feasible(day: Day, i: int, stops: Sequence[int]) -> bool:
    """Return whether one unit can drive one route."""
    return not _check_route(day, i, stops)


def drive_ticks(day: Day, i: int, stops: Sequence[int]) -> int:
    """Return the ticks a unit drives on one route, post to post."""
    places = [i, *(len(day.units) + j for j in stops), i]
    return sum(int(day.table(i)[a, b]) for a, b in pairwise(places))
