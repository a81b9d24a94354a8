"""The exact answer of models in which each further unit is worth no more than the one before.

``max sum_i w_i sum_k worth_k y_ik`` with ``sum_j a_ij x_j >= sum_k y_ik``, ``0 <= y <= 1``, ``x`` whole: because
the worth falls, the ``y`` fill up in order and may stay continuous. One row a merged demand.
"""

from __future__ import annotations

import numpy as np

from patrol.posts.exact import LinearModel, stack_columns
from patrol.posts.greedy import Worth, place_greedily, round_units, swap_units
from patrol.posts.question import Answer, Effort, Ints, Stock
from patrol.posts.tree import Tree


def solve_concave(model: Worth, stock: Stock, effort: Effort, *, step: float = 0.0, goal: float = np.inf) -> Answer:
    """Place units greedily, then search for the proof.

    Parameters
    ----------
    model
        Cover table and worth.
    stock
        Units.
    effort
        How hard to try.
    step
        All values are multiples of this, or 0.
    goal
        Stop as soon as an answer is worth this, or none can be.
    """
    first = place_greedily(model, stock)
    greedy = model.value(first)
    if stock.free == 0 or len(model.cover.weight) == 0:
        return Answer(first, greedy, greedy, greedy, 0)

    def judge(units: Ints) -> float:
        return -model.value(units)

    tree = Tree(
        build_concave(model, stock, step=step),
        model.cover.sites,
        judge=judge,
        rounder=lambda x: round_units(model, stock, x),
        goal=-goal,
    )
    tree.offer(first)
    tree.offer(swap_units(model, stock, first))
    tree.search(effort)
    return Answer(tree.best, -tree.value, -tree.bound, greedy, tree.nodes)


def build_concave(model: Worth, stock: Stock, *, step: float) -> LinearModel:
    """Build the model: columns are the units at the sites, then ``y`` row by row within each level.

    Rows that only one unit can ever reach (one site with room for one) need no column: what they are worth is
    added to their site.
    """
    from scipy.sparse import csr_array, eye_array

    cover, worth = model.cover, model.worth[model.worth > 0]
    units = np.asarray(cover.matrix @ stock.most.astype(np.float64))
    single = np.rint(units) <= 1
    rows = np.flatnonzero(~single)
    table = csr_array(cover.matrix[rows])
    price = np.asarray(csr_array(cover.matrix[np.flatnonzero(single)]).T @ cover.weight[single]) * model.worth[0]
    size, sites, levels = len(rows), cover.sites, len(worth)
    identity = eye_array(size, format="csr")
    total = csr_array(np.ones((1, sites)))
    matrix = stack_columns([(table, *(-identity for _ in range(levels))), (total, *(None for _ in range(levels)))])
    weight = cover.weight[rows]
    return LinearModel(
        -np.concatenate((price, *(weight * value for value in worth))),
        matrix,
        np.append(np.zeros(size), [float(stock.total)]),
        np.append(np.full(size, np.inf), [float(stock.total)]),
        np.concatenate((stock.least, np.zeros(size * levels))).astype(np.float64),
        np.concatenate((stock.most, np.ones(size * levels))).astype(np.float64),
        np.arange(sites + size * levels) < sites,
        step,
    )
