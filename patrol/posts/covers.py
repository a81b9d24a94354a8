"""Cover tables: which site reaches which demand, with demands that have the same sites merged into one row.

Merging is what makes the exact models small: directed roads beside each other have the same covering sites.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_CHUNK = 500


@dataclass(frozen=True)
class Cover:
    """Merged demands against sites.

    Attributes
    ----------
    matrix
        float64 CSR (rows, sites) of ones: the site reaches the row within the limit.
    wide
        The same for a second, longer limit; ``matrix`` itself where there is only one limit.
    weight
        float64 (rows,), demand of each row; whole numbers unless the caller gave others.
    total
        All demand, also that which no site reaches.
    row
        int64 (demands,), merged row of each demand, -1 where no site reaches it.
    """

    matrix: csr_array
    wide: csr_array
    weight: Floats
    total: float
    row: Ints

    @property
    def sites(self) -> int:
        """Number of sites."""
        return int(self.matrix.shape[1])

    @property
    def lost(self) -> float:
        """Demand that no site reaches, not even within the longer limit."""
        return float(self.total - self.weight.sum())

    def counts(self, units: Ints, *, wide: bool = False) -> Floats:
        """Return how many units reach each row, float64 (rows,); ``units`` are the units at each site."""
        table = self.wide if wide else self.matrix
        return np.asarray(table @ units.astype(np.float64))

    def at_least(self, units: Ints, times: int) -> float:
        """Return the demand that so many units reach."""
        return float(self.weight[self.counts(units) >= times - 0.5].sum())


def merge_rows(near: csr_array, weight: npt.ArrayLike, *, wide: csr_array | None = None) -> Cover:
    """Merge demands with the same covering sites, drop those without any.

    Parameters
    ----------
    near
        Sparse (demands, sites), true where the site covers the demand.
    weight
        (demands,), 0 or more.
    wide
        The same for a longer limit; must hold everything in ``near``.
    """
    from scipy.sparse import csr_array as make

    value = np.asarray(weight, dtype=np.float64)
    tables = [near] if wide is None else [near, wide]
    tables = [make(table, copy=True) for table in tables]
    for table in tables:
        table.eliminate_zeros()
        table.sort_indices()
    keys = [_row_keys(table) for table in tables]
    seen: dict[tuple[bytes, ...], int] = {}
    row = np.array([seen.setdefault(key, len(seen)) for key in zip(*keys, strict=True)], dtype=np.int64)
    first = np.unique(row, return_index=True)[1]
    summed = np.bincount(row, weights=value, minlength=len(first)).astype(np.float64)
    reached = np.diff(tables[-1].indptr)[first] > 0
    keep = np.flatnonzero(reached & (summed > 0))
    number = np.full(len(first) + 1, -1, dtype=np.int64)
    number[keep] = np.arange(len(keep))
    merged = []
    for table in tables:
        part = table[first[keep]]
        merged.append(make((np.ones(part.nnz), part.indices, part.indptr), shape=part.shape))
    return Cover(merged[0], merged[-1], summed[keep], float(value.sum()), number[row])


def _row_keys(table: csr_array) -> list[bytes]:
    indices, ends = np.ascontiguousarray(table.indices, dtype=np.int32), table.indptr.tolist()
    body = indices.tobytes()
    return [body[4 * a : 4 * b] for a, b in pairwise(ends)]


def minimal_rows(table: csr_array) -> csr_array:
    """Return the rows that matter where every row must be covered: a row that holds another one follows from it.

    Parameters
    ----------
    table
        Sparse (rows, sites) of ones, no row empty.
    """
    from scipy.sparse import csr_array as make

    merged = merge_rows(table, np.ones(table.shape[0])).matrix
    size = np.diff(merged.indptr)
    merged = make(merged[np.argsort(size, kind="stable")])
    size = np.diff(merged.indptr)
    keep = np.ones(len(size), dtype=bool)
    turned = merged.T.tocsr()
    for low in range(0, len(size), _CHUNK):
        common = make(merged[low : low + _CHUNK] @ turned).tocoo()
        row = common.row + low
        held = (common.data >= size[row]) & (size[common.col] > size[row])
        keep[common.col[held]] = False
    return make(merged[np.flatnonzero(keep)])
