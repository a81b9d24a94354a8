"""p-median: with so many units, make the mean time as short as possible.

Interchange from several starts gives the answer, a Lagrangian bound says how good it is and settles most sites;
the rest is proven by the radius model where that is small, else by a tree of Lagrangian bounds.
"""

from __future__ import annotations

import numpy as np

from patrol.posts.exact import solve_whole
from patrol.posts.interchange import start_median, swap_median
from patrol.posts.mediantree import Median, Root, bound_root, cut_below, prove_median, raise_to_step
from patrol.posts.question import Answer, Effort, Floats, Ints, Stock
from patrol.posts.radius import build_radius_model, count_rows

_RADIUS_ROWS = 2_000


def solve_pmedian(cost: Floats, stock: Stock, *, step: float = 0.0, effort: Effort | None = None) -> Answer:
    """Solve the p-median.

    Parameters
    ----------
    cost
        float64 (demands, sites), finite, 0 or more: demand x time.
    stock
        Units; a second unit at one site shortens nothing.
    step
        All sums are multiples of this, or 0 where that is not known.
    effort
        How hard to try.

    Returns
    -------
    Answer
        Value: the sum over all demands of the cost of the cheapest site with a unit.
    """
    effort = effort or Effort()
    allowed = np.flatnonzero(stock.most > 0)
    held = np.flatnonzero(stock.least[allowed] > 0)
    table = np.ascontiguousarray(cost[:, allowed])
    p = min(len(allowed), len(held) + stock.free)
    if p == len(held) or p == len(allowed):
        chosen = held if p == len(held) else np.arange(len(allowed))
        value = float(table[:, chosen].min(axis=1).sum())
        return Answer(_as_units(allowed[chosen], stock), value, value, value, 0)
    sites, _, greedy = start_median(table, p, held=held, seed=effort.seed)
    found = _prove(table, sites, len(held), step=step, effort=effort)
    return Answer(_as_units(allowed[found.sites], stock), found.value, found.bound, greedy, found.nodes)


def _prove(cost: Floats, sites: Ints, held: int, *, step: float, effort: Effort) -> Median:
    """Bound, settle sites, then prove by the smaller of two ways."""
    root = bound_root(cost, sites, held=held, step=step, seed=effort.seed)
    if root.is_closed or effort.nodes == 0 or effort.cancel():
        return root.median
    if count_rows(cost, root.opened, root.free) > _RADIUS_ROWS:
        return prove_median(cost, root, step=step, nodes=effort.nodes, cancel=effort.cancel)
    return _prove_by_radius(cost, root, step=step, effort=effort)


def _prove_by_radius(cost: Floats, root: Root, *, step: float, effort: Effort) -> Median:
    best = root.median
    more = len(best.sites) - len(root.opened)
    if not 0 < more < len(root.free):
        return prove_median(cost, root, step=step, nodes=effort.nodes, cancel=effort.cancel)
    model, constant = build_radius_model(cost, root.opened, root.free, more=more, step=step)
    found = solve_whole(model, nodes=effort.nodes, cancel=effort.cancel)
    if found.x is not None:
        chosen = root.free[np.rint(found.x[: len(root.free)]) > 0]
        sites = np.concatenate((root.held, np.setdiff1d(np.concatenate((root.opened, chosen)), root.held)))
        swapped, value = swap_median(cost, sites, held=len(root.held))
        if value < best.value:
            best = Median(swapped, value, best.bound, best.nodes)
    # Sites were settled for answers below the cut: all others cost at least that.
    low = max(min(found.bound + constant, root.cut), root.median.bound)
    bound = best.value if low >= cut_below(best.value, step) else raise_to_step(low, best.value, step)
    return Median(best.sites, best.value, bound, best.nodes + found.nodes)


def _as_units(sites: Ints, stock: Stock) -> Ints:
    units = stock.least.copy()
    units[sites] = np.maximum(units[sites], 1)
    for site in range(len(units)):
        left = stock.total - int(units.sum())
        units[site] += min(int(stock.most[site] - units[site]), left)
    return units
