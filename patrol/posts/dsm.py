"""Double standard: all road within a long limit, most of it within a short one, as much as possible twice.

Gendreau, Laporte and Semet (1997).
"""

from __future__ import annotations

import numpy as np

from geo.errors import InfeasibleError, InputError
from patrol.posts.covers import Cover, merge_rows, minimal_rows
from patrol.posts.double import build_double
from patrol.posts.doubleswap import Standards
from patrol.posts.greedy import Worth, place_greedily, round_down, swap_units
from patrol.posts.question import Answer, Effort, Ints, Stock
from patrol.posts.tree import Tree

_HALF = 0.5
_KICKS = 250


def solve_dsm(cover: Cover, stock: Stock, *, share: float, effort: Effort | None = None) -> Answer:
    """Solve the double standard model.

    Parameters
    ----------
    cover
        Cover table with two limits; every row must be reached within the longer one.
    stock
        Units.
    share
        Part of the demand that some site reaches at all which must be reached within the short limit, 0 to 1.
    effort
        How hard to try.

    Returns
    -------
    Answer
        Value: demand reached by two units within the short limit.

    Raises
    ------
    InputError
        Where the share lies outside 0 to 1.
    InfeasibleError
        Where so many units cannot meet both standards.
    """
    if not 0 <= share <= 1:
        raise InputError(f"双重标准的比例应在 0 到 1 之间。 / the share is {share:g}; give 0 to 1")
    effort = effort or Effort()
    first = _start(cover, stock)
    greedy = cover.at_least(first, 2) if meets(cover, first, share) else 0.0
    near = merge_rows(cover.matrix, cover.weight)
    far = minimal_rows(cover.wide)
    wide = merge_rows(far, np.ones(far.shape[0]))
    least = share * float(cover.weight.sum())
    doubled = build_double(near, stock, (0.0, 1.0), least=least, wide=wide)
    standards = Standards(near, wide.matrix, least, stock)

    def judge(copies: Ints) -> float:
        units = doubled.units(copies)
        return -cover.at_least(units, 2) if meets(cover, units, share) else np.inf

    tree = Tree(
        doubled.model,
        len(doubled.site),
        judge=judge,
        rounder=lambda x: doubled.copies(standards.descend(round_down(stock, doubled.share(x)))),
        broken=doubled.broken,
    )
    tree.offer(doubled.copies(first))
    if effort.nodes > 0:
        tree.offer(doubled.copies(standards.improve(first, kicks=min(_KICKS, 2 * cover.sites), seed=effort.seed)))
    tree.search(effort)
    if np.isfinite(tree.value):
        return Answer(doubled.units(tree.best), -tree.value, -tree.bound, greedy, tree.nodes)
    if tree.queue:
        raise InfeasibleError(
            "在给定的步数内没有找到达标方案，请增加步数或单元。"
            " / no plan that meets both standards was found in the steps allowed; allow more steps or units"
        )
    raise InfeasibleError(
        f"{stock.total} 个单元达不到双重标准，请增加单元、放宽时限或降低比例。"
        f" / {stock.total} units cannot meet both standards; add units, allow more time or lower the share"
    )


def meets(cover: Cover, units: Ints, share: float) -> bool:
    """Return whether placed units meet both standards."""
    wide = bool((cover.counts(units, wide=True) > _HALF).all())
    return wide and cover.at_least(units, 1) >= share * float(cover.weight.sum()) * (1 - 1e-9)


def _start(cover: Cover, stock: Stock) -> Ints:
    """Reach everything within the long limit greedily, then double within the short one."""
    far = Worth(Cover(cover.wide, cover.wide, cover.weight, cover.total, cover.row), np.array([1.0]))
    units = stock.least.copy()
    while units.sum() < stock.total and not (cover.counts(units, wide=True) > _HALF).all():
        units = place_greedily(far, Stock(units, stock.most, int(units.sum()) + 1))
    near = Worth(cover, np.array([1.0, 1.0]))
    filled = place_greedily(near, Stock(units, stock.most, stock.total))
    better = swap_units(near, Stock(units, stock.most, stock.total), filled)
    return max((filled, better), key=lambda choice: cover.at_least(choice, 2))
