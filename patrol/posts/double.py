"""Models in which being reached twice is worth more than being reached once: one column a unit, ``y`` stay continuous.

With ``x`` whole, ``y1 + y2 <= sum x`` and ``y2 <= y1`` alone would still let a demand reached once count half as
reached twice. The rows ``y2 <= sum of all x but one``, for each of the sites, forbid that; so only ``x`` is divided.
There is one such row for each pair of a demand and a site that reaches it, and few of them ever bind: they are added
when an answer breaks them, for the site with most of the demand's ``x``. At 20,000 demands x 300 sites the relaxation
with all of them took over ten minutes, with the few hundred that bind it takes four seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patrol.posts.covers import Cover
from patrol.posts.exact import LinearModel, stack_columns
from patrol.posts.question import Floats, Ints, Stock

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_BROKEN = 1e-4
"""A row broken by less than this is not worth adding."""


@dataclass(frozen=True)
class Doubled:
    """A model and how its first columns stand for units.

    Attributes
    ----------
    model
        Columns: one for each unit a site has room for, then ``y1`` and ``y2`` of every row.
    site
        int64 (columns of units,), the site of each.
    stock
        Units.
    table
        float64 CSR (rows, columns of units) of ones: the unit reaches the row.
    """

    model: LinearModel
    site: Ints
    stock: Stock
    table: csr_array

    def units(self, copies: Ints) -> Ints:
        """Return the units at each site."""
        return np.bincount(self.site, weights=copies, minlength=len(self.stock.most)).astype(np.int64)

    def copies(self, units: Ints) -> Ints:
        """Return the columns of units placed: the first ones of each site."""
        first = np.searchsorted(self.site, self.site)
        return (np.arange(len(self.site)) - first < units[self.site]).astype(np.int64)

    def broken(self, answer: Floats) -> csr_array | None:
        """Return the rows an answer breaks, each to be 0 at least: all ``x`` but the largest, less ``y2``."""
        from scipy.sparse import csr_array

        table, columns = self.table, len(self.site)
        size = table.shape[0]
        reached = np.flatnonzero(np.diff(table.indptr) > 0)
        x = answer[table.indices]
        first = table.indptr[reached]
        spare = np.add.reduceat(x, first) - np.maximum.reduceat(x, first) if len(reached) else np.zeros(0)
        bad = reached[answer[columns + size + reached] > spare + _BROKEN]
        if len(bad) == 0:
            return None
        part = csr_array(table[bad])
        count = np.diff(part.indptr)
        row, column = np.repeat(np.arange(len(bad)), count), part.indices.astype(np.int64)
        # The last of each row when its entries are sorted by x.
        order = np.lexsort((column, answer[column], row))
        keep = np.delete(order, np.cumsum(count) - 1)
        row = np.concatenate((row[keep], np.arange(len(bad))))
        column = np.concatenate((column[keep], columns + size + bad))
        value = np.concatenate((np.ones(len(keep)), -np.ones(len(bad))))
        return csr_array((value, (row, column)), shape=(len(bad), columns + 2 * size))

    def share(self, x: Floats) -> Floats:
        """Return the fractional units at each site."""
        found: Floats = np.bincount(self.site, weights=x, minlength=len(self.stock.most)).astype(np.float64)
        return found


def build_double(
    near: Cover, stock: Stock, worth: tuple[float, float], *, least: float = 0.0, wide: Cover | None = None
) -> Doubled:
    """Build the model.

    Parameters
    ----------
    near
        Cover table whose rows count.
    stock
        Units.
    worth
        What a row is worth per demand when reached once, and what more when reached twice.
    least
        Demand that must be reached once.
    wide
        Rows of ``wide.matrix`` must all be reached.
    """
    from scipy.sparse import csr_array, eye_array

    site = np.repeat(np.arange(near.sites), stock.most)
    table = csr_array(near.matrix[:, site])
    table.sort_indices()
    size, columns = table.shape
    one = eye_array(size, format="csr")
    largest = max(float(near.weight.max(initial=0.0)), 1.0)
    parts: list[tuple[csr_array | None, ...]] = [
        (table, -one, -one),
        (None, one, -one),
        (None, csr_array(near.weight[None, :] / largest), None),
        (csr_array(np.ones((1, columns))), None, None),
    ]
    zeros = np.zeros(2 * size)
    lower = np.concatenate((zeros, [least / largest * (1 - 1e-9), float(stock.total)]))
    upper = np.append(np.full(len(zeros) + 1, np.inf), [float(stock.total)])
    if wide is not None:
        parts.append((csr_array(wide.matrix[:, site]), None, None))
        lower = np.concatenate((lower, np.ones(len(wide.weight))))
        upper = np.concatenate((upper, np.full(len(wide.weight), np.inf)))
    first = np.arange(columns) - np.searchsorted(site, site) < stock.least[site]
    model = LinearModel(
        -np.concatenate((np.zeros(columns), worth[0] * near.weight, worth[1] * near.weight)),
        stack_columns(parts),
        lower,
        upper,
        np.concatenate((first, np.zeros(2 * size))).astype(np.float64),
        np.ones(columns + 2 * size),
        np.arange(columns + 2 * size) < columns,
    )
    return Doubled(model, site, stock, table)
