"""p-center: with so many units, make the longest time as short as possible.

Bisection on the distinct times; at each step set covering asks how many units reach everything in that time
(Minieka 1970), on merged rows.
"""

from __future__ import annotations

import numpy as np

from geo.errors import InfeasibleError
from patrol.posts.covers import Cover, merge_rows, minimal_rows
from patrol.posts.exact import LinearModel, solve_relaxed, solve_whole, stack_columns, whole_units
from patrol.posts.lscp import cover_greedily
from patrol.posts.question import Answer, Effort, Floats, Ints, Stock


def solve_pcenter(cost: Floats, stock: Stock, *, effort: Effort | None = None) -> Answer:
    """Solve the p-center.

    Parameters
    ----------
    cost
        float64 (demands, sites), times, inf where a site does not reach a demand; every demand is reached by one.
    stock
        Units.
    effort
        How hard to try.

    Returns
    -------
    Answer
        Value: the longest time; bound: the smallest time not proven too short.

    Raises
    ------
    InfeasibleError
        Where so many units cannot reach everything in any time.
    """
    effort = effort or Effort()
    table = cost[:, stock.most > 0]
    order = np.unique(table[np.isfinite(table)])
    floor = table.min(axis=1).max(initial=-np.inf)
    order = order[order >= floor]
    units = _farthest_first(cost, stock)
    value = greedy = _longest(cost, units)
    low, high = 0, int(np.searchsorted(order, value)) if np.isfinite(value) else len(order)
    nodes = 0
    while low < high and not effort.cancel():
        middle = (low + high) // 2
        found, more, sure = _reach_within(cost, stock, float(order[middle]), effort)
        nodes += more
        if found is not None and _longest(cost, found) <= order[middle]:
            units, value = found, _longest(cost, found)
            high = int(np.searchsorted(order, value))
        elif sure:
            low = middle + 1
        else:
            break
    if not np.isfinite(value):
        raise InfeasibleError(
            f"{stock.total} 个单元无法到达全部道路，请增加单元或候选点。"
            f" / {stock.total} units cannot reach all the road in any time; add units or candidate sites"
        )
    bound = value if low >= high else float(order[low])
    return Answer(units, value, min(bound, value), greedy, nodes)


def _longest(cost: Floats, units: Ints) -> float:
    chosen = np.flatnonzero(units > 0)
    return float(cost[:, chosen].min(axis=1).max(initial=0.0)) if len(chosen) else np.inf


def _farthest_first(cost: Floats, stock: Stock) -> Ints:
    """Serve the worst demand with its quickest site, again and again (Gonzalez 1985)."""
    units = stock.least.copy()
    now = cost[:, units > 0].min(axis=1) if units.any() else np.full(len(cost), np.inf)
    while units.sum() < stock.total:
        row = cost[int(now.argmax())].copy() if len(cost) else np.zeros(len(units))
        row[units >= stock.most] = np.inf
        best = int(row.argmin())
        if units[best] >= stock.most[best]:
            best = int(np.flatnonzero(units < stock.most)[0])
        units[best] += 1
        now = np.minimum(now, cost[:, best])
    return units


def _reach_within(cost: Floats, stock: Stock, limit: float, effort: Effort) -> tuple[Ints | None, int, bool]:
    """Return units that reach everything within a limit or ``None``, nodes used, and whether ``None`` is sure."""
    from scipy.sparse import csr_array

    cover = merge_rows(csr_array(cost <= limit), np.ones(len(cost)))
    if cover.lost > 0:
        return None, 0, True
    most = np.minimum(stock.most, np.maximum(stock.least, 1))
    try:
        quick = cover_greedily(cover, stock.least, most, wanted=float(cover.weight.sum()))
    except InfeasibleError:
        return None, 0, True
    if quick.sum() <= stock.total:
        return fill_up(quick, stock), 0, True
    model = _build(cover, stock.least, most)
    relaxed = solve_relaxed(model)
    if np.ceil(relaxed.value - 1e-6) > stock.total:
        return None, 1, True
    found = solve_whole(model, nodes=effort.nodes, cancel=effort.cancel)
    units = None if found.x is None else whole_units(found.x, cover.sites)
    if units is not None and units.sum() <= stock.total:
        return fill_up(units, stock), found.nodes, True
    return None, found.nodes, bool(np.ceil(found.bound - 1e-6) > stock.total)


def fill_up(units: Ints, stock: Stock) -> Ints:
    """Place units that are not needed at the first sites with room, so that the number asked for is placed."""
    units = units.copy()
    for site in range(len(units)):
        units[site] += min(int(stock.most[site] - units[site]), stock.total - int(units.sum()))
    return units


def _build(cover: Cover, least: Ints, most: Ints) -> LinearModel:
    table = minimal_rows(cover.matrix)
    size = table.shape[0]
    return LinearModel(
        np.ones(cover.sites),
        stack_columns([(table,)]),
        np.ones(size),
        np.full(size, np.inf),
        least.astype(np.float64),
        most.astype(np.float64),
        np.ones(cover.sites, dtype=bool),
        1.0,
    )
