"""Maximal expected covering: units are busy part of the time, so several in reach are worth more (Daskin 1983)."""

from __future__ import annotations

import numpy as np

from geo.errors import InputError
from patrol.posts.concave import solve_concave
from patrol.posts.covers import Cover
from patrol.posts.greedy import Worth
from patrol.posts.question import Answer, Effort, Floats, Stock

_NOTHING = 1e-6


def solve_mexclp(cover: Cover, stock: Stock, *, busy: float, effort: Effort | None = None) -> Answer:
    """Solve maximal expected covering.

    Parameters
    ----------
    cover
        The cover table.
    stock
        Units.
    busy
        Share of the time a unit is busy, 0 or more and below 1.
    effort
        How hard to try.

    Returns
    -------
    Answer
        Value: demand expected to be reached, ``sum w (1 - busy^k)`` with k units in reach.

    Raises
    ------
    InputError
        Where ``busy`` lies outside.
    """
    if not 0 <= busy < 1:
        raise InputError(f"忙碌率应在 0（含）到 1 之间。 / the busy share is {busy:g}; give 0 up to, not including, 1")
    reach = np.asarray(cover.matrix @ stock.most.astype(np.float64))
    levels = max(1, min(stock.total, int(reach.max(initial=1.0))))
    worth: Floats = ((1.0 - busy) * busy ** np.arange(levels)).astype(np.float64)
    kept = worth[: max(1, int((worth > _NOTHING).sum()))]
    return solve_concave(Worth(cover, kept), stock, effort or Effort())
