import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.check import check_routes, is_feasible, latest_leave
from patrol.fairness import plan_fairly
from patrol.solver import Search
from patrol.units import Unit
from tests.patrol.town import HOUR, LOCAL, QUICK, measure, on_street, play_targets

SEARCH = Search(iterations=60)
TWO = [LOCAL, Unit("M", "local", 116.01, 40.0)]


def long_day():
    """Return a day that one of two cars could do alone."""
    return measure(TWO, [on_street(f"x{k}", 0, 0.3 + 0.1 * k, service_s=HOUR) for k in range(4)])


def test_work_is_shared_when_the_price_allows():
    """One car does all where driving counts alone; with a high price the two share and the longest day halves."""
    day = long_day()
    cheap = plan_fairly(day, SEARCH, rise=0.0)
    fair = plan_fairly(day, SEARCH, rise=10.0)
    longest = [max(r.return_s - r.leave_s for r in found.plan.routes) for found in (cheap, fair)]
    assert longest[0] > 4 * HOUR
    assert longest[1] < 2.5 * HOUR
    assert {r.unit for r in fair.plan.routes} == {"L", "M"}


@settings(max_examples=4)
@given(seed=st.integers(0, 500), rise=st.sampled_from([0.0, 0.1, 1.0]))
def test_price_is_kept_and_nothing_is_left_out(seed, rise):
    """The fair plan drives no more than allowed, serves as many, and no day is longer than the curve says."""
    day = measure(TWO, play_targets(seed, 8))
    found = plan_fairly(day, SEARCH, rise=rise, steps=3)
    first = found.curve[0]
    assert found.plan.drive_s <= first.drive_s * (1 + rise) + 1e-6
    assert len(found.plan.left_out) <= first.left_out
    assert [p.limit_h for p in found.curve] == sorted((p.limit_h for p in found.curve), reverse=True)
    assert all(p.longest_h <= p.limit_h + 1e-9 for p in found.curve)
    assert found.plan.bound_s <= found.plan.drive_s + 1e-6
    accepted = min(p.longest_h for p in found.curve if p.accepted)
    assert max(r.return_s - r.leave_s for r in found.plan.routes) == pytest.approx(accepted * HOUR)


def test_same_seed_same_curve():
    """Promise P8: the same day and seed give the same curve; it survives a JSON writer."""
    one, two = (json.dumps(plan_fairly(long_day(), SEARCH, rise=0.5).to_json(), allow_nan=False) for _ in range(2))
    assert one == two


def test_cancel_keeps_the_best_so_far():
    """Fault 70: stopped during the bisection, the best plan until then is kept and marked."""
    polls = iter(range(10_000))
    found = plan_fairly(long_day(), Search(iterations=50, cancel=lambda: next(polls) > 80), rise=3.0)
    assert found.plan.cancelled
    assert found.plan.left_out == ()


def test_limit_on_the_time_out_is_checked():
    """A route longer than the limit breaks the rule, also when the crew leaves as late as it can."""
    from dataclasses import replace

    day = long_day()
    assert is_feasible(day, 0, [0, 1])
    tight = replace(day, longest=int(1.5 * HOUR * 10))
    assert any("longer than allowed" in line for line in check_routes(tight, [(0, [0, 1])], [2, 3]))
    assert is_feasible(tight, 0, [0])
    assert latest_leave(day, 0, [0]) == day.begin


def test_nothing_to_do():
    """A day nobody can serve has a curve of one point."""
    found = plan_fairly(measure([LOCAL], [on_street("a", 2, 1.5)]), QUICK)
    assert found.plan.routes == ()
    assert len(found.curve) == 1
