"""Lagrangian bound of the p-median: relax "each demand has one site", rise by subgradients (Narula 1977, Beasley 1985).

For multipliers ``u`` the bound is ``sum u + sum of the p smallest reduced costs``, where the reduced cost of a
site is ``sum_i min(c_ij - u_i, 0)``. Reduced costs also tell which sites no better answer can open or close.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Bound:
    """A bound and what it says about the sites of one subproblem.

    Attributes
    ----------
    value
        The bound.
    u
        float64 (demands,), the multipliers that give it.
    reduced
        float64 (sites,), reduced cost of every free site at ``u``.
    picked
        int64 (free to open,), the sites the relaxation opens at ``u``.
    share
        float64 (sites,), how often the relaxation opened each site lately, 0 to 1.
    best
        The cheapest true choice met on the way, columns of the subproblem.
    best_value
        Its sum.
    """

    value: float
    u: Floats
    reduced: Floats
    picked: Ints
    share: Floats
    best: Ints
    best_value: float


@dataclass(frozen=True)
class Steps:
    """How long to climb: at most ``most`` steps, halving the step length after ``patience`` steps without a rise."""

    most: int = 2_000
    patience: int = 30
    theta: float = 1.5
    least: float = 1e-3


def climb(cost: Floats, fixed: Floats, p: int, *, upper: float, cut: float, u: Floats, steps: Steps) -> Bound:
    """Raise the bound of one subproblem until it passes ``cut`` or the steps are used up.

    Parameters
    ----------
    cost
        float64 (demands, free sites).
    fixed
        float64 (demands,), cost of the cheapest site that is open anyhow, inf where none is.
    p
        How many free sites to open, at least 1 and fewer than there are.
    upper
        Value of the best known answer.
    cut
        Once the bound reaches this, the subproblem holds nothing better.
    u
        float64 (demands,), multipliers to begin with.
    steps
        How long.
    """
    best_value, best = np.inf, np.zeros(0, dtype=np.int64)
    top, theta, stall = -np.inf, steps.theta, 0
    u = np.minimum(u, fixed)
    keep_u = u
    keep_reduced, keep_picked = np.zeros(cost.shape[1]), np.zeros(0, dtype=np.int64)
    share = np.zeros(cost.shape[1])
    gap = np.empty_like(cost)
    ones = np.ones(len(cost))
    for _ in range(steps.most):
        np.subtract(cost, u[:, None], out=gap)
        np.minimum(gap, 0.0, out=gap)
        reduced = ones @ gap
        picked = np.argpartition(reduced, p - 1)[:p]
        value = float(u.sum() + reduced[picked].sum())
        share *= 0.95
        share[picked] += 0.05
        if value > top + 1e-9 * abs(upper):
            stall = 0 if value > top + 1e-5 * abs(upper) else stall + 1
            top, keep_u, keep_reduced, keep_picked = value, u.copy(), reduced.copy(), picked
        else:
            stall += 1
        open_now = np.minimum(cost[:, picked].min(axis=1), fixed)
        found = float(open_now.sum())
        if found < best_value:
            best_value, best = found, picked.copy()
            upper = min(upper, found)
        if top >= cut:
            break
        if stall >= steps.patience:
            theta, stall, u = theta / 2, 0, keep_u.copy()
        if theta < steps.least:
            break
        slope = 1.0 - (gap[:, picked] < 0).sum(axis=1)
        length = float(slope @ slope)
        if length == 0:
            break
        u = np.minimum(u + theta * (1.02 * upper - value) / length * slope, fixed)
    return Bound(top, keep_u, keep_reduced, np.sort(keep_picked), share, best, best_value)


def fix_sites(bound: Bound, p: int, cut: float) -> tuple[Mask, Mask]:
    """Return which free sites every better answer leaves closed, and which it opens."""
    order = np.sort(bound.reduced)
    inside, outside = order[p - 1], order[p]
    picked = np.zeros(len(order), dtype=bool)
    picked[bound.picked] = True
    closed = ~picked & (bound.value + bound.reduced - inside >= cut)
    opened = picked & (bound.value - bound.reduced + outside >= cut)
    return closed, opened
