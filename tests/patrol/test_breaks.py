import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.breaks import Rest, plan_with_breaks
from patrol.sheets import cut_blocks
from patrol.solver import Search
from patrol.targets import Window
from patrol.units import Unit
from tests.patrol.town import EXPRESSWAY, HOUR, LOCAL, MIXED, measure, on_street, play_targets

SEARCH = Search(iterations=60)
NOON = Rest(HOUR, 11 * HOUR, 13 * HOUR)


@settings(max_examples=12)
@given(seed=st.integers(0, 1_000), count=st.integers(4, 22))
def test_whoever_is_out_over_noon_rests(seed, count):
    """Each crew rests in its window or is not out then; windows, shift and the order of the day still hold."""
    day = measure([LOCAL, EXPRESSWAY, MIXED], play_targets(seed, count))
    found = plan_with_breaks(day, SEARCH, rest=NOON)
    rested = {(p.unit, p.car): p for p in found.pauses}
    served = [s.target for r in found.plan.routes for s in r.stops]
    assert sorted(served + [i.target for i in found.plan.left_out]) == [t.id for t in day.targets]
    for route in found.plan.routes:
        assert 8 * HOUR <= route.leave_s <= route.return_s <= 16 * HOUR
        pause = rested.get((route.unit, route.car))
        if pause is None:
            assert route.return_s <= NOON.from_s or route.leave_s >= NOON.to_s
            continue
        assert NOON.from_s <= pause.from_s <= NOON.to_s
        assert pause.to_s - pause.from_s == NOON.length_s
        assert all(s.depart_s <= pause.from_s or s.start_s >= pause.to_s for s in route.stops)
        blocks = cut_blocks(route)
        assert all(a.to_s == b.from_s for a, b in itertools.pairwise(blocks))
        assert sum(b.to_s - b.from_s for b in blocks if b.kind == "drive") == pytest.approx(route.drive_s)
    windows = {t.id: t.window for t in day.targets}
    for route in found.plan.routes:
        for stop in route.stops:
            window = windows[stop.target]
            assert window is None or window.from_s <= stop.start_s <= window.to_s


def test_short_day_needs_no_rest():
    """A crew that is home before the window rests not at all."""
    found = plan_with_breaks(measure([LOCAL], [on_street("a", 0, 1.5, service_s=600)]), SEARCH, rest=NOON)
    assert found.pauses == ()
    assert [b.kind for b in cut_blocks(found.plan.routes[0])] == ["drive", "work", "drive"]


def test_full_day_gives_one_task_up():
    """Eight hours of work leave no hour to rest: one task is left out for it."""
    targets = [on_street(f"x{k}", 0, 0.5, service_s=1.5 * HOUR) for k in range(5)]
    day = measure([LOCAL], targets)
    found = plan_with_breaks(day, SEARCH, rest=NOON)
    assert len(found.plan.left_out) == 1
    assert len(found.pauses) == 1
    assert found.pauses[0].after >= 1


def test_task_in_the_window_is_given_to_the_other_crew():
    """A second car takes what leaves the first no room."""
    two = [LOCAL, Unit("M", "local", 116.06, 40.0)]
    targets = [on_street("a", 0, 0.5, service_s=2 * HOUR, window=Window(10 * HOUR, 10 * HOUR))]
    targets += [on_street("b", 0, 0.6, service_s=2 * HOUR, window=Window(int(12.2 * HOUR), int(12.2 * HOUR)))]
    found = plan_with_breaks(measure(two, targets), SEARCH, rest=Rest(HOUR, 11 * HOUR, 12.5 * HOUR))
    assert found.plan.left_out == ()
    assert {r.unit for r in found.plan.routes} == {"L", "M"}


def test_same_seed_same_breaks():
    """Promise P8: the same day and seed give the same breaks; they survive a JSON writer."""
    day = measure([LOCAL, MIXED], play_targets(2, 14))
    one, two = (json.dumps(plan_with_breaks(day, SEARCH).to_json(), allow_nan=False) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("values", [(0, 0, 1), (60, 2, 1), (60, -1, 1), (60, 0, 100_000)])
def test_impossible_rests_are_refused(values):
    """A rest without length, or whose window is no time of a day, is refused."""
    with pytest.raises(ValueError, match="a rest"):
        Rest(*values)
