"""Visits that change their days."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.instances import make_patrol_day
from patrol.check import check_routes, drive_ticks
from patrol.pattern import list_options
from patrol.solver import Found, Routes, Search, find_routes
from patrol.timing import KEEP
from patrol.week import WeekTask, find_week
from patrol.weekmoves import Date, Sheet, WeekRules, move_visits

DAY = make_patrol_day(24).day
QUICK = Search(iterations=60)


def plan(routes: list[Routes]) -> list[Date]:
    """Return days with these routes."""
    return [Date(DAY, Found(r, cancelled=False, iterations=0)) for r in routes]


def drive(week: list[Routes]) -> int:
    """Add up the driving of a week, ticks."""
    return sum(drive_ticks(DAY, i, stops) for routes in week for i, stops in routes)


@pytest.mark.parametrize("even", [True, False])
def test_visits_that_find_no_room_on_their_day_are_made_on_another(even: bool) -> None:
    """From days on which nothing is planned every visit is placed, as often as asked, and each route holds."""
    visits = [1 + j % 2 for j in range(24)]
    rules = WeekRules(visits, list_options(visits, 4), frozenset(), KEEP, even)
    week, moved = move_visits(plan([[], [], [], []]), rules, QUICK)
    assert Counter(j for routes in week for _, stops in routes for j in stops) == Counter(dict(enumerate(visits)))
    assert moved == 24
    for routes in week:
        served = {j for _, stops in routes for j in stops}
        assert check_routes(DAY, routes, sorted(set(range(24)) - served)) == []


def test_even_weeks_stay_as_even_as_they_were() -> None:
    """No day becomes fuller than the fullest or emptier than the emptiest, while driving does not grow."""
    found = find_routes(DAY, list(range(24)), QUICK).routes
    half = [[(i, [j for j in stops if j % 2 == d]) for i, stops in found] for d in range(2)]
    before = [[(i, stops) for i, stops in routes if stops] for routes in half]
    rules = WeekRules([1] * 24, list_options([1] * 24, 2), frozenset(), KEEP)
    after, _ = move_visits(plan(before), rules, QUICK)
    works = [[sum(int(DAY.service[j]) for _, stops in r for j in stops) for r in week] for week in (before, after)]
    assert min(works[0]) <= min(works[1])
    assert max(works[1]) <= max(works[0])
    assert drive(after) < drive(before)


def test_appointments_stay_on_their_day() -> None:
    """A row that is an appointment keeps its day and its place, and its day is not searched again."""
    found = find_routes(DAY, list(range(12)), QUICK).routes
    fixed = frozenset(range(12))
    rules = WeekRules([1] * 12 + [0] * 12, list_options([1] * 12 + [0] * 12, 2), fixed, KEEP)
    after, moved = move_visits(plan([found, []]), rules, QUICK)
    assert (after, moved) == ([found, []], 0)


def test_a_stopped_search_keeps_what_it_has() -> None:
    """A search stopped at once still places each visit by the first pass, and goes no further."""
    rules = WeekRules([1] * 24, list_options([1] * 24, 2), frozenset(), KEEP, even=False)
    week, _ = move_visits(plan([[], []]), rules, Search(iterations=60, cancel=lambda: True))
    assert sum(len(stops) for routes in week for _, stops in routes) == 24


def test_a_day_without_a_place_has_none() -> None:
    """A target that no crew may serve has no cheapest place, and neither has one on a day without cars."""
    shut = DAY.__class__(**{**DAY.__dict__, "allowed": np.zeros_like(DAY.allowed)})
    assert Sheet(shut, [], KEEP).cheapest(0) is None
    assert Sheet(DAY, [], KEEP).cheapest(0) is not None


def test_a_week_takes_only_the_sets_of_days_it_is_given() -> None:
    """Where a target may be visited on some sets of days only, it is visited on one of them."""
    visits = [2 if j < 4 else 1 for j in range(24)]
    options = [[(0, 1), (1, 2)] if v == 2 else [(2,), (0,)] for v in visits]
    found = find_week(DAY, WeekTask(visits, 3, options=options, even=False, rounds=20), QUICK)
    for j, some in enumerate(options):
        assert tuple(d for d in range(3) if any(j in stops for _, stops in found.routes[d])) in some
