"""Exact improvement of the routes that hold joint visits, where they are few: one scheduling model (CP-SAT)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from patrol.check import drive_ticks
from patrol.day import time_route
from patrol.matrices import TICKS, Day
from patrol.solver import Routes
from patrol.timing import PLAIN, Timing

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

MOST_TASKS = 30
"""Beyond this many visits the model loses against the appointments (measured)."""

EFFORT = 4.0
"""Deterministic seconds of the solver: counted work, not a clock."""

Pair = tuple[int, int]


def improve_meetings(
    free: Day, routes: Routes, pairs: Sequence[Pair], *, at: dict[Pair, int], timing: Timing = PLAIN
) -> tuple[Routes, dict[Pair, int], bool]:
    """Improve the routes that hold joint visits: all orders, hands and times at once where they are few.

    Where they are many, two crews that meet are improved at a time, the others' appointments standing.

    Parameters
    ----------
    free
        The day without appointments.
    routes
        All routes.
    pairs
        The joint visits that are served.
    at
        Their times, ticks.
    timing
        The rests of the crews; the model leaves room for them and a route without any is not taken.

    Returns
    -------
    tuple
        All routes, the time of each pair in ticks, and whether the routes with meetings are proven to be the best
        for their crews and visits.
    """
    twins = {j for pair in pairs for j in pair}
    mine = [k for k, (_, stops) in enumerate(routes) if twins & set(stops)]
    times, made = dict(at), [(i, list(stops)) for i, stops in routes]
    if sum(len(made[k][1]) for k in mine) <= MOST_TASKS:
        groups = [mine] if mine else []
    else:
        holder = {j: k for k in mine for j in made[k][1]}
        linked = sorted({tuple(sorted((holder[a], holder[b]))) for a, b in pairs})
        groups = [list(two) for two in linked]
    proven = False
    for group in groups:
        tasks = sorted(j for k in group for j in made[k][1])
        if len(tasks) > MOST_TASKS:
            continue
        inner = [pair for pair in pairs if set(pair) <= set(tasks)]
        day = _hold(free, [pair for pair in pairs if pair not in inner], times)
        held = _hold(free, list(pairs), times)
        found = _improve(held, day, [made[k] for k in group], inner, timing=timing)
        if found is not None:
            better, moved, optimal = found
            for k, route in zip(group, better, strict=True):
                made[k] = route
            times.update(moved)
            proven = optimal and len(group) == len(mine) and timing.rest is None
    kept = [route for route in made if route[1]]
    return sorted(kept, key=lambda route: (route[0], route[1])), times, proven


def _hold(day: Day, pairs: Sequence[Pair], at: dict[Pair, int]) -> Day:
    """Return the day with some appointments fixed."""
    early, late = day.early.copy(), day.late.copy()
    for pair in pairs:
        early[list(pair)] = late[list(pair)] = at[pair]
    return replace(day, early=early, late=late)


def _improve(
    fixed: Day, free: Day, routes: Routes, pairs: Sequence[Pair], *, timing: Timing
) -> tuple[Routes, dict[Pair, int], bool] | None:
    """Return routes of the same crews that drive no more, in the same order of crews; ``None`` without any."""
    from ortools.sat.python import cp_model

    model = _Model(timing.room(free), [i for i, _ in routes], sorted(j for _, stops in routes for j in stops), pairs)
    model.hint(fixed, routes)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = EFFORT
    status = solver.solve(model.model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    made, at = model.read(solver)
    before, after = (sum(drive_ticks(free, i, stops) for i, stops in r if stops) for r in (routes, made))
    legal = _hold(free, list(pairs), at)
    if after > before or not all(timing.fits(legal, i, stops) for i, stops in made if stops):
        return None
    return made, at, status == cp_model.OPTIMAL


class _Model:
    """Circuits of a few crews over a few visits, with one start time a visit."""

    def __init__(self, day: Day, crews: Sequence[int], tasks: Sequence[int], pairs: Sequence[Pair]) -> None:
        from ortools.sat.python import cp_model

        self.day, self.crews, self.tasks, self.pairs = day, crews, tasks, pairs
        self.model = cp_model.CpModel()
        self.start = {
            j: self.model.new_int_var(int(max(day.early[j], day.begin)), int(min(day.late[j], day.end)), f"s{j}")
            for j in tasks
        }
        self.arc: dict[tuple[int, int, int], cp_model.IntVar] = {}
        self.on: dict[tuple[int, int], cp_model.IntVar] = {}
        cost: list[Any] = []
        for k in range(len(crews)):
            cost += self._add_crew(k)
        for j in tasks:
            self.model.add_exactly_one([self.on[k, j] for k in range(len(crews)) if (k, j) in self.on])
        for a, b in pairs:
            self.model.add(self.start[a] == self.start[b])
        self.model.minimize(sum(cost))

    def _add_crew(self, k: int) -> list[Any]:
        """Add one crew's circuit; vertex 0 is its post, task ``n`` is vertex ``n + 1``."""
        day, i, model = self.day, self.crews[k], self.model
        m, longest = len(day.units), day.end - day.begin if day.longest is None else day.longest
        may = [j for j in self.tasks if day.allowed[i, j]]
        leave = model.new_int_var(day.ready_at(i), day.end, f"leave{k}")
        back = model.new_int_var(day.begin, day.end, f"back{k}")
        model.add(back - leave <= longest)
        arcs: list[tuple[int, int, Any]] = [(0, 0, model.new_bool_var(f"idle{k}"))]
        cost = []
        for a in may:
            on = model.new_bool_var(f"on{k}.{a}")
            self.on[k, a] = on
            arcs.append((a + 1, a + 1, ~on))
            first, last = model.new_bool_var(f"f{k}.{a}"), model.new_bool_var(f"l{k}.{a}")
            self.arc[k, -1, a], self.arc[k, a, -1] = first, last
            arcs += [(0, a + 1, first), (a + 1, 0, last)]
            there, home = int(day.table(i)[i, m + a]), int(day.table(i)[m + a, i])
            cost += [there * first, home * last]
            model.add(self.start[a] >= leave + there).only_enforce_if(first)
            model.add(back >= self.start[a] + int(day.service[a]) + home).only_enforce_if(last)
            for b in may:
                step = int(day.table(i)[m + a, m + b])
                if a != b and day.early[a] + day.service[a] + step <= min(int(day.late[b]), day.end):
                    follow = model.new_bool_var(f"x{k}.{a}.{b}")
                    self.arc[k, a, b] = follow
                    arcs.append((a + 1, b + 1, follow))
                    cost.append(step * follow)
                    model.add(self.start[b] >= self.start[a] + int(day.service[a]) + step).only_enforce_if(follow)
        model.add_circuit(arcs)
        return cost

    def hint(self, fixed: Day, routes: Routes) -> None:
        """Start from the plan with appointments."""
        used = set()
        for k, (i, stops) in enumerate(routes):
            for stop in time_route(fixed, i, stops).stops:
                self.model.add_hint(self.start[stop.row], round(stop.start_s * TICKS))
            chain = [-1, *stops, -1]
            used |= {(k, a, b) for a, b in itertools.pairwise(chain)}
        for key, variable in self.arc.items():
            self.model.add_hint(variable, key in used)

    def read(self, solver: cp_model.CpSolver) -> tuple[Routes, dict[Pair, int]]:
        """Return the routes, and the time of each pair."""
        after = {(k, a): b for (k, a, b), variable in self.arc.items() if solver.value(variable)}
        made: Routes = []
        for k, i in enumerate(self.crews):
            stops, at = [], after.get((k, -1), -1)
            while at >= 0:
                stops.append(at)
                at = after.get((k, at), -1)
            made.append((i, stops))
        return made, {pair: int(solver.value(self.start[pair[0]])) for pair in self.pairs}
