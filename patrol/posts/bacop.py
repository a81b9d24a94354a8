"""Backup covering: reach road once, and as much as possible twice (BACOP2, Hogan and ReVelle 1986)."""

from __future__ import annotations

import numpy as np

from geo.errors import InputError
from patrol.posts.concave import solve_concave
from patrol.posts.covers import Cover
from patrol.posts.double import build_double
from patrol.posts.greedy import Worth, place_greedily, round_units, swap_units
from patrol.posts.question import Answer, Effort, Floats, Ints, Stock
from patrol.posts.tree import Tree

_HALF = 0.5


def solve_bacop(cover: Cover, stock: Stock, *, first: float = _HALF, effort: Effort | None = None) -> Answer:
    """Solve backup covering.

    Parameters
    ----------
    cover
        The cover table.
    stock
        Units; two at one site back each other up.
    first
        Worth of being reached once, 0 to 1; being reached a second time is worth ``1 - first``.
    effort
        How hard to try.

    Returns
    -------
    Answer
        Value: ``first`` x demand reached + ``(1 - first)`` x demand reached twice.

    Raises
    ------
    InputError
        Where ``first`` lies outside 0 to 1.
    """
    if not 0 <= first <= 1:
        raise InputError(f"首次覆盖的权重应在 0 到 1 之间。 / the worth of the first cover is {first:g}; give 0 to 1")
    effort = effort or Effort()
    worth = np.array([first, 1.0 - first])
    if first >= _HALF:
        return solve_concave(Worth(cover, worth), stock, effort)
    return _solve_steep(cover, stock, worth, effort)


def _solve_steep(cover: Cover, stock: Stock, worth: Floats, effort: Effort) -> Answer:
    """Solve with a second unit worth more than the first."""
    even = Worth(cover, np.array([_HALF, _HALF]))
    greedy_units = place_greedily(even, stock)

    def value(units: Ints) -> float:
        return float(worth[0] * cover.at_least(units, 1) + worth[1] * cover.at_least(units, 2))

    best = max((greedy_units, swap_units(even, stock, greedy_units)), key=value)
    greedy = value(greedy_units)
    if stock.free == 0 or len(cover.weight) == 0:
        return Answer(greedy_units, greedy, greedy, greedy, 0)
    doubled = build_double(cover, stock, (float(worth[0]), float(worth[1])))
    tree = Tree(
        doubled.model,
        len(doubled.site),
        judge=lambda copies: -value(doubled.units(copies)),
        rounder=lambda x: doubled.copies(round_units(even, stock, doubled.share(x))),
        broken=doubled.broken,
    )
    tree.offer(doubled.copies(best))
    tree.search(effort)
    return Answer(doubled.units(tree.best), -tree.value, -tree.bound, greedy, tree.nodes)
