"""One day with everything at once: joint visits, rests, fair shares, lot, stretches; units that can do nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError, InputError
from patrol.audit import audit_plan
from patrol.breaks import Rest
from patrol.planner import Wish, plan_tasks, plan_work
from patrol.reasons import Reason
from patrol.solver import Search
from patrol.targets import Target, Window
from patrol.tasks import Stretch
from patrol.units import Unit
from tests.patrol.town import EXPRESSWAY, GRAPH, HOUR, LOCAL, MIXED, OWNERS, on_street, play_targets

QUICK = Search(iterations=40)
SECOND = Unit("M", "local", 116.06, 40.0)
CREWS = [LOCAL, SECOND, EXPRESSWAY]
NOON = Rest(HOUR / 2, 11 * HOUR, 13 * HOUR)


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    """Let the exact model work for a moment only."""
    monkeypatch.setattr("patrol.meeting.EFFORT", 0.1)


def work(units, targets, *, wish=None, search=QUICK, shift_h=8.0, **options):
    """Plan a day of work in the town."""
    return plan_work(
        GRAPH, units, targets, shift_h=shift_h, owner_of_segment=OWNERS, wish=wish, search=search, **options
    )


def mixed_targets(seed, count, joint):
    """Return random targets of which the first few need both agencies."""
    made = play_targets(seed, count)
    return [replace(t, agency="local+expressway") for t in made[:joint]] + made[joint:]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 500), lot=st.sampled_from([None, 7]), fair=st.sampled_from([None, 0.3]))
def test_meetings_rests_and_fair_shares_hold_in_one_plan(seed, lot, fair):
    """Both crews of a joint visit begin together, each crew out over noon rests, and the plan passes the re-pricing."""
    made = work(CREWS, mixed_targets(seed, 7, 2), wish=Wish(NOON, fair, lot))
    starts = {}
    for route in made.plan.routes:
        for stop in route.stops:
            starts.setdefault(stop.target, set()).add((route.unit, stop.start_s))
        if route.leave_s < NOON.from_s and route.return_s > NOON.to_s + NOON.length_s:
            assert len(route.pauses) == 1
        for begin, end in route.pauses:
            assert NOON.from_s <= begin <= NOON.to_s
            assert end - begin == NOON.length_s
            assert all(end <= s.start_s or s.depart_s <= begin for s in route.stops)
    for meeting in made.meetings:
        assert starts[meeting.task] == {(crew, meeting.start_s) for crew in meeting.crews}
    assert bool(made.curve) == (fair is not None)
    audit = audit_plan(GRAPH, made.plan, meetings=made.meetings, rest=NOON)
    assert audit.problems == ()
    assert audit.drive_s <= made.plan.drive_s + 1e-6
    json.dumps(made.to_json(), allow_nan=False)


def test_fair_shares_shorten_the_longest_day_of_a_joint_plan():
    """With a price on driving the longest time out falls, meetings and rests still kept."""
    targets = [replace(on_street(f"a{k}", k % 2, 0.4 + k / 2, service_s=1800), agency="") for k in range(8)]
    targets.append(replace(on_street("both", 2, 2.5, service_s=1200), agency="local+expressway"))
    cheap = work(CREWS, targets, wish=Wish(NOON))
    fair = work(CREWS, targets, wish=Wish(NOON, fair=3.0))
    longest = [max(r.return_s - r.leave_s for r in made.plan.routes) for made in (cheap, fair)]
    assert longest[1] <= longest[0]
    assert [m.task for m in fair.meetings] == ["both"]
    assert fair.curve[0].limit_h >= fair.curve[-1].limit_h


def test_same_seed_same_plan():
    """The same seed gives the same plan byte for byte, with every wish at once (fault 68)."""
    wish = Wish(NOON, 0.2, 5)
    one, two = (json.dumps(work(CREWS, mixed_targets(3, 7, 2), wish=wish).to_json()) for _ in range(2))
    assert one == two


def test_a_stopped_search_gives_the_best_so_far_marked():
    """A search stopped at once still gives a plan, marked as cancelled (fault 70)."""
    made = work([LOCAL, MIXED], play_targets(2, 6), search=Search(40, cancel=lambda: True))
    assert made.plan.cancelled
    assert made.plan.routes
    assert audit_plan(GRAPH, made.plan).problems == ()


def test_joint_targets_with_stretches_in_one_plan():
    """A stretch is driven and a joint visit is met in the same plan, each under its own id."""
    arcs = tuple(2 * k for k in range(len(OWNERS)) if OWNERS[k] == "ordinary")[:1]
    stretch = Stretch("S", (arcs, (arcs[0] ^ 1,)), pace=2.0)
    targets = [replace(on_street("both", 2, 2.5), agency="local+expressway"), on_street("b", 0, 1.5)]
    made = work(CREWS, targets, stretches=[stretch], wish=Wish(NOON))
    served = [stop.target for route in made.plan.routes for stop in route.stops]
    assert sorted(served) == ["S", "b", "both", "both"]
    assert made.plan.day.task is not None
    assert audit_plan(GRAPH, made.plan, meetings=made.meetings, rest=NOON).problems == ()


def test_the_skill_of_a_stretch_is_asked_for():
    """A stretch that needs a skill is driven by the crew that has it, and left out for want of it."""
    arcs = (0,) if OWNERS[0] == "ordinary" else (2,)
    stretch = Stretch("S", (arcs,), skill="无人机")
    able = Unit("K", "local", 116.02, 40.0, skills=("无人机",))
    made = work([LOCAL, able], [on_street("b", 0, 1.5)], stretches=[stretch])
    assert [r.unit for r in made.plan.routes for s in r.stops if s.target == "S"] == ["K"]
    without = work([LOCAL], [on_street("b", 0, 1.5)], stretches=[stretch])
    assert [(i.target, i.reason) for i in without.plan.left_out] == [("S", Reason.SKILL)]


def test_the_rest_is_named_as_the_reason():
    """A task that fits a day only without the rest is left out for the rest, not for want of room."""
    long = Target("long", 116.012, 40.0, 1.5 * HOUR, window=Window(11 * HOUR, 11 * HOUR + 60))
    rest = Rest(HOUR, 11.4 * HOUR, 12 * HOUR)
    made = work([LOCAL], [long, on_street("b", 0, 2.5)], shift_h=4.7, wish=Wish(rest))
    assert [(i.target, i.reason) for i in made.plan.left_out] == [("long", Reason.REST)]


def test_units_that_can_do_nothing_are_named():
    """A unit far from every road is named and stays at home; the others are planned for."""
    away = Unit("A", "local", 117.0, 41.0)
    made = work([LOCAL, away], [on_street("b", 0, 1.5)])
    assert [(u.unit, str(u.reason)) for u in made.idle] == [("A", "off_the_map")]
    assert [route.unit for route in made.plan.routes] == ["L"]
    with pytest.raises(InputError, match="A "):
        work([away], [on_street("b", 0, 1.5)])


def test_nothing_feasible_names_each_task():
    """Where not one task can be done the error names every task with its reason (exit code 4)."""
    targets = [on_street("far", 0, 1.5, service_s=9 * HOUR), on_street("not ours", 2, 1.5)]
    with pytest.raises(InfeasibleError) as caught:
        work([LOCAL], targets)
    assert "far (shift)" in str(caught.value)
    assert "not ours (no_authority)" in str(caught.value)


def test_an_id_used_twice_is_refused():
    """Two targets of one id are refused: a joint visit is the only task that stands twice in a plan."""
    with pytest.raises(InputError, match="twice"):
        plan_tasks(GRAPH, [LOCAL], [on_street("a", 0, 1), on_street("a", 0, 2)], shift_h=8, owner_of_segment=OWNERS)
