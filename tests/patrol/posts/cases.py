"""Small covering and median questions, and their answers by trying everything."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.sparse import csr_array

from patrol.posts.covers import merge_rows
from patrol.posts.question import Stock


def play_cover(seed, *, demands=14, sites=6, density=0.3, wide=False):
    """Return a random cover table with whole weights; with ``wide`` also a second, longer limit."""
    dice = np.random.default_rng(seed)
    near = dice.random((demands, sites)) < density
    far = near | (dice.random((demands, sites)) < density)
    weight = dice.integers(1, 50, demands)
    return merge_rows(csr_array(near), weight, wide=csr_array(far) if wide else None)


def play_stock(seed, *, sites=6, total=3, room=1):
    """Return a random stock: some sites closed, at most one with a unit already."""
    dice = np.random.default_rng(seed + 1)
    most = np.where(dice.random(sites) < 0.15, 0, dice.integers(1, room + 1, sites))
    least = np.zeros(sites, dtype=np.int64)
    if dice.random() < 0.5:
        site = int(dice.integers(0, sites))
        least[site] = most[site] > 0
    return Stock(least, most.astype(np.int64), max(int(least.sum()), min(total, int(most.sum()))))


def every_choice(least, most, total=None):
    """Yield every way to put units, of ``total`` units where that is given."""
    for choice in product(*(range(a, b + 1) for a, b in zip(least, most, strict=True))):
        if total is None or sum(choice) == total:
            yield np.array(choice, dtype=np.int64)


def play_cost(seed, *, demands=12, sites=7):
    """Return a random table of whole costs."""
    return np.random.default_rng(seed).integers(0, 40, (demands, sites)).astype(np.float64)
