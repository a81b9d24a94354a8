"""Exact p-median by the radius model: whether an open site lies nearer than each distance.

Cornuejols, Nemhauser and Wolsey (1980), with the chained rows of Elloumi (2010): ``z_ik = 1`` when no open site
is nearer than the k-th distinct distance of demand ``i``; then ``z_ik + x(sites at distance k-1) >= z_i,k-1``.
Small where most sites are settled beforehand.
"""

from __future__ import annotations

import numpy as np

from patrol.posts.exact import LinearModel
from patrol.posts.question import Floats, Ints


def count_rows(cost: Floats, opened: Ints, free: Ints) -> int:
    """Return an upper bound of the rows the model will have: distances below that of the nearest open site."""
    near = _nearest(cost, opened)
    return int((cost[:, free] < near[:, None]).sum())


def build_radius_model(cost: Floats, opened: Ints, free: Ints, *, more: int, step: float) -> tuple[LinearModel, float]:
    """Build the model with one column a free site, then one a demand and distance.

    Parameters
    ----------
    cost
        float64 (demands, sites).
    opened, free
        Columns that are open anyhow, and those to choose from.
    more
        How many of the free ones to open.
    step
        All sums are multiples of this, or 0.

    Returns
    -------
    model, constant
        The model and what every answer costs besides.
    """
    from scipy.sparse import csr_array

    near = _nearest(cost, opened)
    table = np.minimum(cost[:, free], near[:, None])
    rows: list[Ints] = []
    cols: list[Ints] = []
    price: list[Floats] = []
    lower: list[float] = []
    constant, column = 0.0, len(free)
    for i in range(len(table)):
        distance, rank = np.unique(table[i], return_inverse=True)
        constant += float(distance[0])
        count = len(distance) - 1
        if count == 0:
            continue
        order = np.argsort(rank, kind="stable")
        order = order[rank[order] < count]
        rows += [len(lower) + rank[order], len(lower) + np.arange(count)]
        cols += [order, column + np.arange(count)]
        rows.append(len(lower) + np.arange(1, count))
        cols.append(-(column + np.arange(count - 1)) - 1)
        lower += [1.0] + [0.0] * (count - 1)
        price.append(np.diff(distance))
        column += count
    size = len(lower)
    rows.append(np.full(len(free), size))
    cols.append(np.arange(len(free)))
    row, col = np.concatenate(rows), np.concatenate(cols)
    value = np.where(col < 0, -1.0, 1.0)
    matrix = csr_array((value, (row, np.where(col < 0, -col - 1, col))), shape=(size + 1, column))
    matrix.sort_indices()
    whole = np.arange(column) < len(free)
    model = LinearModel(
        np.concatenate((np.zeros(len(free)), *price)),
        matrix,
        np.append(lower, [float(more)]),
        np.append(np.full(size, np.inf), [float(more)]),
        np.zeros(column),
        np.ones(column),
        whole,
        step,
    )
    return model, constant


def _nearest(cost: Floats, opened: Ints) -> Floats:
    found: Floats = cost[:, opened].min(axis=1) if len(opened) else np.full(len(cost), np.inf)
    return found
