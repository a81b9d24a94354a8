"""Interchange for the p-median: swap one chosen site for another while the sum falls (Teitz and Bart 1968)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def sum_nearest(cost: Floats, sites: Ints) -> float:
    """Return the sum over all rows of the cheapest of the chosen columns."""
    return float(cost[:, sites].min(axis=1).sum())


def swap_median(cost: Floats, sites: Ints, *, held: int = 0) -> tuple[Ints, float]:
    """Swap chosen sites for better ones, the best swap first, until none helps.

    Parameters
    ----------
    cost
        float64 (demands, sites).
    sites
        int64 (p,), columns to begin with.
    held
        How many of them, from the front, may not be swapped out.

    Returns
    -------
    sites, value
        Columns, the held ones still in front, and the sum of the cheapest.
    """
    from scipy.sparse import csr_array

    chosen = np.array(sites, dtype=np.int64)
    rows, p = np.arange(len(cost)), len(chosen)
    while True:
        near = cost[:, chosen]
        if p > 1:
            two = np.argpartition(near, 1, axis=1)[:, :2]
            first, second = near[rows, two[:, 0]], near[rows, two[:, 1]]
            swapped = second < first
            owner = np.where(swapped, two[:, 1], two[:, 0])
            first, second = np.minimum(first, second), np.maximum(first, second)
        else:
            owner, first, second = np.zeros(len(cost), dtype=np.int64), near[:, 0], np.full(len(cost), cost.max())
        value = float(first.sum())
        if held == p:
            return chosen, value
        gain = np.maximum(first[:, None] - cost, 0.0).sum(axis=0)
        loss = np.bincount(owner, weights=second - first, minlength=p)
        kept = np.maximum(second[:, None] - np.maximum(cost, first[:, None]), 0.0)
        by_owner = csr_array((np.ones(len(cost)), (owner, rows)), shape=(p, len(cost)))
        better = by_owner @ kept + gain[None, :] - loss[:, None]
        better[:, chosen] = -1.0
        better[:held] = -1.0
        best = int(better.argmax())
        if better.ravel()[best] <= 1e-9 * max(value, 1.0):
            return chosen, value
        chosen[best // cost.shape[1]] = best % cost.shape[1]


def start_median(cost: Floats, p: int, *, held: Ints, seed: int, starts: int = 5) -> tuple[Ints, float, float]:
    """Return the best of several interchanges.

    Parameters
    ----------
    cost
        float64 (demands, sites).
    p
        How many sites in all.
    held
        int64, columns that are always chosen.
    seed
        Of the random starts.
    starts
        Random starts besides the greedy one.

    Returns
    -------
    sites, value, greedy
        The best columns and their sum, and the sum of the greedy choice alone.
    """
    dice = np.random.default_rng(seed)
    picked = add_greedily(cost, p, held=held)
    greedy = sum_nearest(cost, picked)
    best, value = swap_median(cost, picked, held=len(held))
    open_ = np.setdiff1d(np.arange(cost.shape[1]), held)
    for _ in range(starts):
        drawn = dice.choice(open_, p - len(held), replace=False)
        sites, found = swap_median(cost, np.concatenate((held, drawn)).astype(np.int64), held=len(held))
        if found < value:
            best, value = sites, found
    return best, value, greedy


def add_greedily(cost: Floats, p: int, *, held: Ints) -> Ints:
    """Add the site that lowers the sum most until there are ``p``; the lowest column among equals."""
    chosen = [int(k) for k in held]
    now = cost[:, held].min(axis=1) if len(held) else np.full(len(cost), np.inf)
    while len(chosen) < p:
        total = np.minimum(now[:, None], cost).sum(axis=0)
        total[chosen] = np.inf
        chosen.append(int(total.argmin()))
        now = np.minimum(now, cost[:, chosen[-1]])
    return np.array(chosen, dtype=np.int64)
