"""On which days each target is visited: patterns chosen so that every agency's days are alike and trips are shared.

One model (CP-SAT) picks a pattern a target: the minutes of work each group of crews has on its fullest day, and the
trips to a cluster of places on a day, together as small as can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from patrol.matrices import NO_WAY, TICKS, Day

Ints = npt.NDArray[np.int64]

EFFORT = 2.0
"""Deterministic seconds of the solver: counted work, not a clock."""

CLUSTER_S = 600.0
"""Places within this time of one another are one cluster, seconds (our assumption)."""

_WEEK = 7


def spread_patterns(visits: int, days: int) -> list[tuple[int, ...]]:
    """Return the sets of days on which a number of visits lies as far apart as can be.

    The week is a circle of seven days, of which the first ``days`` are worked.

    Examples
    --------
    >>> spread_patterns(2, 5)
    [(0, 3), (0, 4), (1, 4)]
    >>> spread_patterns(1, 3)
    [(0,), (1,), (2,)]
    """
    options = list(combinations(range(days), min(visits, days)))
    circle = max(_WEEK, days)

    def gap(pattern: tuple[int, ...]) -> int:
        return min((b - a for a, b in pairwise([*pattern, pattern[0] + circle])), default=circle)

    widest = max(gap(option) for option in options)
    return [option for option in options if gap(option) == widest]


def list_options(visits: Sequence[int], days: int) -> list[list[tuple[int, ...]]]:
    """Return the sets of days on which each target may be visited; one empty set where it is not due."""
    return [spread_patterns(v, days) if v else [()] for v in visits]


def find_clusters(day: Day, *, within_s: float = CLUSTER_S) -> Ints:
    """Return the cluster of each target, int64 (targets,): places near one another, around leaders in table order."""
    between = np.maximum(day.between, day.between.T)
    cluster = np.full(len(day.targets), -1, dtype=np.int64)
    count = 0
    for j in range(len(day.targets)):
        if cluster[j] < 0:
            near = (between[j] <= within_s * TICKS) & (cluster < 0)
            near[j] = True
            cluster[near] = count
            count += 1
    return cluster


def choose_patterns(
    day: Day,
    visits: Sequence[int],
    days: int,
    *,
    pairs: Sequence[tuple[int, int]] = (),
    options: Sequence[Sequence[tuple[int, ...]]] | None = None,
) -> list[tuple[int, ...]]:
    """Choose the days of each target.

    Parameters
    ----------
    day
        The numbers of a day with all targets.
    visits
        Visits of each target within the week; 0 gives no day.
    days
        Days worked, 1 to 7.
    pairs
        Rows that are visited on the same days: the two sides of a joint visit.
    options
        The sets of days on which each target may be visited; those that lie far apart where ``None``.

    Returns
    -------
    list of tuple
        Days of each target, ascending, from 0.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    options = options or list_options(visits, days)
    pick = [[model.new_bool_var(f"p{j}.{k}") for k in range(len(some))] for j, some in enumerate(options)]
    for some in pick:
        model.add_exactly_one(some)
    for a, b in pairs:
        for x, y in zip(pick[a], pick[b], strict=True):
            model.add(x == y)
    on = [
        [sum(x for x, p in zip(some, ways, strict=True) if d in p) for d in range(days)]
        for some, ways in zip(pick, options, strict=True)
    ]
    cost = []
    minutes = np.maximum(1, day.service // (60 * TICKS))
    group = group_targets(day)
    total = sum(int(minutes[j]) * visits[j] for j in range(len(visits)))
    everyone = np.arange(len(visits))
    for members in [everyone, *(np.flatnonzero(group == g) for g in np.unique(group))]:
        fullest = model.new_int_var(0, max(total, 1), "fullest")
        for d in range(days):
            model.add(fullest >= sum(int(minutes[j]) * on[j][d] for j in members.tolist()))
        cost.append((2 if members is everyone else 1) * days * fullest)
    cluster = find_clusters(day)
    for c in range(int(cluster.max()) + 1 if len(cluster) else 0):
        near = [j for j in np.flatnonzero(cluster == c).tolist() if visits[j]]
        trip = _trip_minutes(day, near)
        for d in range(days if len(near) > 1 else 0):
            used = model.new_bool_var(f"c{c}.{d}")
            for j in near:
                model.add(used >= on[j][d])
            cost.append(trip * used)
    model.minimize(sum(cost))
    start = _spread_greedily(options, minutes, group, days=days)
    for a, b in pairs:
        start[b] = start[a]
    for some, ways, first in zip(pick, options, start, strict=True):
        for x, way in zip(some, ways, strict=True):
            model.add_hint(x, way == first)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return start
    return [
        next(way for x, way in zip(some, ways, strict=True) if solver.value(x))
        for some, ways in zip(pick, options, strict=True)
    ]


def group_targets(day: Day) -> Ints:
    """Return the group of each target, int64 (targets,): targets that the same crews may serve."""
    return np.asarray(np.unique(day.allowed.T, axis=0, return_inverse=True)[1].ravel(), dtype=np.int64)


def _spread_greedily(
    options: Sequence[Sequence[tuple[int, ...]]], minutes: Ints, group: Ints, *, days: int
) -> list[tuple[int, ...]]:
    """Give each target, the longest first, the pattern whose fullest day is the emptiest."""
    load = np.zeros((int(group.max(initial=-1)) + 1, days), dtype=np.int64)
    chosen: list[tuple[int, ...]] = [()] * len(options)
    for j in sorted(range(len(options)), key=lambda j: (-int(minutes[j]), j)):
        row = load[group[j]]
        chosen[j] = min(options[j], key=lambda way: (max((int(row[d]) for d in way), default=0), way))
        row[list(chosen[j])] += minutes[j]
    return chosen


def _trip_minutes(day: Day, members: Sequence[int]) -> int:
    """Return the minutes from the nearest post to a cluster and back, at least 1."""
    there = (day.out[:, list(members)] + day.back[:, list(members)]).min(initial=NO_WAY)
    return max(1, int(there) // (60 * TICKS)) if there < NO_WAY else 1
