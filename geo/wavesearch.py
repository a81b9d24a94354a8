"""The nearest of several sources on a dense grid of streets: all junctions of a wave at once, with numpy.

Every round drives all arcs that leave the junctions made quicker in the round before (Bellman and Ford), until none
gets quicker. That beats a heap where waves are broad and rounds are few, as in towns; along valleys and
expressways it does not, so the search gives up there and a heap does the work. The times are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from geo.junctions import WIDTH, Floats, Ints, Junctions, Slots

T = TypeVar("T", bound=np.generic)

DENSE_ARCS = 3
"""Arcs a junction has on average in a network worth trying."""

_TRIAL_ROUNDS = 24
_LEAST_WIDTH = 200
"""Junctions a round must drive from on average, from ``_TRIAL_ROUNDS`` on; a heap is quicker with fewer."""

_MOST_VISITS = 5
"""Visits a junction may cost on average before the search gives up."""

_SHIFT = WIDTH.bit_length() - 1
"""Slots are counted four to a row, so shifting gives the row."""


def search_waves(
    junctions: Junctions, seeds: Sequence[tuple[Ints, Floats, Ints]], limit_ms: float
) -> list[tuple[Floats, Ints]] | None:
    """Return time (milliseconds) and a nearest source of every junction; ``None`` where a heap is the better tool.

    Parameters
    ----------
    junctions
        The junctions.
    seeds
        Searches to be made side by side: for each the junctions where a source begins, the time at each, and the
        number of the source.
    limit_ms
        Longest time; what takes exactly that long is reached, the rest has time inf and source -1.
    """
    if len(junctions.indices) < DENSE_ARCS * len(junctions):
        return None
    # Each search has rows of its own, one block behind the other.
    slots, rows = _stack(junctions.slots, len(seeds)), len(junctions.slots.time_ms)
    quickest = np.full(len(slots.time_ms), np.nextafter(limit_ms, np.inf))
    quickest[rows - 1 :: rows] = -np.inf
    origin = np.full(len(quickest), -1, dtype=np.int64)
    stamp = np.zeros(len(quickest), dtype=np.int64)
    row = np.concatenate([slots.row[own[0]] + k * rows for k, own in enumerate(seeds)])
    ms, source = (np.concatenate([own[k] for own in seeds]) for k in (1, 2))
    early = (ms <= limit_ms).nonzero()[0]
    row, ms, source = row[early], ms[early], source[early]
    count = np.arange(max(len(quickest), len(row)))
    rounds = visits = 0
    while len(row):
        np.minimum.at(quickest, row, ms)
        best = (_pick(quickest, row) == ms).nonzero()[0]
        wave = _pick(row, best)
        origin[wave] = _pick(source, best)
        # A junction reached twice in the same time stands once in the wave.
        own = count[: len(wave)]
        stamp[wave] = own
        wave = _pick(wave, (_pick(stamp, wave) == own).nonzero()[0])
        rounds, visits = rounds + 1, visits + len(wave)
        if visits > _MOST_VISITS * len(quickest) or (rounds >= _TRIAL_ROUNDS and visits < _LEAST_WIDTH * rounds):
            return None
        ahead = slots.time_ms.take(wave, axis=0, mode="clip")
        ahead += _pick(quickest, wave)[:, None]
        ms = ahead.ravel()
        row = slots.to_row.take(wave, axis=0, mode="clip").ravel()
        better = (ms < _pick(quickest, row)).nonzero()[0]
        row, ms, source = _pick(row, better), _pick(ms, better), _pick(origin, _pick(wave, better >> _SHIFT))
    quickest[quickest > limit_ms] = np.inf
    first = np.arange(len(seeds)) * rows
    return [(_pick(quickest, slots.row + low), _pick(origin, slots.row + low)) for low in first.tolist()]


def _stack(slots: Slots, searches: int) -> Slots:
    """Return a block of rows for each search."""
    if searches == 1:
        return slots
    low = np.arange(searches)[:, None, None] * len(slots.time_ms)
    to_row = (slots.to_row[None] + low).reshape(-1, WIDTH)
    return Slots(slots.row, to_row, np.tile(slots.time_ms, (searches, 1)))


def _pick(values: npt.NDArray[T], rows: Ints) -> npt.NDArray[T]:
    """Return values of rows that exist; numpy is quickest when told not to look for those that do not."""
    return values.take(rows, mode="clip")
