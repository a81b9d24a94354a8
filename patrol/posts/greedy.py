"""Greedy placing and swapping for models that count how many units reach each demand.

The k-th unit that reaches a demand is worth ``weight * worth[k]``, each one no more than the one before (MCLP,
BACOP, MEXCLP). Then taking the best site again and again is never worse than 63 % of the optimum (Nemhauser,
Wolsey and Fisher 1978), and swaps repair most of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from patrol.posts.covers import Cover
from patrol.posts.question import Floats, Ints, Stock

if TYPE_CHECKING:
    from scipy.sparse import csc_array, csr_array

_WORTHWHILE = 1e-9


@dataclass(frozen=True)
class Worth:
    """A cover table with what the first, second, … unit is worth there.

    Attributes
    ----------
    cover
        The cover table.
    worth
        float64 (levels,), falling or level, 0 or more; units beyond are worth nothing.
    """

    cover: Cover
    worth: Floats

    @cached_property
    def by_site(self) -> csr_array:
        """The cover table turned: sites by rows."""
        return self.cover.matrix.T.tocsr()

    @cached_property
    def columns(self) -> csc_array:
        """The cover table by column."""
        return self.cover.matrix.tocsc()

    def gain(self, count: Floats) -> Floats:
        """Return what one more unit is worth on each row, for the units that reach it now."""
        steps = np.append(self.worth, 0.0)
        found: Floats = self.cover.weight * steps[np.minimum(np.rint(count).astype(np.int64), len(self.worth))]
        return found

    def value(self, units: Ints) -> float:
        """Return what a choice is worth."""
        done = np.concatenate(([0.0], np.cumsum(self.worth)))
        count = np.minimum(np.rint(self.cover.counts(units)).astype(np.int64), len(self.worth))
        return float(self.cover.weight @ done[count])


def place_greedily(model: Worth, stock: Stock) -> Ints:
    """Place units one by one, always the one worth most; the lowest site among equals.

    Gains only fall as units are placed, so a site is measured again only when its old gain leads (Minoux 1978).
    """
    units = stock.least.copy()
    count = model.cover.counts(units)
    worth = model.gain(count)
    gain = np.asarray(model.by_site @ worth)
    gain[units >= stock.most] = -1.0
    indptr, indices = model.columns.indptr, model.columns.indices
    for _ in range(stock.free):
        while True:
            best = int(gain.argmax())
            rows = indices[indptr[best] : indptr[best + 1]]
            now = float(worth[rows].sum())
            if now >= gain[best] * (1 - 1e-12):
                break
            gain[best] = now
        units[best] += 1
        count[rows] += 1
        worth[rows] = model.gain(count)[rows]
        gain[best] = float(worth[rows].sum()) if units[best] < stock.most[best] else -1.0
    return units


def swap_units(model: Worth, stock: Stock, units: Ints, *, most: int = 1_000) -> Ints:
    """Move one unit to a better site, the best move first, until none helps."""
    from scipy.sparse import csr_array

    units = units.copy()
    table = model.cover.matrix
    for _ in range(most):
        count = model.cover.counts(units)
        more = model.gain(count)
        less = np.where(count > 0, model.gain(np.maximum(count - 1, 0)), 0.0)
        movable = np.flatnonzero(units > stock.least)
        if len(movable) == 0:
            break
        both = csr_array(model.by_site[movable] * (less - more)[None, :]) @ table
        change = both.toarray() + np.asarray(model.by_site @ more)[None, :]
        change -= np.asarray(model.by_site @ less)[movable][:, None]
        change[:, units >= stock.most] = -np.inf
        best = int(change.argmax())
        if change.ravel()[best] <= _WORTHWHILE * max(1.0, float(model.cover.weight.max(initial=0.0))):
            break
        units[movable[best // len(units)]] -= 1
        units[best % len(units)] += 1
    return units


def round_units(model: Worth, stock: Stock, share: Floats) -> Ints:
    """Make whole units of a fractional answer: the whole parts, then the largest fractions, then swaps."""
    return swap_units(model, stock, round_down(stock, share))


def round_down(stock: Stock, share: Floats) -> Ints:
    """Make whole units of a fractional answer: the whole parts, then the largest fractions."""
    whole = np.clip(np.floor(share + 1e-6).astype(np.int64), stock.least, stock.most)
    left = stock.total - int(whole.sum())
    while left < 0:
        extra = np.where(whole > stock.least, whole - share, -np.inf)
        whole[int(extra.argmax())] -= 1
        left += 1
    while left > 0:
        rest = np.where(whole < stock.most, share - whole, -np.inf)
        whole[int(rest.argmax())] += 1
        left -= 1
    return whole
