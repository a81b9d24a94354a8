import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.day import plan_measured
from patrol.quality import gini, measure_quality
from patrol.targets import Window
from patrol.units import Unit
from tests.patrol.town import GRAPH, HOUR, LOCAL, MIXED, QUICK, measure, on_street, play_targets


def plan(units, targets):
    """Return a plan of the town."""
    return plan_measured(measure(units, targets), QUICK)


def test_one_visit_splits_the_shift():
    """A place visited once waits twice; the longest wait is the larger part of the shift."""
    found = plan([LOCAL], [on_street("a", 0, 1.5, window=Window(10 * HOUR, 10 * HOUR))])
    quality = measure_quality(GRAPH, [found])
    assert quality.idle_max_s == pytest.approx(6 * HOUR)
    assert quality.idle_mean_s == pytest.approx(4 * HOUR)
    assert quality.visits == 1


def test_days_in_a_row_count_the_nights():
    """Over two days in a row a place visited each day waits from one visit to the next, the night included."""
    found = plan([LOCAL], [on_street("a", 0, 1.5, window=Window(10 * HOUR, 10 * HOUR))])
    assert measure_quality(GRAPH, [found, found], day_s=86_400).idle_max_s == pytest.approx(24 * HOUR)


def test_unvisited_place_waits_all_day():
    """A place nobody may serve is idle for the whole shift."""
    found = plan([LOCAL], [on_street("a", 0, 1.5), on_street("never", 0, 2.5, agency="joint")])
    assert measure_quality(GRAPH, [found]).idle_max_s == 8 * HOUR


def test_deadhead_and_balance():
    """Deadhead is driving over driving and work; a crew that stays at home weighs in the balance."""
    found = plan([LOCAL, MIXED], [on_street("a", 0, 1.5, service_s=600)])
    quality = measure_quality(GRAPH, [found])
    assert quality.deadhead == pytest.approx(found.drive_s / (found.drive_s + 600))
    assert quality.balance == pytest.approx(2.0)
    assert quality.gini == pytest.approx(0.5)


def test_duplication_counts_metres_of_two_agencies():
    """Two agencies on one road both ways duplicate all of the shorter way; one agency duplicates nothing."""
    other = Unit("M", "exp1", 116.0, 40.0)
    targets = [on_street("a", 0, 1.5), on_street("b", 0, 1.5, agency="exp1")]
    both = measure_quality(GRAPH, [plan([LOCAL, other], targets)])
    assert both.duplication == pytest.approx(1.0)
    assert measure_quality(GRAPH, [plan([LOCAL], targets[:1])]).duplication == 0.0


def test_entropy_of_hours():
    """Visits in one hour have entropy 0; visits in two of eight hours have log 2 over log 8."""
    at = [Window(h * HOUR, h * HOUR) for h in (9, 12)]
    one = plan([LOCAL], [on_street("a", 0, 1.5, window=at[0])])
    two = plan([LOCAL], [on_street("a", 0, 1.5, window=at[0]), on_street("b", 0, 2.5, window=at[1])])
    assert measure_quality(GRAPH, [one]).entropy == 0.0
    assert measure_quality(GRAPH, [two]).entropy == pytest.approx(math.log(2) / math.log(8))


def test_nothing_planned():
    """A day without routes has neutral figures instead of a division by zero."""
    quality = measure_quality(GRAPH, [plan([LOCAL], [on_street("a", 2, 1.5)])])
    assert (quality.deadhead, quality.duplication, quality.entropy, quality.gini, quality.balance) == (0, 0, 0, 0, 1)
    assert measure_quality(GRAPH, []).visits == 0


@given(values=st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
def test_gini_lies_between_zero_and_one(values):
    """The coefficient is the mean difference of all pairs over twice the mean, whatever the numbers."""
    n, total = len(values), sum(values)
    pairs = sum(abs(a - b) for a in values for b in values)
    assert gini(values) == pytest.approx(pairs / (2 * n * total) if total else 0.0, abs=1e-9)


def test_figures_do_not_depend_on_order():
    """Routes in another order give the same figures."""
    found = plan([LOCAL, MIXED], play_targets(3, 8))
    assert measure_quality(GRAPH, [found]).to_json() == measure_quality(GRAPH, [found]).to_json()
