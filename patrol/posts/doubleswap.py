"""Swaps for the double standard model: one unit moves where demand reached twice grows most and both standards hold.

What an uncovered row and a missing share cost is set so high that standards come first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from patrol.posts.covers import Cover
from patrol.posts.question import Floats, Ints, Stock

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_PER_SHARE = 10.0


@dataclass(frozen=True)
class Standards:
    """What a placement is measured by.

    Attributes
    ----------
    near
        Rows whose demand counts.
    far
        float64 CSR (rows, sites): rows that must all be reached.
    least
        Demand that must be reached once.
    stock
        Units.
    """

    near: Cover
    far: csr_array
    least: float
    stock: Stock

    @cached_property
    def near_by_site(self) -> csr_array:
        """The near table turned."""
        return self.near.matrix.T.tocsr()

    @cached_property
    def far_by_site(self) -> csr_array:
        """The far table turned."""
        return self.far.T.tocsr()

    @property
    def per_row(self) -> float:
        """What one row out of reach costs: more than all demand."""
        return 2.0 * _PER_SHARE * (float(self.near.weight.sum()) + 1.0)

    def worth(self, units: Ints) -> float:
        """Return demand reached twice, less what broken standards cost."""
        count, weight = self.near.counts(units), self.near.weight
        once, twice = float(weight[count >= 1].sum()), float(weight[count >= 2].sum())  # noqa: PLR2004 (twice is two)
        open_rows = int((np.asarray(self.far @ units.astype(np.float64)) < 1).sum())
        return twice - _PER_SHARE * max(0.0, self.least - once) - self.per_row * open_rows

    def _gains(self, units: Ints, site: int) -> Floats:
        """Return the worth with one unit less at a site and one more at each; -inf where there is no room."""
        left = units.copy()
        left[site] -= 1
        weight = self.near.weight
        count = np.rint(self.near.counts(left)).astype(np.int64)
        twice = weight[count > 1].sum() + self.near_by_site @ (weight * (count == 1))
        once = weight[count > 0].sum() + self.near_by_site @ (weight * (count == 0))
        bare = (np.asarray(self.far @ left.astype(np.float64)) < 0.5).astype(np.float64)  # noqa: PLR2004 (none)
        worth = twice - _PER_SHARE * np.maximum(0.0, self.least - once)
        worth -= self.per_row * (bare.sum() - self.far_by_site @ bare)
        worth[units >= self.stock.most] = -np.inf
        worth[site] = -np.inf
        return np.asarray(worth, dtype=np.float64)

    def descend(self, units: Ints) -> Ints:
        """Make the best swap until none helps."""
        units, now = units.copy(), self.worth(units)
        while True:
            best, move = now + 1e-6 * max(1.0, abs(now)), None
            for site in np.flatnonzero(units > self.stock.least).tolist():
                gains = self._gains(units, site)
                to = int(gains.argmax())
                if gains[to] > best:
                    best, move = float(gains[to]), (site, to)
            if move is None:
                return units
            units[move[0]] -= 1
            units[move[1]] += 1
            now = self.worth(units)

    def improve(self, units: Ints, *, kicks: int, seed: int) -> Ints:
        """Descend, then move a few units by lot and descend again, keeping the best."""
        dice = np.random.default_rng(seed)
        best = self.descend(units)
        value = self.worth(best)
        for _ in range(kicks):
            other = best.copy()
            movable = np.repeat(np.arange(len(other)), other - self.stock.least)
            size = min(len(movable), int(dice.integers(2, 5)))
            if size == 0:
                break
            np.subtract.at(other, dice.choice(movable, size, replace=False), 1)
            room = np.repeat(np.arange(len(other)), self.stock.most - other)
            np.add.at(other, dice.choice(room, size, replace=False), 1)
            other = self.descend(other)
            if (worth := self.worth(other)) > value:
                best, value = other, worth
        return best
