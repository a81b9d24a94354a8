import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from patrol.breaks import Rest
from patrol.check import drive_ticks
from patrol.pattern import choose_patterns, find_clusters, list_options, spread_patterns
from patrol.reasons import Reason
from patrol.solver import Found, Search
from patrol.targets import Target
from patrol.timing import KEEP
from patrol.week import plan_week, visits_of
from patrol.weekmoves import Date, WeekRules, move_visits
from tests.patrol.town import EXPRESSWAY, GRAPH, HOUR, LOCAL, MIXED, OWNERS, measure, on_street, play_targets

QUICK = Search(iterations=40)


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    """Let the pattern model work for a moment only."""
    monkeypatch.setattr("patrol.pattern.EFFORT", 0.1)


def plan(units, targets, *, shift_h=8.0, search=QUICK, **options):
    """Plan a week in the town."""
    return plan_week(GRAPH, units, targets, shift_h=shift_h, owner_of_segment=OWNERS, search=search, **options)


def driven(day, week):
    """Add up the driving of a week, ticks."""
    return sum(drive_ticks(day, i, stops) for routes in week for i, stops in routes)


def often(seed, count):
    """Return random targets with one, two or three visits a week."""
    return [
        Target(t.id, t.lon, t.lat, t.service_s, window=t.window, visits_per_week=1 + k % 3)
        for k, t in enumerate(play_targets(seed, count))
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_visit_takes_place_on_its_own_day_or_has_a_reason(seed):
    """Each target is served on as many different days as asked, or the missing visits are listed with a reason."""
    targets = often(seed, 12)
    found = plan([LOCAL, EXPRESSWAY, MIXED], targets)
    served = Counter(s.target for day in found.days for r in day.routes for s in r.stops)
    missed = Counter(item.target for item in found.missed)
    for target in targets:
        assert served[target.id] + missed[target.id] == target.visits_per_week
        assert len(found.pattern[target.id]) == served[target.id]
    for day in found.days:
        assert max(Counter(s.target for r in day.routes for s in r.stops).values()) == 1
        assert day.left_out == ()
    assert found.drive_s == pytest.approx(sum(day.drive_s for day in found.days))
    assert found.bound_s <= found.drive_s


def test_visits_lie_apart():
    """Two visits within five days are at least three days apart on the circle of the week."""
    found = plan([LOCAL], [on_street(f"x{k}", 0, k + 0.5, visits_per_week=2) for k in range(4)])
    assert all(b - a >= 3 for days in found.pattern.values() for a, b in [days])


@given(visits=st.integers(1, 7), days=st.integers(1, 7))
def test_patterns_have_the_right_number_of_days(visits, days):
    """Each pattern holds as many days as asked, at most all, ascending, and all patterns share the widest gap."""
    options = spread_patterns(visits, days)
    assert options == sorted(set(options))
    for option in options:
        assert len(option) == min(visits, days)
        assert all(a < b for a, b in pairwise(option))
        assert option[-1] < days


def test_work_is_balanced_over_the_days():
    """Ten equal targets once a week fall two on each of five days."""
    day = measure([LOCAL], [on_street(f"x{k}", k % 2, 0.5 + k % 5, service_s=HOUR) for k in range(10)])
    chosen = choose_patterns(day, [1] * 10, 5)
    assert Counter(days[0] for days in chosen) == dict.fromkeys(range(5), 2)


def test_places_near_one_another_share_a_day():
    """Two far clusters of two places each are visited on two days, not mixed."""
    targets = [on_street("a", 0, 0.2), on_street("b", 0, 0.4), on_street("c", 5, 4.6), on_street("d", 5, 4.8)]
    day = measure([LOCAL], [Target(t.id, t.lon, t.lat, 600.0) for t in targets])
    cluster = find_clusters(day, within_s=120)
    assert cluster.tolist() == [0, 0, 1, 1]


def test_every_second_week():
    """A target due every second week is planned in one of two weeks in a row, never in both."""
    target = [on_street("a", 0, 1.5, visits_per_week=0.5), on_street("b", 0, 2.5)]
    due = [len(plan([LOCAL], target, days=2, week=week).pattern["a"]) for week in range(4)]
    assert due == [0, 1, 0, 1]
    assert sum(visits_of(Target("x", 0, 0, visits_per_week=0.3), week) for week in range(10)) == 3


def test_reasons_of_missed_visits():
    """More visits than days, a full week, and a target nobody may serve are told apart."""
    targets = [
        on_street("often", 0, 0.5, visits_per_week=4),
        on_street("nobody", 2, 0.5),
        *[on_street(f"long{k}", 0, 1.5 + k, service_s=3 * HOUR) for k in range(4)],
    ]
    found = plan([LOCAL], targets, shift_h=4.0, days=3)
    reasons = {item.target: item.reason for item in found.missed}
    assert reasons.pop("often") == Reason.VISITS
    assert reasons.pop("nobody") == Reason.NO_AUTHORITY
    assert list(reasons.values()) == [Reason.CAPACITY]
    assert Counter(item.target for item in found.missed)["often"] == 1


def test_moving_a_visit_pays():
    """A target put on a bad day moves to the day whose crew passes by, and the sum falls."""
    targets = [on_street("a", 0, 4.4), on_street("b", 0, 4.6), on_street("c", 0, 0.4)]  # without work: no day fills
    day = measure([LOCAL], targets)
    before = [[(0, [0])], [(0, [1])], [(0, [2])]]
    dates = [Date(day, Found(r, cancelled=False, iterations=0)) for r in before]
    rules = WeekRules([1, 1, 1], list_options([1, 1, 1], 3), frozenset(), KEEP)
    after, moved = move_visits(dates, rules, QUICK)
    assert moved >= 1
    assert driven(day, after) < driven(day, before)


@settings(max_examples=3)
@given(seed=st.integers(0, 100))
def test_same_seed_same_week(seed):
    """Promise P8: the same inputs and seed give the same week, also from shuffled tables."""
    units, targets = [LOCAL, MIXED], often(seed, 6)
    one = json.dumps(plan(units, targets, days=3).to_json(), allow_nan=False)
    assert json.dumps(plan(units[::-1], targets[::-1], days=3).to_json(), allow_nan=False) == one


@pytest.mark.parametrize("change", [{"days": 0}, {"days": 8}, {"week": -1}])
def test_weeks_that_are_none(change):
    """A week without days, with eight, or with a negative number is refused."""
    with pytest.raises(InputError, match="1 to 7 days"):
        plan([LOCAL], [on_street("a", 0, 1.5)], **change)


def test_joint_visits_of_a_week_are_appointments_on_the_days_of_both():
    """Both crews come to a joint target on the same days at the same time, as often as asked; other visits go on."""
    targets = [
        Target("both", 116.03, 40.018, 900.0, visits_per_week=2, agency="local+expressway"),
        *[on_street(f"x{k}", k % 2, 0.5 + k, service_s=600, visits_per_week=1 + k % 2) for k in range(5)],
    ]
    found = plan([LOCAL, EXPRESSWAY], targets)
    assert found.missed == ()
    assert len(found.pattern["both"]) == 2
    for d, (day, met) in enumerate(zip(found.days, found.meetings, strict=True)):
        assert [m.task for m in met] == (["both"] if d in found.pattern["both"] else [])
        starts = [s.start_s for r in day.routes for s in r.stops if s.target == "both"]
        assert starts == [m.start_s for m in met for _ in m.crews]
    body = found.to_json()
    assert body["bound_name"].endswith("appointments given")
    assert body["bound"] <= body["drive_s"]
    assert sum(len(day["meetings"]) for day in body["days"]) == 2


def test_a_joint_visit_nobody_can_make_is_missed_once_a_visit():
    """A joint target without a crew of one side is missed once for each visit, not once for each side."""
    both = Target("both", 116.03, 40.018, 900.0, visits_per_week=2, agency="local+expressway")
    found = plan([LOCAL], [both, on_street("a", 0, 1.5)])
    assert [(i.target, i.reason) for i in found.missed] == [("both", Reason.NO_AUTHORITY)] * 2


def test_a_stopped_week_gives_the_best_so_far_marked():
    """A week stopped at once is planned by greedy insertion and marked as cancelled (fault 70)."""
    found = plan([LOCAL], [on_street("a", 0, 1.5)], search=Search(iterations=50, cancel=lambda: True))
    assert any(day.cancelled for day in found.days)
    assert found.missed == ()


def test_crews_of_a_week_rest_every_day_they_are_out_over_noon():
    """With a rest asked for each route that is out over noon has one pause within the window, on every day."""
    targets = [
        on_street(f"x{k}", k % 2, 0.5 + k % 5, service_s=1.5 * HOUR, visits_per_week=1 + k % 2) for k in range(8)
    ]
    rest = Rest(1800.0, 11 * HOUR, 13 * HOUR)
    found = plan([LOCAL], targets, rest=rest, days=3)
    assert any(found.pauses)
    for day, pauses in zip(found.days, found.pauses, strict=True):
        out = [r for r in day.routes if r.leave_s < rest.to_s and r.return_s > rest.from_s]
        assert len(pauses) == len(out)
        for pause in pauses:
            assert rest.from_s <= pause.from_s <= rest.to_s
            assert pause.to_s - pause.from_s == pytest.approx(rest.length_s)
    body = found.to_json()
    assert [len(day["breaks"]) for day in body["days"]] == [len(pauses) for pauses in found.pauses]
    served = Counter(s.target for day in found.days for r in day.routes for s in r.stops)
    for target in targets:
        assert served[target.id] + sum(i.target == target.id for i in found.missed) == target.visits_per_week


def test_joint_visits_and_rests_hold_in_one_week():
    """With rests asked for, both crews still come to a joint target at the same time."""
    targets = [
        Target("both", 116.03, 40.018, 900.0, visits_per_week=1, agency="local+expressway"),
        *[on_street(f"x{k}", k % 2, 0.5 + k, service_s=HOUR) for k in range(4)],
    ]
    found = plan([LOCAL, EXPRESSWAY], targets, days=2, rest=Rest(1800.0))
    for day, met in zip(found.days, found.meetings, strict=True):
        starts = [s.start_s for r in day.routes for s in r.stops if s.target == "both"]
        assert starts == [m.start_s for m in met for _ in m.crews]
    assert sum(len(met) for met in found.meetings) == 1
