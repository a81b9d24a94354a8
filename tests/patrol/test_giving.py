"""A task goes to another crew: the price told before is the price paid, and nothing is given that may not be done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from patrol.audit import audit_plan
from patrol.breaks import Rest
from patrol.giving import Obstacle, crews_of, holders_of, price_gift, price_gifts
from patrol.matrices import NO_WAY, TICKS
from patrol.planner import Wish, plan_work
from patrol.reasons import explain_capacity
from patrol.solver import Search
from patrol.targets import Target, Window
from patrol.tasks import make_stretches
from patrol.units import Unit
from tests.patrol.town import EXPRESSWAY, GRAPH, HOUR, LOCAL, MIXED, OWNERS, on_street, play_targets

SECOND = Unit("M", "local", 116.06, 40.0)
QUICK = Search(iterations=60)


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    """Let the exact model work for a moment only."""
    monkeypatch.setattr("patrol.meeting.EFFORT", 0.1)


def plan(units, targets, *, shift_h=8.0, wish=None, stretches=()):
    """Plan a day in the town."""
    return plan_work(
        GRAPH,
        units,
        targets,
        stretches=stretches,
        shift_h=shift_h,
        owner_of_segment=OWNERS,
        wish=wish,
        search=QUICK,
    )


def visits(made):
    """Return the tasks of each crew, in order."""
    return {(r.unit, r.car): [s.target for s in r.stops] for r in made.plan.routes}


@settings(max_examples=10)
@given(seed=st.integers(0, 1_000))
def test_the_price_told_is_the_price_paid(seed):
    """Each offer without obstacle is a plan in order by the independent audit, its driving differs by the price told."""
    two = Unit("L", "local", 116.0, 40.0, 2)
    made = plan([two, SECOND, MIXED], play_targets(seed, 8))
    for task in [s.target for s in made.plan.routes[0].stops][:2]:
        giver = holders_of(made.plan, task)[0]
        for offer in price_gifts(made, task):
            assert offer.giver == giver
            if offer.plan is None:
                assert offer.obstacles
                continue
            assert holders_of(offer.plan.plan, task) == (offer.taker,)
            audit = audit_plan(GRAPH, offer.plan.plan)
            assert audit.problems == ()
            assert audit.drive_s - audit_plan(GRAPH, made.plan).drive_s == pytest.approx(offer.extra_s, abs=3)
            others = {crew: tasks for crew, tasks in visits(offer.plan).items() if crew not in {giver, offer.taker}}
            assert others == {c: t for c, t in visits(made).items() if c not in {giver, offer.taker}}
            assert offer.plan.plan.bound_s == made.plan.bound_s


def test_offers_are_sorted_and_those_with_obstacles_come_last():
    """The cheapest crew is named first; crews that may not come are named last, with the reason."""
    targets = [on_street("T1", 0, 1.5, service_s=600), on_street("T2", 2, 1.5, service_s=600)]
    made = plan([LOCAL, SECOND, EXPRESSWAY], targets)
    task = "T1"
    offers = price_gifts(made, task)
    assert [o.taker for o in offers] == [("M", 1), ("E", 1)]
    assert offers[0].extra_s is not None
    assert offers[1].obstacles == (Obstacle.AUTHORITY,)
    assert offers[1].plan is None
    assert crews_of(made.plan) == (("E", 1), ("L", 1), ("M", 1))


def test_a_crew_without_the_skill_is_refused():
    """A crew of the right agency without the skill is told apart from one of another agency."""
    able = Unit("L", "local", 116.0, 40.0, 1, ("drone",))
    made = plan([able, SECOND], [on_street("T1", 0, 1.5, service_s=600, skill="drone")])
    assert price_gifts(made, "T1")[0].obstacles == (Obstacle.SKILL,)


def test_lateness_and_a_long_day_are_measured():
    """An offer that would be late or too long tells by how much, and gives no plan."""
    window = Window(8 * HOUR, 8 * HOUR + 300)
    targets = [on_street("A", 0, 0.2, service_s=600, window=window), on_street("B", 0, 4.8, service_s=600)]
    made = plan([LOCAL, SECOND], targets)
    assert visits(made) == {("L", 1): ["A"], ("M", 1): ["B"]}
    late = price_gifts(made, "A")[0]
    assert late.obstacles == (Obstacle.LATE,)
    assert late.late_s > 0
    assert late.extra_s is not None
    short = plan(
        [LOCAL, SECOND], [on_street("A", 0, 0.2, service_s=2600), on_street("B", 0, 4.8, service_s=2600)], shift_h=1
    )
    long = price_gifts(short, "A")[0]
    assert long.obstacles == (Obstacle.SHIFT,)
    assert long.over_s > 0


def test_a_fair_limit_is_kept():
    """Under a limit on the time out, a crew that would be out longer is refused by as much."""
    targets = [on_street("A", 0, 0.5, service_s=1800), on_street("B", 0, 4.5, service_s=1800)]
    made = plan([LOCAL, SECOND], targets)
    fair = replace(made, plan=replace(made.plan, day=replace(made.plan.day, longest=50 * 60 * TICKS)))
    offer = price_gift(fair, "A", giver=("L", 1), taker=("M", 1))
    assert offer.obstacles == (Obstacle.SHIFT,)
    assert offer.over_s > 0
    assert price_gift(made, "A", giver=("L", 1), taker=("M", 1)).plan is not None


def test_a_rest_that_no_longer_fits_is_named():
    """A crew that would have no room for its rest is refused with that reason; one with room keeps its rest."""
    rest = Rest(3600, 11 * HOUR, 11 * HOUR + 60)
    targets = [on_street("A", 0, 0.5, service_s=600, window=Window(11 * HOUR - 60, 11 * HOUR + 300))]
    targets += [on_street("B", 0, 4.5, service_s=600, window=Window(12 * HOUR + 900, 12 * HOUR + 1200))]
    targets += [on_street("C", 0, 4.4, service_s=600, window=Window(8 * HOUR, 9 * HOUR))]
    made = plan([LOCAL, SECOND], targets, wish=Wish(rest))
    for task in ("A", "B", "C"):
        for offer in price_gifts(made, task):
            assert offer.plan is None or audit_plan(GRAPH, offer.plan.plan, rest=rest).problems == ()
    tight = [
        on_street(f"D{k}", 0, 0.5, service_s=1500, window=Window(10 * HOUR + 1800 * k, 10 * HOUR + 1800 * k))
        for k in range(5)
    ]
    made = plan([LOCAL, SECOND], tight, wish=Wish(Rest(3600, 11 * HOUR, 11 * HOUR + 60)))
    found = {
        o for t in made.plan.routes for s in t.stops for offer in price_gifts(made, s.target) for o in offer.obstacles
    }
    assert Obstacle.REST in found


def test_a_task_left_out_can_be_given():
    """A task that was left out for want of room goes to a crew that has room for it; its reason is then gone."""
    made = plan([LOCAL], [on_street("A", 0, 0.5, service_s=600), on_street("B", 0, 4.5, service_s=28_000)])
    assert [item.target for item in made.plan.left_out] == ["B"]
    offer = price_gifts(made, "B")[0]
    assert offer.giver is None
    assert offer.obstacles == (Obstacle.SHIFT,)
    both = plan([LOCAL, SECOND], [on_street("A", 0, 0.5, service_s=600), on_street("B", 0, 4.5, service_s=600)])
    day, first = both.plan.day, tuple(route for route in both.plan.routes if route.unit == "L")
    without = replace(both, plan=replace(both.plan, routes=first, left_out=(explain_capacity(day, 1),)))
    offer = price_gifts(without, "B")[0]
    assert offer.taker == ("M", 1)
    assert offer.plan is not None
    assert offer.plan.plan.left_out == ()
    assert holders_of(offer.plan.plan, "B") == (("M", 1),)


def test_a_task_without_a_way_is_refused():
    """No crew is offered a task to which no road leads."""
    made = plan([LOCAL, SECOND], [on_street("A", 0, 0.5, service_s=600), on_street("B", 0, 4.5, service_s=600)])
    travel = made.plan.day.travel.copy()
    travel[:, 2] = travel[2, :] = NO_WAY
    shut = replace(made, plan=replace(made.plan, day=replace(made.plan.day, travel=travel)))
    assert price_gift(shut, "A", giver=("L", 1), taker=("M", 1)).obstacles == (Obstacle.NO_WAY,)


def test_what_is_still_left_out_keeps_its_reason():
    """Giving one task away leaves the reasons of the others as they were."""
    made = plan([LOCAL, SECOND], [on_street("A", 0, 0.5, service_s=600), Target("Z", 0.0, 0.0)])
    offer = price_gifts(made, "A")[0]
    assert offer.plan is not None
    assert offer.plan.plan.left_out == made.plan.left_out


def test_a_joint_visit_changes_one_side_only():
    """Of a joint visit one side changes hands: the appointment stays, the other crew too, and both begin together."""
    target = on_street("J", 1, 2.0, service_s=900, agency="local+expressway")
    beside = Unit("M", "local", 116.0, 40.0)
    made = plan([LOCAL, beside, EXPRESSWAY], [target, on_street("A", 0, 4.5, service_s=300)])
    (meeting,) = made.meetings
    giver = next(crew for crew in holders_of(made.plan, "J") if crew[0] != "E")
    offers = price_gifts(made, "J", giver=giver)
    taken = next(o for o in offers if o.plan is not None)
    assert taken.plan is not None
    (after,) = taken.plan.meetings
    assert after.start_s == meeting.start_s
    assert set(after.crews) == {"E", taken.taker[0]}
    assert audit_plan(GRAPH, taken.plan.plan, meetings=taken.plan.meetings).problems == ()
    lost = plan([LOCAL, EXPRESSWAY], [target, on_street("A", 0, 1.5)], shift_h=0.1)
    assert all(o.obstacles == (Obstacle.JOINT,) for o in price_gifts(lost, "J"))


def test_a_stretch_may_be_driven_the_other_way():
    """Of a stretch that may be driven either way, the new crew takes the way that suits it."""
    row = GRAPH.network.row_of_segment
    arcs = [2 * k for k in range(len(row)) if GRAPH.network.text("name", k) == "街1"][:2]
    if GRAPH.head[arcs[0]] != GRAPH.tail[arcs[1]]:
        arcs.reverse()
    stretches = make_stretches(GRAPH, "S", arcs, directions="either")
    made = plan([LOCAL, SECOND], [on_street("A", 0, 1.5, service_s=300)], stretches=stretches)
    giver = holders_of(made.plan, "S")[0]
    taken = next(o for o in price_gifts(made, "S") if o.plan is not None)
    assert taken.plan is not None
    assert holders_of(taken.plan.plan, "S") == (taken.taker,)
    assert taken.taker != giver


def test_the_last_task_of_a_crew_leaves_its_car_at_home():
    """A crew whose only task is given away stays at home; the number of the other car of its unit stays."""
    two = Unit("L", "local", 116.0, 40.0, 2)
    day = [on_street("A", 0, 0.5, service_s=14_000), on_street("B", 0, 0.6, service_s=14_000)]
    made = plan([two, SECOND], day, shift_h=5)
    first, second = (route for route in made.plan.routes if route.unit == "L")
    offer = price_gift(made, first.stops[0].target, giver=("L", 1), taker=("M", 1))
    assert offer.plan is not None
    assert visits(offer.plan) == {("L", 2): [s.target for s in second.stops], ("M", 1): [first.stops[0].target]}


def test_unknown_tasks_and_crews_are_named():
    """A task the day does not have, and a crew that does not hold it, are one sentence each."""
    made = plan([LOCAL, SECOND], [on_street("A", 0, 0.5, service_s=600)])
    with pytest.raises(InputError, match="no task"):
        price_gifts(made, "{{ 7*7 }}")
    holder = holders_of(made.plan, "A")[0]
    other = next(crew for crew in crews_of(made.plan) if crew != holder)
    with pytest.raises(InputError, match="does not hold"):
        price_gifts(made, "A", giver=other)
    assert np.isfinite(made.plan.drive_s)
