"""Better days for the visits of a week: some targets near one another are taken out of all days and put back.

Each is put back on the days that cost least beside all others (ruin and recreate, Schrimpf et al. 2000); a week that
drives a little more than the best so far is kept for a while (record-to-record travel, Dueck 1993). Between such
rounds each day is searched on from its routes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from patrol.check import drive_ticks
from patrol.matrices import NO_WAY, Day
from patrol.pattern import group_targets
from patrol.solver import Found, Routes, Search, find_routes
from patrol.timing import Timing

Ints = npt.NDArray[np.int64]
Pattern = tuple[int, ...]

SLACK = 0.01
"""Share by which a week may drive more than the best at the start of a round; it falls to nothing."""

_MOST_OUT = 14
_TRIES = 40
_ROUNDS = 4


@dataclass(frozen=True)
class Date:
    """One day of the week: its numbers, with its appointments as windows, and its routes."""

    day: Day
    found: Found


@dataclass(frozen=True)
class WeekRules:
    """What holds when visits change their days.

    Attributes
    ----------
    visits
        Visits of each target, by row.
    options
        The sets of days on which each target may be visited.
    fixed
        Rows that stay where they are: appointments.
    timing
        The rests of the crews.
    even
        Whether no day may become fuller than the fullest, also for a group of crews, or emptier than the emptiest.
    """

    visits: Sequence[int]
    options: Sequence[Sequence[Pattern]]
    fixed: frozenset[int]
    timing: Timing
    even: bool = True


@dataclass(frozen=True)
class _Slots:
    """Every place of a day where a visit can be put: route (or spare car), position, unit, neighbours, room."""

    route: Ints
    at: Ints
    unit: Ints
    before: Ints
    after: Ints
    gap: Ints
    room: Ints


class Sheet:
    """One day of the week with its routes; a change makes a new sheet.

    Parameters
    ----------
    day
        The numbers of the day.
    routes
        Its routes.
    timing
        The rests of the crews.
    """

    def __init__(self, day: Day, routes: Routes, timing: Timing) -> None:
        self.day, self.timing = day, timing
        self.routes: Routes = [(i, list(stops)) for i, stops in routes if stops]
        self._cheapest: dict[int, tuple[int, int] | None] = {}
        self.works: Ints | None = None

    @cached_property
    def rows(self) -> frozenset[int]:
        """Rows of the targets visited."""
        return frozenset(j for _, stops in self.routes for j in stops)

    @cached_property
    def drive(self) -> int:
        """Ticks driven."""
        return sum(drive_ticks(self.day, i, stops) for i, stops in self.routes)

    @cached_property
    def _slots(self) -> _Slots:
        day, m = self.day, len(self.day.units)
        used = [i for i, _ in self.routes]
        every = [*self.routes, *((i, []) for i, u in enumerate(day.units) if used.count(i) < u.available)]
        cells = []
        for number, (i, stops) in enumerate(every):
            room = NO_WAY
            if day.load is not None and day.capacity is not None:
                room = int(day.capacity[i]) - int(day.load[stops].sum())
            chain = [i, *(m + j for j in stops), i]
            cells += [(number, k, i, chain[k], chain[k + 1], room) for k in range(len(chain) - 1)]
        route, at, unit, before, after, room_of = np.array(cells, dtype=np.int64).reshape(-1, 6).T
        return _Slots(route, at, unit, before, after, self._ticks(unit, before, after), room_of)

    def _ticks(self, unit: Ints, before: Ints, after: Ints) -> Ints:
        if not self.day.tables:
            return self.day.travel[before, after]
        kind = np.array(self.day.table_of, dtype=np.int64)[unit]
        return np.choose(kind, [table[before, after] for table in self.day.tables])

    def _stops_of(self, number: int) -> list[int]:
        return self.routes[number][1] if number < len(self.routes) else []

    def cheapest(self, j: int) -> tuple[int, int] | None:
        """Return the ticks and the number of the cheapest place for a target, ``None`` where there is none."""
        if j not in self._cheapest:
            self._cheapest[j] = self._find_cheapest(j)
        return self._cheapest[j]

    def _find_cheapest(self, j: int) -> tuple[int, int] | None:
        slots, day = self._slots, self.day
        if not len(slots.unit):
            return None
        place = np.full(len(slots.unit), len(day.units) + j)
        more = self._ticks(slots.unit, slots.before, place) + self._ticks(slots.unit, place, slots.after) - slots.gap
        load = 0 if day.load is None else int(day.load[j])
        more[~day.allowed[slots.unit, j] | (slots.room < load)] = NO_WAY
        for k in np.argsort(more, kind="stable")[:_TRIES].tolist():
            if more[k] >= NO_WAY // 2:
                return None
            stops, at = self._stops_of(int(slots.route[k])), int(slots.at[k])
            if self.timing.fits(day, int(slots.unit[k]), [*stops[:at], j, *stops[at:]]):
                return int(more[k]), k
        return None

    def put(self, j: int, k: int) -> Sheet:
        """Return the day with a target at one of its places; see ``cheapest``."""
        slots = self._slots
        number, at = int(slots.route[k]), int(slots.at[k])
        stops = self._stops_of(number)
        route = (int(slots.unit[k]), [*stops[:at], j, *stops[at:]])
        kept = [*self.routes[:number], route, *self.routes[number + 1 :]]
        return Sheet(self.day, kept, self.timing)

    def without(self, rows: frozenset[int]) -> Sheet:
        """Return the day without some targets; the same day where it visits none of them."""
        if not rows & self.rows:
            return self
        return Sheet(self.day, [(i, [j for j in stops if j not in rows]) for i, stops in self.routes], self.timing)


def move_visits(
    dates: Sequence[Date], rules: WeekRules, search: Search, *, rounds: int | None = None
) -> tuple[list[Routes], int]:
    """Move visits between days while that serves more of them, or as many with less driving.

    Parameters
    ----------
    dates
        The days as planned one by one.
    rules
        Visits, allowed patterns, rows that stay.
    search
        Its iterations are those by which each day is searched on, its dice draw the targets.
    rounds
        How often targets are taken out and put back; half the iterations by default.

    Returns
    -------
    list of list
        Routes of each day, sorted by unit.
    int
        Targets that changed their days.
    """
    week = [Sheet(one.day, one.found.routes, rules.timing) for one in dates]
    mover = _Mover(dates[0].day, rules, week)
    first = [mover.days_of(week, j) for j in range(len(rules.visits))]
    short = sorted(mover.free, key=lambda j: (len(first[j]) - rules.visits[j], j))
    for j in [*short, *short]:
        week = min(week, mover.rebuild(week, [j]), key=mover.price)
    total = search.iterations // 2 if rounds is None else rounds
    dice = random.Random(search.seed)
    for part in range(_ROUNDS):
        week = mover.wander(week, total * (part + 1) // _ROUNDS - total * part // _ROUNDS, dice, search=search)
        week = mover.search_on(week, replace(search, iterations=max(1, search.iterations // _ROUNDS)), part=part)
    moved = sum(mover.days_of(week, j) != days for j, days in enumerate(first))
    return [sorted(sheet.routes, key=lambda route: (route[0], route[1])) for sheet in week], moved


class _Mover:
    """Takes targets out of a week and puts them back."""

    def __init__(self, day: Day, rules: WeekRules, week: Sequence[Sheet]) -> None:
        self.rules, self.service = rules, day.service
        self.free = [j for j, visits in enumerate(rules.visits) if visits and j not in rules.fixed]
        self.group = group_targets(day)
        works = np.array([self._works(sheet) for sheet in week])
        self.fullest = works.max(axis=0)
        self.fullest_of_all, self.emptiest = int(works.sum(axis=1).max()), int(works.sum(axis=1).min())
        between, free = day.between + day.between.T, set(self.free)
        self.near = {j: [k for k in np.argsort(between[j], kind="stable").tolist() if k in free] for j in self.free}

    def _works(self, sheet: Sheet) -> Ints:
        """Return the ticks of work of each group of crews on a day."""
        if sheet.works is None:
            rows = sorted(sheet.rows)
            size = int(self.group.max(initial=0)) + 1
            sheet.works = np.bincount(self.group[rows], weights=self.service[rows], minlength=size).astype(np.int64)
        return sheet.works

    @staticmethod
    def days_of(week: Sequence[Sheet], j: int) -> Pattern:
        return tuple(d for d, sheet in enumerate(week) if j in sheet.rows)

    def price(self, week: Sequence[Sheet]) -> tuple[int, int, int]:
        """Fewer visits left out first, then work that is not less even, then less driving."""
        uneven = sum(self._uneven(self._works(sheet)) for sheet in week) if self.rules.even else 0
        return -sum(len(sheet.rows) for sheet in week), uneven, sum(sheet.drive for sheet in week)

    def _uneven(self, works: Ints) -> int:
        whole = int(works.sum())
        over = int(np.maximum(0, works - self.fullest).sum()) + max(0, whole - self.fullest_of_all)
        return over + max(0, self.emptiest - whole)

    def rebuild(self, week: Sequence[Sheet], rows: Sequence[int]) -> list[Sheet]:
        """Take targets out of all days and put each back, in the order given, on the days that cost least."""
        bare = [sheet.without(frozenset(rows)) for sheet in week]
        for j in rows:
            full = self._full_days(bare, j) if self.rules.even else set()
            cheapest = [sheet.cheapest(j) for sheet in bare]
            _, _, _, pattern = min(
                (
                    -sum(cheapest[d] is not None for d in days),
                    len(full & set(days)),
                    sum(place[0] for d in days if (place := cheapest[d]) is not None),
                    days,
                )
                for days in self.rules.options[j]
            )
            for d in pattern:
                if (place := cheapest[d]) is not None:
                    bare[d] = bare[d].put(j, place[1])
        return bare

    def _full_days(self, week: Sequence[Sheet], j: int) -> set[int]:
        g, work = int(self.group[j]), int(self.service[j])
        full = set()
        for d, sheet in enumerate(week):
            works = self._works(sheet)
            if works[g] + work > self.fullest[g] or works.sum() + work > self.fullest_of_all:
                full.add(d)
        return full

    def wander(self, week: list[Sheet], rounds: int, dice: random.Random, *, search: Search) -> list[Sheet]:
        """Take out and put back targets near one another, some rounds long; return the best week seen."""
        best, price = week, self.price(week)
        for done in range(rounds if self.free else 0):
            if search.cancel is not None and search.cancel():
                break
            trial = self.rebuild(week, self._draw(week, dice))
            now = self.price(trial)
            limit = price[2] * (1 + SLACK * (1 - done / rounds))
            if now < self.price(week) or (now[:2] == price[:2] and now[2] < limit):
                week = trial
            if now < price:
                best, price = trial, now
        return best

    def _draw(self, week: Sequence[Sheet], dice: random.Random) -> list[int]:
        """Draw targets near one another, with some that lack a visit first."""
        seed = dice.choice(self.free)
        many = dice.randint(1, min(_MOST_OUT, len(self.free)))
        out = dice.sample(self.near[seed][: 2 * many], many)
        lacking = []
        if self.lacks(week):
            lacking = [j for j in self.free if len(self.days_of(week, j)) < self.rules.visits[j]]
        first = dice.sample(lacking, min(2, len(lacking)))
        return [*first, *(j for j in out if j not in first)]

    def lacks(self, week: Sequence[Sheet]) -> bool:
        """Return whether a visit is left out."""
        held = sum(len(sheet.rows - self.rules.fixed) for sheet in week)
        return held < sum(self.rules.visits[j] for j in self.free)

    def search_on(self, week: list[Sheet], search: Search, *, part: int) -> list[Sheet]:
        """Search each day on from its routes; days with appointments or rests stay as they are."""
        if self.rules.timing.rest is not None:
            return week
        quiet = replace(search, progress=None, seed=search.seed + 10 * part)
        better = []
        for sheet in week:
            if not sheet.rows or sheet.rows & self.rules.fixed or (search.cancel is not None and search.cancel()):
                better.append(sheet)
                continue
            found = find_routes(sheet.day, sorted(sheet.rows), quiet, start=sheet.routes)
            again = Sheet(sheet.day, found.routes, self.rules.timing)
            better.append(min(sheet, again, key=lambda one: (-len(one.rows), one.drive)))
        return better
