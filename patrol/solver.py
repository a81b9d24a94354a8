"""The routing solver (PyVRP) at the border: a day goes in, routes come out.

Authority is one travel table a group of units: places where the group may not work are priced ``FORBIDDEN``
ticks away. Targets are required first; only when no such plan is found are they made optional with a prize.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.errors import CancelledError
from patrol.check import drive_ticks, is_feasible
from patrol.matrices import Day
from patrol.recipe import choose_recipes, run_recipe, share_iterations

if TYPE_CHECKING:
    import pyvrp

FORBIDDEN = 10_000_000
"""Ticks to a place where a group may not work, or to which there is no way: far more than any day."""

PRIZE = 2_000_000
"""Ticks of driving an optional target is worth: more than any detour of one day, less than ``FORBIDDEN``."""

_REPORT_EVERY = 100

Progress = Callable[[int, int, float | None], None]
"""Called as ``progress(iterations done, iterations in all, best driving in seconds or None)``."""

Cancel = Callable[[], bool]
"""Called between iterations; ``True`` stops the search, which keeps its best plan so far."""

Routes = list[tuple[int, list[int]]]


@dataclass(frozen=True, slots=True)
class Search:
    """How long and with which dice to search.

    Attributes
    ----------
    iterations
        Iterations of each search (one, or two where not all targets fit).
    seed
        Seed; the same seed and iterations give the same plan.
    progress, cancel
        Optional callbacks.
    """

    iterations: int = 3_000
    seed: int = 1
    progress: Progress | None = None
    cancel: Cancel | None = None


@dataclass(frozen=True)
class Found:
    """What the search found: routes, whether it was stopped early, iterations done."""

    routes: Routes
    cancelled: bool
    iterations: int


class _Stop:
    """Stop rule: an iteration limit, a report now and then, and a way to cancel."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.done = 0
        self.limit = search.iterations
        self.best = math.inf
        self.cancelled = False

    def start(self, limit: int, best_cost: float) -> None:
        """Begin a search that ends when ``limit`` iterations are done in all; an earlier one reached a cost."""
        self.limit, self.best = limit, best_cost

    def __call__(self, best_cost: float) -> bool:
        """Return whether to stop; called once before each iteration."""
        if self.search.cancel is not None and self.search.cancel():
            self.cancelled = True
        if self.search.progress is not None and self.done % _REPORT_EVERY == 0:
            best = min(best_cost, self.best)
            self.search.progress(self.done, self.search.iterations, best / 10 if best < PRIZE else None)
        if self.cancelled or self.done >= self.limit:
            return True
        self.done += 1
        return False


def find_routes(day: Day, wanted: Sequence[int], search: Search, *, start: Routes | None = None) -> Found:
    """Find routes that serve as many of the wanted targets as possible with little driving.

    Parameters
    ----------
    day
        The numbers of the day.
    wanted
        Positions of the targets that some crew could serve alone.
    search
        Iteration limit, seed, callbacks.
    start
        Routes of the wanted targets to begin with; drawn by the dice where ``None``.

    Returns
    -------
    Found
        Routes with at least one target each.

    Raises
    ------
    CancelledError
        Where the search was stopped before it had a plan that serves all wanted targets.
    """
    if not wanted:
        return Found([], cancelled=False, iterations=0)
    result, stop = _solve(day, wanted, search, required=True, start=start)
    done = stop.done
    if not result.is_feasible():
        if stop.cancelled:
            raise CancelledError(
                "求解在得到方案之前被取消，请让它多运行一会儿。"
                " / the search was stopped before it had a plan; let it run longer"
            )
        result, stop = _solve(day, wanted, search, required=False)
        done += stop.done
    routes = _read_routes(day, wanted, result)
    served = {day.task_of(j) for _, stops in routes for j in stops}
    routes = insert_targets(day, routes, [j for j in wanted if day.task_of(j) not in served])
    return Found(routes, stop.cancelled, done)


def insert_targets(day: Day, routes: Routes, missing: Sequence[int]) -> Routes:
    """Insert every missing task that still fits, each at its cheapest place, in the order given."""
    result = [(i, list(stops)) for i, stops in routes]
    ways: dict[int, list[int]] = {}
    for j in missing:
        ways.setdefault(day.task_of(j), []).append(j)
    for modes in ways.values():
        best = min((option for j in modes for option in _insertions(day, result, j)), default=None)
        if best is not None:
            _, number, at, i, j = best
            if number >= len(result):
                result.append((i, [j]))
            else:
                result[number][1].insert(at, j)
    return sorted(result, key=lambda route: (route[0], route[1]))


def _insertions(day: Day, routes: Routes, j: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (more driving, route, position, unit, target) for each place where a target fits."""
    used = [i for i, _ in routes]
    spare: Routes = [(i, []) for i, u in enumerate(day.units) if used.count(i) < u.available]
    for number, (i, stops) in enumerate([*routes, *spare]):
        before = drive_ticks(day, i, stops) if stops else 0
        for at in range(len(stops) + 1):
            trial = [*stops[:at], j, *stops[at:]]
            if is_feasible(day, i, trial):
                yield drive_ticks(day, i, trial) - before, number, at, i, j


def _solve(
    day: Day, wanted: Sequence[int], search: Search, *, required: bool, start: Routes | None = None
) -> tuple[pyvrp.Result, _Stop]:
    """Run the searches of the day one after another and return the best result, the first of equals."""
    import pyvrp.exceptions

    stop = _Stop(search)
    data = _make_data(day, wanted, required=required)
    results: list[pyvrp.Result] = []
    recipes = choose_recipes(day, wanted)
    first = None if start is None else _write_solution(data, wanted, start)
    for number, (recipe, limit) in enumerate(zip(recipes, share_iterations(recipes, search.iterations), strict=True)):
        stop.start(limit, min((r.cost() for r in results), default=math.inf))
        with warnings.catch_warnings():
            # A penalty at its bound means "no plan serves all", which the second search answers.
            warnings.simplefilter("ignore", pyvrp.exceptions.PenaltyBoundWarning)
            seed = search.seed + number
            results.append(run_recipe(data, stop, recipe=recipe, seed=seed, first=first))
        if stop.cancelled:
            break
    return min(results, key=lambda result: float(result.cost())), stop


def _make_data(day: Day, wanted: Sequence[int], *, required: bool) -> pyvrp.ProblemData:
    import pyvrp

    m, pick = len(day.units), np.array(wanted, dtype=np.int64)
    places = np.concatenate((np.arange(m), m + pick))
    kind = np.array(day.table_of or (0,) * m, dtype=np.int64)
    marks = np.column_stack((kind, day.allowed[:, pick]))
    profiles, profile_of = np.unique(marks, axis=0, return_inverse=True)
    tables: list[Any] = []
    for mark in profiles:
        may = mark[1:].astype(bool)
        whole = day.tables[int(mark[0])] if day.tables else day.travel
        table = np.minimum(whole[np.ix_(places, places)], FORBIDDEN)
        shut = m + np.flatnonzero(~may)
        table[shut, :] = FORBIDDEN
        table[:, shut] = FORBIDDEN
        np.fill_diagonal(table, 0)
        tables.append(table)
    group, groups = _group_ways(day, pick.tolist(), required=required)
    clients = [
        pyvrp.Client(
            location=m + k,
            delivery=[] if day.load is None else [int(day.load[j])],
            service_duration=int(day.service[j]),
            tw_early=int(max(day.early[j], day.begin)),
            tw_late=int(min(day.late[j], day.end)),
            prize=0 if required else PRIZE,
            required=required and group[k] is None,
            group=group[k],
            name=day.targets[j].id,
        )
        for k, j in enumerate(pick.tolist())
    ]
    vehicles = [
        pyvrp.VehicleType(
            num_available=min(unit.available, len(pick)),
            capacity=[] if day.capacity is None else [int(day.capacity[i])],
            start_depot=i,
            end_depot=i,
            tw_early=min(day.ready_at(i), day.end),
            tw_late=day.end,
            shift_duration=day.end - day.begin if day.longest is None else day.longest,
            profile=int(profile_of.ravel()[i]),
            name=unit.id,
        )
        for i, unit in enumerate(day.units)
    ]
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in places],
        clients,
        [pyvrp.Depot(i) for i in range(m)],
        vehicles,
        tables,
        tables,
        groups,
    )


def _group_ways(day: Day, pick: Sequence[int], *, required: bool) -> tuple[list[int | None], list[pyvrp.ClientGroup]]:
    """Return the group of each client, and the groups: the ways to do one task, where it has several."""
    import pyvrp

    members: dict[int, list[int]] = {}
    for k, j in enumerate(pick):
        members.setdefault(day.task_of(j), []).append(k)
    several = [clients for clients in members.values() if len(clients) > 1]
    group: list[int | None] = [None] * len(pick)
    for number, clients in enumerate(several):
        for k in clients:
            group[k] = number
    return group, [pyvrp.ClientGroup(clients=clients, required=required) for clients in several]


def _write_solution(data: pyvrp.ProblemData, wanted: Sequence[int], routes: Routes) -> pyvrp.Solution:
    """Write routes as a solution of the solver."""
    import pyvrp

    place = {j: k for k, j in enumerate(wanted)}
    return pyvrp.Solution(data, [pyvrp.Route(data, [place[j] for j in stops], i) for i, stops in routes])


def _read_routes(day: Day, wanted: Sequence[int], result: pyvrp.Result) -> Routes:
    """Read the routes off a solution; a route that breaks a rule is taken apart rather than trusted."""
    routes = []
    for route in result.best.routes():
        stops = [wanted[visit.idx] for visit in route.schedule() if visit.is_client()]
        if stops and is_feasible(day, route.vehicle_type(), stops):
            routes.append((int(route.vehicle_type()), stops))
    return sorted(routes, key=lambda route: (route[0], route[1]))
