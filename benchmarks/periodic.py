"""The periodic set of Cordeau, Gendreau and Laporte (1997) through the planner of a week.

Each customer is visited on one of the sets of days its row allows; all days have the same cars. The search is that of
``patrol.week.find_week`` without the wish for even days, which the set does not know.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.instances import make_day
from patrol.bound import bound_driving
from patrol.check import check_routes
from patrol.matrices import Day
from patrol.solver import Routes, Search
from patrol.units import Unit
from patrol.week import WeekTask, find_week

SCALE = 600
"""Ticks of one unit of distance: a minute, so that ten units apart are one cluster."""

ITERATIONS = 1_000
"""Iterations of each day."""

ROUNDS = 200_000
"""Rounds of a week times its visits: they set the time, within a fewest and a most."""


@dataclass(frozen=True)
class Week:
    """A periodic instance.

    Attributes
    ----------
    name
        Its name.
    day
        The numbers of a day with every customer.
    visits, options
        Visits of each customer and the sets of days allowed.
    days
        Days of the period.
    exact
        Distances in double precision, depot first.
    best_known
        Listed value.
    """

    name: str
    day: Day
    visits: tuple[int, ...]
    options: tuple[tuple[tuple[int, ...], ...], ...]
    days: int
    exact: np.ndarray
    best_known: float | None

    def price(self, week: tuple[Routes, ...]) -> float:
        """Add up the distances of a week."""
        chains = [[0, *(1 + j for j in stops), 0] for routes in week for _, stops in routes]
        return sum(float(self.exact[a, b]) for chain in chains for a, b in itertools.pairwise(chain))


def read_pvrp(path: Path, values: dict[str, float]) -> Week:
    """Read a file of the periodic set; a set of days is a number whose first binary digit is the first day."""
    rows = [[float(x) for x in line.split()] for line in path.read_text(encoding="utf-8").splitlines() if line.split()]
    cars, customers, days = (int(x) for x in rows[0][1:4])
    limit, load = rows[1][0], int(rows[1][1])
    body = rows[1 + days : 2 + days + customers]
    xy = np.array([row[1:3] for row in body])
    exact = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    options = []
    for row in body[1:]:
        marks = [int(mark) for mark in row[7 : 7 + int(row[6])]]
        options.append(tuple(tuple(d for d in range(days) if mark >> (days - 1 - d) & 1) for mark in marks))
    end = 10**9
    day = make_day(
        np.rint(exact * SCALE).astype(np.int64),
        [Unit("depot", "local", 0.0, 0.0, cars)],
        service=np.array([int(row[3] * SCALE) for row in body[1:]], dtype=np.int64),
        load=np.array([int(row[4]) for row in body[1:]], dtype=np.int64),
        capacity=load,
        span=(np.zeros(customers, dtype=np.int64), np.full(customers, end), end),
        longest=int(limit * SCALE) if limit else None,
    )
    visits = tuple(int(row[5]) for row in body[1:])
    return Week(path.name, day, visits, tuple(options), days, exact, values.get(path.name))


def solve_week(week: Week, *, scale: float = 1.0, seed: int = 1) -> dict[str, object]:
    """Plan a period and check every day of it; return a row of the table of results."""
    rounds = max(1, round(scale * min(2_000, max(200, ROUNDS // sum(week.visits)))))
    begin = time.process_time()
    task = WeekTask(week.visits, week.days, options=week.options, even=False, rounds=rounds)
    found = find_week(week.day, task, Search(max(1, round(scale * ITERATIONS)), seed))
    cpu_s = time.process_time() - begin
    everyone = set(range(len(week.visits)))
    bound = 0
    for routes in found.routes:
        served = {j for _, stops in routes for j in stops}
        assert check_routes(week.day, routes, sorted(everyone - served)) == []
        bound += bound_driving(week.day, sorted(served)) if served else 0
    held = [tuple(d for d, r in enumerate(found.routes) if any(j in s for _, s in r)) for j in sorted(everyone)]
    lacking = sum(days not in some for days, some in zip(held, week.options, strict=True))
    cost = week.price(found.routes)
    gap = None if week.best_known is None else 100 * (cost - week.best_known) / week.best_known
    return {
        "instance": week.name,
        "tasks": sum(week.visits),
        "cost": f"{cost:.2f}",
        "best_known": week.best_known,
        "gap_percent": "" if gap is None else f"{gap:.3f}",
        "bound": f"{bound / SCALE:.1f}",
        "left_out": lacking,
        "routes": sum(len(routes) for routes in found.routes),
        "iterations": rounds,
        "seed": seed,
        "cpu_s": f"{cpu_s:.1f}",
    }
