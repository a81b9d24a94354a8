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
    seen = [j for _, stops in routes for j in stops] + list(left_out)
    if sorted(seen) != list(range(len(day.targets))):
        wrong.append("a target is served twice, or neither served nor left out")
    for i, unit in enumerate(day.units):
        if sum(1 for k, _ in routes if k == i) > unit.available:
            wrong.append(f"unit {unit.id} has more routes than cars")
    for i, stops in routes:
        wrong += _check_route(day, i, stops)
    return wrong


def _check_route(day: Day, i: int, stops: Sequence[int]) -> list[str]:
    wrong = []
    unit, clock, at = day.units[i], day.begin, i
    for j in stops:
        target, place = day.targets[j], len(day.units) + j
        step = int(day.travel[at, place])
        if not day.allowed[i, j]:
            wrong.append(f"unit {unit.id} has no authority at target {target.id}")
        if step >= NO_WAY:
            wrong.append(f"unit {unit.id} has no way to target {target.id}")
        clock = max(clock + step, int(day.early[j]))
        if clock > day.late[j]:
            wrong.append(f"unit {unit.id} comes too late to target {target.id}")
        clock += int(day.service[j])
        at = place
    if clock + int(day.travel[at, i]) > day.end:
        wrong.append(f"unit {unit.id} is not back before its shift ends")
    return wrong


def is_feasible(day: Day, i: int, stops: Sequence[int]) -> bool:
    """Return whether one unit can drive one route."""
    return not _check_route(day, i, stops)


def drive_ticks(day: Day, i: int, stops: Sequence[int]) -> int:
    """Return the ticks a unit drives on one route, post to post."""
    places = [i, *(len(day.units) + j for j in stops), i]
    return sum(int(day.travel[a, b]) for a, b in pairwise(places))
