"""The re-pricing finds what is wrong with a plan that was tampered with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrol.audit import audit_plan
from patrol.breaks import Rest
from patrol.joint import Meeting
from patrol.planner import Wish, plan_work
from patrol.solver import Search
from patrol.targets import Window
from tests.patrol.town import EXPRESSWAY, GRAPH, HOUR, LOCAL, OWNERS, on_street

REST = Rest(HOUR / 2, 11 * HOUR, 13 * HOUR)


@pytest.fixture(scope="module")
def made():
    """Return a plan with a joint visit, a window and a rest, and with two stops in one route."""
    targets = [
        on_street("both", 2, 2.5, service_s=600, agency="local+expressway"),
        on_street("a", 0, 1.5, service_s=3 * HOUR),
        on_street("b", 0, 3.5, service_s=1200, window=Window(14 * HOUR, 15 * HOUR)),
    ]
    found = plan_work(
        GRAPH,
        [LOCAL, EXPRESSWAY],
        targets,
        shift_h=8,
        owner_of_segment=OWNERS,
        wish=Wish(REST),
        search=Search(iterations=40),
    )
    assert audit_plan(GRAPH, found.plan, meetings=found.meetings, rest=REST).problems == ()
    return found


def with_route(plan, change, unit="L"):
    """Return a plan one of whose routes is changed."""
    return replace(plan, routes=tuple(change(r) if r.unit == unit else r for r in plan.routes))


def with_stop(plan, task, **change):
    """Return a plan in which one crew's visit to a task is changed."""
    return with_route(
        plan,
        lambda r: replace(r, stops=tuple(replace(s, **change) if s.target == task else s for s in r.stops)),
    )


TAMPERED = {
    "cannot be at": lambda p: with_route(p, lambda r: replace(r, leave_s=r.stops[0].arrive_s)),
    "outside its window": lambda p: with_stop(p, "b", start_s=16 * HOUR, depart_s=16 * HOUR + 1200),
    "too little time": lambda p: with_stop(
        p, "a", depart_s=next(s.start_s for r in p.routes for s in r.stops if s.target == "a")
    ),
    "cannot be home": lambda p: with_route(p, lambda r: replace(r, return_s=r.stops[-1].depart_s)),
    "longer than its shift": lambda p: with_route(p, lambda r: replace(r, return_s=23.0 * HOUR)),
    "no rest": lambda p: with_route(p, lambda r: replace(r, pauses=())),
    "neither done nor left out": lambda p: with_route(p, lambda r: replace(r, stops=r.stops[:1])),
    "by the ways": lambda p: replace(p, drive_s=p.drive_s + 60),
    "no authority": lambda p: replace(p, day=replace(p.day, allowed=p.day.allowed & False)),
    "at two places at once": lambda p: with_route(p, lambda r: replace(r, stops=r.stops[::-1])),
}


@pytest.mark.parametrize("problem", TAMPERED)
def test_each_broken_rule_is_named(made, problem):
    """Each rule that a plan breaks is named by the re-pricing."""
    broken = audit_plan(GRAPH, TAMPERED[problem](made.plan), meetings=made.meetings, rest=REST)
    assert any(problem in text for text in broken.problems), broken.problems
    assert not broken.to_json()["in_order"]


def test_meetings_are_checked(made):
    """An appointment at another time, and a joint visit that one side makes alone, are named."""
    (meeting,) = made.meetings
    late = Meeting(meeting.task, meeting.start_s + 60, meeting.crews)
    assert any("do not meet" in text for text in audit_plan(GRAPH, made.plan, meetings=[late]).problems)
    assert any("2 times" in text for text in audit_plan(GRAPH, made.plan).problems)
