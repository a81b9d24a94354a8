"""Maximal covering: with so many units, reach as much road as possible within the limit (Church and ReVelle 1974)."""

from __future__ import annotations

import numpy as np

from geo.errors import InputError
from patrol.posts.concave import solve_concave
from patrol.posts.covers import Cover
from patrol.posts.exact import LinearModel, solve_relaxed, solve_whole, stack_columns, whole_units
from patrol.posts.greedy import Worth
from patrol.posts.question import Answer, Effort, Floats, Ints, Stock


def solve_mclp(cover: Cover, stock: Stock, *, effort: Effort | None = None, capacity: float | None = None) -> Answer:
    """Solve maximal covering.

    Parameters
    ----------
    cover
        The cover table.
    stock
        Units.
    effort
        How hard to try.
    capacity
        Demand one unit can look after, in the unit of ``cover.weight``; ``None`` for any amount. A demand may be
        shared among units that reach it.

    Returns
    -------
    Answer
        Value: demand covered.

    Raises
    ------
    InputError
        Where the capacity is not positive.
    """
    effort = effort or Effort()
    step = 1.0 if (cover.weight == np.rint(cover.weight)).all() else 0.0
    plain = solve_concave(Worth(cover, np.array([1.0])), stock, effort, step=step)
    if capacity is None:
        return plain
    if not (np.isfinite(capacity) and capacity > 0):
        raise InputError(f"单元负责里程应为正数。 / a unit's capacity is {capacity:g}; give a positive number")
    if plain.units.sum() == 0 or len(cover.weight) == 0:
        return plain
    model = build_capacitated(cover, stock, capacity)
    greedy = float(_serve(cover, plain.units, capacity).sum())
    found = solve_whole(model, nodes=effort.nodes, cancel=effort.cancel)
    if found.x is None or -found.value < greedy:
        return Answer(plain.units, greedy, max(greedy, min(-found.bound, plain.bound)), greedy, found.nodes)
    units = whole_units(found.x, cover.sites)
    value = float(_serve(cover, units, capacity).sum())
    return Answer(units, value, max(value, min(-found.bound, plain.bound)), greedy, found.nodes)


def build_capacitated(cover: Cover, stock: Stock, capacity: float) -> LinearModel:
    """Build the model whose columns are the units at the sites, then the demand each site serves of each row."""
    from scipy.sparse import csr_array

    row, col = cover.matrix.nonzero()
    pairs, sites, size = len(row), cover.sites, len(cover.weight)
    each = np.arange(pairs)
    ones = np.ones(pairs)
    by_row = csr_array((ones, (row, each)), shape=(size, pairs))
    by_site = csr_array((ones, (col, each)), shape=(sites, pairs))
    limit = csr_array((np.full(sites, -capacity), (np.arange(sites), np.arange(sites))), shape=(sites, sites))
    link = csr_array((-cover.weight[row], (each, col)), shape=(pairs, sites))
    total = csr_array(np.ones((1, sites)))
    same = csr_array((ones, (each, each)), shape=(pairs, pairs))
    matrix = stack_columns([(None, by_row), (limit, by_site), (link, same), (total, None)])
    return LinearModel(
        np.concatenate((np.zeros(sites), -ones)),
        matrix,
        np.concatenate((np.full(size + sites + pairs, -np.inf), [float(stock.total)])),
        np.concatenate((cover.weight, np.zeros(sites + pairs), [float(stock.total)])),
        np.concatenate((stock.least, np.zeros(pairs))).astype(np.float64),
        np.concatenate((stock.most.astype(np.float64), cover.weight[row])),
        np.arange(sites + pairs) < sites,
    )


def _serve(cover: Cover, units: Ints, capacity: float) -> Floats:
    """Return the most demand that placed units can serve: one figure for each covering pair."""
    placed = build_capacitated(cover, Stock(units, units, int(units.sum())), capacity)
    found = solve_relaxed(placed)
    return np.zeros(0) if found.x is None else found.x[cover.sites :]
