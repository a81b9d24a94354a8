"""How crews' days are found and timed: plain, or with a rest that every crew must have room for.

Joint visits, fair shares and lots are planned on top of this, so that all of them hold in one plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.errors import CancelledError
from patrol.breaks import Pause, Rest, find_rested, has_room, insert_rested, put_rests, shorten_for, start_times
from patrol.check import is_feasible
from patrol.day import DayPlan, time_route
from patrol.matrices import TICKS, Day
from patrol.solver import Found, Routes, Search, find_routes, insert_targets


@dataclass(frozen=True, slots=True)
class Timing:
    """The rules by which a crew's day is timed.

    Attributes
    ----------
    rest
        The rest every crew has that is out when it should; ``None`` for none.
    keep
        Whether a search that is stopped before it has a plan gives the plan of greedy insertion, marked
        ``cancelled``, instead of an error.
    """

    rest: Rest | None = None
    keep: bool = False

    def find(self, day: Day, wanted: Sequence[int], search: Search) -> Found:
        """Find routes; see ``patrol.solver.find_routes``."""
        try:
            if self.rest is None:
                return find_routes(day, wanted, search)
            return find_rested(day, wanted, search, rest=self.rest)
        except CancelledError:
            if not self.keep:
                raise
            return Found(self.insert(day, [], wanted), cancelled=True, iterations=0)

    def fits(self, day: Day, i: int, stops: Sequence[int]) -> bool:
        """Return whether one unit can drive one route, rest included."""
        return is_feasible(day, i, stops) if self.rest is None else has_room(day, i, stops, rest=self.rest)

    def insert(self, day: Day, routes: Routes, missing: Sequence[int]) -> Routes:
        """Insert every missing task that still fits, each at its cheapest place, in the order given."""
        if self.rest is None:
            return insert_targets(day, routes, missing)
        return insert_rested(day, routes, missing, rest=self.rest)

    def starts(self, day: Day, routes: Routes) -> dict[int, int]:
        """Return when work begins at each served visit, ticks."""
        found: dict[int, int] = {}
        for i, stops in routes:
            if self.rest is None:
                found |= {stop.row: round(stop.start_s * TICKS) for stop in time_route(day, i, stops).stops}
            else:
                found |= dict(zip(stops, start_times(day, i, stops, rest=self.rest), strict=True))
        return found

    def room(self, day: Day) -> Day:
        """Return the day with the time that is left for driving and work."""
        if self.rest is None:
            return day
        return replace(day, longest=shorten_for(day, self.rest).longest)

    def write(self, plan: DayPlan) -> tuple[DayPlan, tuple[Pause, ...]]:
        """Put the rests into the times of a plan."""
        return (plan, ()) if self.rest is None else put_rests(plan, self.rest)


PLAIN = Timing()
"""No rest; a search stopped too early is an error."""

KEEP = Timing(keep=True)
"""No rest; a search stopped too early gives the plan of greedy insertion, marked as cancelled."""
