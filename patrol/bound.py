"""A proven lower bound on the driving of a day: the assignment relaxation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from patrol.matrices import Day

BOUND = "assignment"
"""Name of the bound: each target has one successor and one predecessor, circles are not forbidden."""

_FORBIDDEN = 2.0**50


def bound_driving(day: Day, served: Sequence[int]) -> int:
    """Return a number of ticks no plan that serves these targets can drive less than.

    Every target gets one successor and every car leaves and returns once; two targets may follow one another
    only where one unit may serve both and the windows allow it. Routes that close without a post are not
    excluded, so this is a relaxation (assignment problem, solved exactly).

    Parameters
    ----------
    day
        The numbers of the day.
    served
        Positions in ``day.targets``; of a task with several ways, the best may be another one at either side.
    """
    from scipy.optimize import linear_sum_assignment

    tasks = {day.task_of(j) for j in served}
    ways = sorted((day.task_of(j), j) for j in range(len(day.targets)) if day.task_of(j) in tasks)
    pick = np.array([j for _, j in ways], dtype=np.int64)
    if len(pick) == 0:
        return 0
    task = np.array([t for t, _ in ways])
    first = np.flatnonzero(np.diff(task, prepend=-1))
    cars = np.repeat(np.arange(len(day.units)), [min(u.available, len(first)) for u in day.units])
    n, m = len(first), len(cars)
    may = day.allowed[:, pick]
    cost = np.full((n + m, n + m), _FORBIDDEN)
    between = day.between[np.ix_(pick, pick)].astype(np.float64)
    together = (may.T.astype(np.int64) @ may.astype(np.int64)) > 0
    ready = np.maximum(day.early[pick], day.begin) + day.service[pick]
    in_time = ready[:, None] + between <= np.minimum(day.late[pick], day.end)[None, :]
    follow = together & in_time & (task[:, None] != task[None, :])
    direct = np.where(follow, between, _FORBIDDEN)
    cost[:n, :n] = np.minimum.reduceat(np.minimum.reduceat(direct, first, axis=0), first, axis=1)
    leave = np.where(may[cars], day.out[np.ix_(cars, pick)], _FORBIDDEN)
    back = np.where(may[cars], day.back[np.ix_(cars, pick)], _FORBIDDEN).T
    cost[n:, :n] = np.minimum.reduceat(leave, first, axis=1)
    cost[:n, n:] = np.minimum.reduceat(back, first, axis=0)
    idle = np.arange(n, n + m)
    cost[idle, idle] = 0.0
    rows, columns = linear_sum_assignment(cost)
    return int(cost[rows, columns].sum())
