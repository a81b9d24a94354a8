"""How crews' days are found and timed."""

from __future__ import annotations

import pytest

from geo.errors import CancelledError
from patrol.breaks import Rest
from patrol.check import check_routes
from patrol.solver import Search
from patrol.timing import KEEP, PLAIN, Timing
from tests.patrol.town import HOUR, LOCAL, measure, on_street

STOPPED = Search(iterations=50, cancel=lambda: True)
TOO_MUCH = measure([LOCAL], [on_street(name, 0, at, service_s=5 * HOUR) for name, at in (("a", 1.5), ("b", 2.5))])
"""Two targets of five hours each for one crew of eight."""


@pytest.mark.parametrize("timing", [KEEP, Timing(Rest(1800.0), keep=True)])
def test_a_search_stopped_at_once_gives_the_greedy_plan_marked(timing):
    """A search stopped before it has a plan gives that of greedy insertion, marked as cancelled (fault 70)."""
    found = timing.find(TOO_MUCH, [0, 1], STOPPED)
    assert (found.cancelled, found.iterations) == (True, 0)
    left_out = {0, 1} - {j for _, stops in found.routes for j in stops}
    assert check_routes(TOO_MUCH, found.routes, sorted(left_out)) == []
    assert all(timing.fits(TOO_MUCH, i, stops) for i, stops in found.routes)


def test_a_search_stopped_at_once_is_an_error_where_no_plan_is_kept():
    """Without the wish to keep something a search stopped before it has a plan raises (fault 70)."""
    with pytest.raises(CancelledError, match="let it run longer"):
        PLAIN.find(TOO_MUCH, [0, 1], STOPPED)


def test_rests_shorten_the_room_and_move_the_starts():
    """With a rest the room for driving and work is shorter by it, and work after the rest begins later."""
    day = measure([LOCAL], [on_street("a", 0, 1.5, service_s=4 * HOUR), on_street("b", 0, 2.5, service_s=HOUR)])
    rested = Timing(Rest(3600.0, 10 * HOUR, 13 * HOUR))
    routes = [(0, [0, 1])]
    assert PLAIN.room(day) is day
    assert rested.room(day).longest == day.end - day.begin - 3600 * 10
    plain, later = PLAIN.starts(day, routes), rested.starts(day, routes)
    assert set(plain) == set(later) == {0, 1}
    assert later[1] - later[0] >= plain[1] - plain[0] + 3600 * 10
