import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from patrol.breaks import Rest
from patrol.day import plan_measured
from patrol.planner import Wish, plan_work
from patrol.reasons import Reason
from patrol.replan import replan
from patrol.targets import Window
from patrol.units import Unit
from tests.patrol.town import EXPRESSWAY, GRAPH, HOUR, LOCAL, MIXED, OWNERS, QUICK, measure, on_street, play_targets

SECOND = Unit("M", "local", 116.06, 40.0)


def make_plan(units, targets, **options):
    """Return a plan of the town."""
    return plan_measured(measure(units, targets, **options), QUICK)


@settings(max_examples=12)
@given(seed=st.integers(0, 1_000), hours=st.floats(8, 16))
def test_nothing_driven_is_lost_and_nothing_is_done_twice(seed, hours):
    """Each target is kept, planned anew or left out with a reason; finished and begun work of the others stays."""
    plan = make_plan([LOCAL, SECOND, EXPRESSWAY, MIXED], play_targets(seed, 12))
    gone = plan.routes[0]
    at_s = hours * HOUR
    after = replan(GRAPH, plan, unit=gone.unit, car=gone.car, at_s=at_s, search=QUICK)
    kept = [stop.target for route in after.kept for stop in route.stops]
    planned = [stop.target for route in after.rest.routes for stop in route.stops]
    left = [item.target for item in after.rest.left_out]
    assert sorted(kept + planned + left) == sorted(target.id for target in plan.day.targets)
    begun = {s.target for r in plan.routes if r is not gone for s in r.stops if s.start_s <= at_s}
    assert begun <= set(kept)
    assert {s.target for s in gone.stops if s.depart_s <= at_s} == {
        s.target for r in after.kept if r.unit == gone.unit for s in r.stops
    }
    assert all(route.unit != gone.unit for route in after.rest.routes)
    assert all(route.leave_s >= at_s - 1e-6 for route in after.rest.routes)
    assert all(route.return_s <= 16 * HOUR for route in after.rest.routes)


def test_the_other_crew_takes_over_in_between():
    """A free crew takes the task, its own order stays, and the change of hands is listed."""
    targets = [on_street("a", 0, 1.5, service_s=600), on_street("b", 0, 3.5, service_s=600)]
    plan = make_plan([LOCAL, SECOND], targets)
    assert {r.unit: [s.target for s in r.stops] for r in plan.routes} == {"L": ["a"], "M": ["b"]}
    after = replan(GRAPH, plan, unit="L", at_s=8 * HOUR, search=QUICK)
    assert not after.resolved
    assert [(m.task, m.before, m.after) for m in after.moved] == [("a", "L", "M")]
    assert after.kept == ()


def test_begun_work_of_the_crew_that_drops_out_is_open_again():
    """What the missing crew was at is not done; what it had finished is."""
    targets = [on_street("a", 0, 1.5, service_s=600), on_street("b", 0, 2.5, service_s=2 * HOUR)]
    plan = make_plan([LOCAL, SECOND], targets)
    (route,) = [r for r in plan.routes if "b" in [s.target for s in r.stops]]
    (stop,) = [s for s in route.stops if s.target == "b"]
    after = replan(GRAPH, plan, unit=route.unit, at_s=stop.start_s + 60, search=QUICK)
    assert "b" in [s.target for r in after.rest.routes for s in r.stops]


def test_a_car_on_the_road_goes_on_to_the_end_of_its_segment():
    """A crew that is driving starts from the end of the segment it drives, not from its post."""
    targets = [on_street("far", 0, 4.9, service_s=600), on_street("b", 4, 0.5, service_s=600)]
    plan = make_plan([LOCAL, Unit("N", "local", 116.0, 40.036)], targets)
    far = next(r for r in plan.routes if r.stops[0].target == "far")
    other = next(r for r in plan.routes if r is not far)
    at_s = far.leave_s + 60
    after = replan(GRAPH, plan, unit=other.unit, at_s=at_s, search=QUICK)
    (kept_on,) = [r for r in after.rest.routes if r.unit == far.unit]
    first = next(s for s in kept_on.stops if s.target == "far")
    assert first.arrive_s <= far.stops[0].arrive_s + 1
    row = [u.id for u in after.rest.day.units].index(far.unit)
    assert after.rest.day.exits.lon[row] > 116.001
    assert after.rest.day.places.lon[row] == pytest.approx(116.0, abs=1e-6)


def test_what_nobody_else_may_do_is_left_out_with_its_reason():
    """The only crew with authority drops out: its tasks are left out because nobody may work there."""
    plan = make_plan([LOCAL, EXPRESSWAY], [on_street("x", 2, 0.5), on_street("a", 0, 1.5)])
    after = replan(GRAPH, plan, unit="E", at_s=8 * HOUR, search=QUICK)
    assert [(i.target, i.reason) for i in after.rest.left_out] == [("x", Reason.NO_AUTHORITY)]


def test_cars_of_one_unit_are_told_apart():
    """The second car of a unit drops out, the first goes on under its own name."""
    unit = Unit("L", "local", 116.0, 40.0, 2)
    plan = make_plan([unit], [on_street(f"x{k}", 0, k + 0.5, service_s=3 * HOUR) for k in range(2)], shift_h=4.0)
    after = replan(GRAPH, plan, unit="L", car=2, at_s=8 * HOUR, search=QUICK)
    assert [u.id for u in after.rest.day.units] == ["L#1"]
    assert len(after.rest.left_out) == 1


def test_same_seed_same_replan():
    """Promise P8: the same plan, crew, moment and seed give the same rest of the day."""
    plan = make_plan([LOCAL, SECOND, EXPRESSWAY], play_targets(5, 12))
    one, two = (replan(GRAPH, plan, unit="L", at_s=10 * HOUR, search=QUICK).rest.to_json() for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("change", "problem"),
    [({"unit": "Z"}, "no crew Z"), ({"car": 2}, "car 2"), ({"at_s": 20.0 * HOUR}, "drops out"), ({}, "no other crew")],
)
def test_questions_without_an_answer(change, problem):
    """An unknown crew, a moment after the shift, and the last crew of all are refused in one sentence."""
    plan = make_plan([LOCAL], [on_street("a", 0, 1.5)])
    with pytest.raises(InputError, match=problem):
        replan(GRAPH, plan, **{"unit": "L", "at_s": 9.0 * HOUR, "search": QUICK, **change})


def test_appointments_and_rests_stand_when_a_crew_drops_out():
    """The crews that go on keep the time of a meeting and their rest; a meeting whose partner is gone is left out."""
    early = Window(9 * HOUR, 9 * HOUR + 60)
    targets = [
        on_street("both", 2, 2.5, service_s=600, agency="local+expressway"),
        on_street("a", 0, 1.5, service_s=1200, window=early),
        on_street("b", 0, 3.5, service_s=1200, window=early),
    ]
    rest = Rest(HOUR / 2, 11 * HOUR, 13 * HOUR)
    made = plan_work(
        GRAPH, [LOCAL, SECOND, EXPRESSWAY], targets, shift_h=8, owner_of_segment=OWNERS, search=QUICK, wish=Wish(rest)
    )
    (meeting,) = made.meetings
    at_s = 8 * HOUR
    bystander = next(unit for unit in ("L", "M") if unit not in meeting.crews)
    after = replan(GRAPH, made.plan, unit=bystander, at_s=at_s, search=QUICK, rest=rest)
    starts = {s.start_s for r in after.rest.routes for s in r.stops if s.target == "both"}
    assert starts == {meeting.start_s}
    gone = replan(GRAPH, made.plan, unit="E", at_s=at_s, search=QUICK, rest=rest)
    assert [i.target for i in gone.rest.left_out] == ["both"]
    assert "both" not in {s.target for r in gone.rest.routes for s in r.stops}
    assert gone.to_json()["gone"] == "E"
