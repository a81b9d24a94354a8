import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from patrol.check import drive_ticks
from patrol.joint import BOUND, partners_of, plan_joint
from patrol.reasons import Reason
from patrol.solver import Search
from patrol.targets import Target, Window
from patrol.units import Unit
from tests.patrol.town import EXPRESSWAY, GRAPH, HOUR, LOCAL, MIXED, OWNERS, on_street, play_targets

QUICK = Search(iterations=60)
SECOND = Unit("M", "local", 116.06, 40.0)


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    """Let the exact model work for a moment only."""
    monkeypatch.setattr("patrol.meeting.EFFORT", 0.1)


def plan(units, targets, *, shift_h=8.0, search=QUICK):
    """Plan a joint day in the town."""
    return plan_joint(GRAPH, units, targets, shift_h=shift_h, owner_of_segment=OWNERS, search=search)


def with_joint(seed, count, joint):
    """Return random targets of which the first few need both agencies."""
    targets = play_targets(seed, count)
    both = [Target(t.id, t.lon, t.lat, t.service_s, window=t.window, agency="local+expressway") for t in targets]
    return both[:joint] + targets[joint:]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1_000))
def test_both_crews_begin_together_or_the_task_is_left_out(seed):
    """Each joint visit stands in two routes of two agencies at one start time, or is left out once with a reason."""
    found = plan([LOCAL, SECOND, EXPRESSWAY], with_joint(seed, 7, 3))
    agency = {"L": "local", "M": "local", "E": "expressway"}
    starts = {}
    for route in found.plan.routes:
        for stop in route.stops:
            starts.setdefault(stop.target, []).append((stop.start_s, agency[route.unit]))
    left = [item.target for item in found.plan.left_out]
    assert sorted([*starts, *left]) == sorted({t.id for t in found.plan.day.targets})
    for meeting in found.meetings:
        assert {who for _, who in starts[meeting.task]} == {"local", "expressway"}
        assert {when for when, _ in starts[meeting.task]} == {meeting.start_s}
        window = next(t.window for t in found.plan.day.targets if t.id == meeting.task)
        assert window is None or window.from_s <= meeting.start_s <= window.to_s
    assert {m.task for m in found.meetings} | set(left) >= {"T00", "T01", "T02"}
    assert found.plan.bound_name == BOUND
    assert found.plan.bound_s <= found.plan.drive_s


def test_small_days_are_proven_best(monkeypatch):
    """On a small day the exact model proves its routes, and they drive what the best order by hand drives."""
    targets = [on_street("a", 0, 1.5, service_s=600, agency="local+expressway"), on_street("b", 0, 3.5, service_s=600)]
    monkeypatch.setattr("patrol.meeting.EFFORT", 2.0)
    found = plan([LOCAL, EXPRESSWAY], targets)
    assert found.exact
    day = found.plan.day
    rows = {(t.id, t.agency): j for j, t in enumerate(day.targets)}
    unit = {u.id: i for i, u in enumerate(day.units)}
    best = drive_ticks(day, unit["E"], [rows["a", "expressway"]])
    best += min(
        drive_ticks(day, unit["L"], o)
        for o in ([rows["a", "local"], rows["b", ""]], [rows["b", ""], rows["a", "local"]])
    )
    assert round(found.plan.drive_s * 10) == best


def test_joint_means_two_crews_only_without_a_mixed_one():
    """A mixed crew serves a joint target alone; without one the district and an expressway brigade meet there."""
    target = [on_street("a", 0, 1.5, service_s=600, agency="joint")]
    alone = plan([LOCAL, EXPRESSWAY, MIXED], target)
    assert alone.meetings == ()
    assert [r.unit for r in alone.plan.routes] == ["J"]
    (meeting,) = plan([LOCAL, EXPRESSWAY], target).meetings
    assert set(meeting.crews) == {"L", "E"}


def test_mixed_crew_does_not_stand_in_for_either_side():
    """Where two named agencies must meet, a mixed crew cannot be one of them."""
    found = plan([LOCAL, MIXED], [on_street("a", 0, 1.5, agency="local+expressway")])
    assert [(i.target, i.reason) for i in found.plan.left_out] == [("a", Reason.NO_AUTHORITY)]


def test_no_common_time():
    """Two crews that could each come, but never at once, are told so."""
    slots = [8 * HOUR + 1200 * k for k in range(9)]
    busy = [
        Target(f"x{k}", 116.03, 40.018, 1140.0, window=Window(at, at + 60), agency="expressway")
        for k, at in enumerate(slots)
    ]
    meet = on_street("a", 0, 1.5, service_s=3000, window=Window(8 * HOUR, 9 * HOUR), agency="local+expressway")
    found = plan([LOCAL, EXPRESSWAY], [*busy, meet])
    assert [(i.target, i.reason) for i in found.plan.left_out] == [("a", Reason.NO_COMMON_TIME)]
    assert found.meetings == ()


def test_same_seed_same_meetings():
    """Promise P8: the same inputs and seed give the same joint day, also from shuffled tables."""
    units, targets = [LOCAL, SECOND, EXPRESSWAY], with_joint(3, 8, 2)
    one = json.dumps(plan(units, targets).to_json(), allow_nan=False)
    assert json.dumps(plan(units[::-1], targets[::-1]).to_json(), allow_nan=False) == one


def test_a_day_without_joint_visits_is_a_plain_day():
    """Without joint targets one search is done and nothing is exact."""
    found = plan([LOCAL], [on_street("a", 0, 1.5)])
    assert (found.meetings, found.rule, found.exact) == ((), "", False)
    assert found.plan.iterations == QUICK.iterations


def test_progress_counts_over_all_searches_and_cancel_is_kept():
    """Fault 70: progress runs over all ten searches; stopped early, the best appointments so far are kept."""
    told = []
    search = Search(iterations=50, progress=lambda done, total, _: told.append((done, total)))
    plan([LOCAL, EXPRESSWAY], with_joint(3, 4, 1), search=search)
    assert {total for _, total in told} == {500}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    polls = iter(range(10_000))
    stopped = plan(
        [LOCAL, EXPRESSWAY], with_joint(3, 4, 1), search=Search(iterations=50, cancel=lambda: next(polls) > 60)
    )
    assert stopped.plan.cancelled
    assert stopped.plan.iterations < 100
    assert len(stopped.meetings) == 1


@pytest.mark.parametrize("agency", ["local+local", "a+b+c", "local+"])
def test_partners_that_make_no_pair(agency):
    """An agency joined with itself, with nobody, or with two others is refused with the name of the target."""
    with pytest.raises(InputError, match="target a"):
        partners_of(on_street("a", 0, 1.5, agency=agency), [LOCAL])
