"""Another order of the same work: what is visited stays, when it is visited cannot be guessed.

Random exchanges within routes and between crews are taken as long as every rule holds and driving stays below a
price. The seed is noted with the plan, so that the order can be shown to have been drawn by lot.
"""

from __future__ import annotations

import random
from dataclasses import replace

from patrol.check import drive_ticks
from patrol.day import DayPlan, gap_of, write_plan
from patrol.matrices import TICKS, Day
from patrol.solver import Found, Routes, Search
from patrol.timing import PLAIN, Timing

DRAWS_A_STOP = 30
"""Exchanges drawn for each stop: enough to forget the order one began with."""


def shuffle_plan(plan: DayPlan, *, seed: int, rise: float = 0.2, timing: Timing = PLAIN) -> DayPlan:
    """Return a plan of the same day that serves the same targets in an order drawn by lot.

    Parameters
    ----------
    plan
        The plan of the day.
    seed
        The lot; the same seed gives the same order.
    rise
        By how much the driving may grow, 0.2 is 20 %.
    timing
        The rests of the crews, for which every route keeps room; they are not yet in the times of the plan returned.
    """
    day, dice = plan.day, random.Random(seed)
    unit = {u.id: i for i, u in enumerate(day.units)}
    if not plan.routes:
        return plan
    routes: Routes = [(unit[r.unit], [s.row for s in r.stops]) for r in plan.routes]
    price = sum(drive_ticks(day, i, stops) for i, stops in routes)
    budget = int(price * (1 + rise))
    for _ in range(DRAWS_A_STOP * sum(len(stops) for _, stops in routes)):
        trial = _exchange(day, routes, dice, timing=timing)
        if trial is not None:
            cost = sum(drive_ticks(day, i, stops) for i, stops in trial)
            if cost <= budget:
                routes = trial
    found = Found(sorted(routes, key=lambda r: (r[0], r[1])), plan.cancelled, plan.iterations)
    rows = {target.id: j for j, target in reversed(list(enumerate(day.targets)))}
    known = {rows[item.target]: item for item in plan.left_out}
    drawn = write_plan(day, found, Search(plan.iterations, seed), known=known)
    kept = tuple({item.target: item for item in plan.left_out}.values())
    gap = gap_of(round(drawn.drive_s * TICKS), round(plan.bound_s * TICKS))
    return replace(drawn, left_out=kept, bound_s=plan.bound_s, bound_name=plan.bound_name, gap=gap, seed=plan.seed)


def _exchange(day: Day, routes: Routes, dice: random.Random, *, timing: Timing) -> Routes | None:
    """Draw one exchange of two stops or one turned-round part; ``None`` where a rule would break."""
    a = dice.randrange(len(routes))
    b = dice.randrange(len(routes))
    (i, first), (k, second) = routes[a], routes[b]
    x, y = dice.randrange(len(first)), dice.randrange(len(second))
    if a == b:
        low, high = sorted((x, y))
        turned = dice.random() < 0.5  # noqa: PLR2004
        part = first[low : high + 1]
        part = part[::-1] if turned else [part[-1], *part[1:-1], part[0]] if len(part) > 1 else part
        stops = [*first[:low], *part, *first[high + 1 :]]
        return [*routes[:a], (i, stops), *routes[a + 1 :]] if timing.fits(day, i, stops) else None
    mine, other = list(first), list(second)
    mine[x], other[y] = other[y], mine[x]
    if not (timing.fits(day, i, mine) and timing.fits(day, k, other)):
        return None
    result = list(routes)
    result[a], result[b] = (i, mine), (k, other)
    return result
