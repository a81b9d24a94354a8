"""Double standard: all road within a long limit, most of it within a short one, as much as possible twice.

Gendreau, Laporte and Semet (1997).
"""

from __future__ import annotations

import numpy as np

from geo.errors import InfeasibleError, InputError
from patrol.posts.covers import Cover, merge_rows, minimal_rows
from patrol.posts.exact import LinearModel, solve_whole, stack_columns, whole_units
from patrol.posts.greedy import Worth, place_greedily, swap_units
from patrol.posts.question import Answer, Effort, Ints, Stock

_HALF = 0.5


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
    feasible = meets(cover, first, share)
    greedy = cover.at_least(first, 2) if feasible else 0.0
    try:
        found = solve_whole(_build(cover, stock, share), nodes=effort.nodes, cancel=effort.cancel)
    except InfeasibleError as error:
        raise InfeasibleError(
            f"{stock.total} 个单元达不到双重标准，请增加单元、放宽时限或降低比例。"
            f" / {stock.total} units cannot meet both standards; add units, allow more time or lower the share"
        ) from error
    units = first if found.x is None else whole_units(found.x, cover.sites)
    if not meets(cover, units, share):
        raise InfeasibleError(
            "在给定的步数内没有找到达标方案，请增加步数或单元。"
            " / no plan that meets both standards was found in the steps allowed; allow more steps or units"
        )
    value = cover.at_least(units, 2)
    if feasible and greedy > value:
        units, value = first, greedy
    return Answer(units, value, max(value, min(-found.bound, float(cover.weight.sum()))), greedy, found.nodes)


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


def _build(cover: Cover, stock: Stock, share: float) -> LinearModel:
    """Build the model; rows are merged for each limit alone, which leaves far fewer than both together.

    The columns of the first cover are whole, so that no half covers count twice; the second ones follow.
    """
    from scipy.sparse import csr_array, eye_array

    near, wide = merge_rows(cover.matrix, cover.weight), minimal_rows(cover.wide)
    size, far, sites = len(near.weight), wide.shape[0], cover.sites
    one = eye_array(size, format="csr")
    total = csr_array(np.ones((1, sites)))
    largest = max(float(near.weight.max(initial=0.0)), 1.0)
    weight = csr_array(near.weight[None, :] / largest)
    matrix = stack_columns(
        [
            (near.matrix, -one, -one),
            (None, one, -one),
            (wide, None, None),
            (None, weight, None),
            (total, None, None),
        ]
    )
    least = share * float(cover.weight.sum()) / largest
    return LinearModel(
        -np.concatenate((np.zeros(sites + size), near.weight)),
        matrix,
        np.concatenate((np.zeros(2 * size), np.ones(far), [least * (1 - 1e-9), float(stock.total)])),
        np.append(np.full(2 * size + far + 1, np.inf), [float(stock.total)]),
        np.concatenate((stock.least, np.zeros(2 * size))).astype(np.float64),
        np.concatenate((stock.most, np.ones(2 * size))).astype(np.float64),
        np.arange(sites + 2 * size) < sites + size,
    )
