"""Response time along every arc, exactly: arcs cut into pieces on which the first car of a side is one car.

On an arc of length L and driving time w, a car that is at position p at time t is at x >= p at
t + (x - p) w / L. All such lines have one slope, so the earliest arrival is piecewise linear and changes its
car only where a car starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geo.times import ArcTimes
from geo.travel import Floats, Ints, TravelGraph

SIDES = 2
"""Sides of the road house: 0 local, 1 expressway."""


@dataclass(frozen=True)
class Pieces:
    """Pieces of arcs, shape (pieces,) each; they tile every arc in driving direction.

    Attributes
    ----------
    arc
        int64.
    from_mm, to_mm
        int64, positions along the arc from its tail, whole millimetres.
    base_ms
        float64 (2, pieces): for each side, the time the first car's line has at the arc's tail (negative
        where the car starts on the arc), inf where no car comes.
    source
        int64 (2, pieces), number of that car, -1 where there is none.
    pace
        float64, milliseconds per millimetre.
    """

    arc: Ints
    from_mm: Ints
    to_mm: Ints
    base_ms: Floats
    source: Ints
    pace: Floats

    def arrival_ms(self, position_mm: Ints) -> Floats:
        """Return the first arrival of either side at one position of each piece, milliseconds."""
        earliest: Floats = self.base_ms.min(axis=0) + position_mm * self.pace
        return earliest

    def reach_mm(self, limit_ms: float) -> Ints:
        """Return how far each side gets within a limit, int64 (2, pieces), clipped to the piece."""
        with np.errstate(divide="ignore"):
            far = (limit_ms - self.base_ms) / self.pace
        clipped = np.clip(np.nan_to_num(far, posinf=np.inf), self.from_mm, self.to_mm)
        reached: Ints = np.floor(clipped + 1e-6).astype(np.int64)
        return reached


def build_pieces(graph: TravelGraph, arcs: Ints, times: tuple[ArcTimes, ArcTimes]) -> Pieces:
    """Cut arcs where a car starts and note the first car of each side on every piece.

    Parameters
    ----------
    graph
        The travel graph.
    arcs
        int64, the arcs to describe (every direction traffic may drive, closed ones included).
    times
        Times of the local and of the expressway side.

    Returns
    -------
    Pieces
        Sorted by arc, then position.
    """
    length = graph.network.segments.length_mm[arcs >> 1].astype(np.int64)
    touched = np.zeros(len(graph.arc_ms), dtype=bool)
    for side in times:
        touched[side.starts.arc] = True
    plain = ~touched[arcs]
    columns = [
        arcs[plain],
        np.zeros(int(plain.sum()), dtype=np.int64),
        length[plain],
        *(side.tail_ms[arcs[plain]] for side in times),
        *(side.source[arcs[plain]] for side in times),
    ]
    standing = tuple(_group_starts(side) for side in times)
    extra = [row for arc in arcs[~plain].tolist() for row in _cut_arc(graph, arc, times, standing)]
    merged = [
        np.concatenate((column, np.array([row[k] for row in extra], dtype=column.dtype)))
        for k, column in enumerate(columns)
    ]
    order = np.lexsort((merged[1], merged[0]))
    arc, low, high, base_l, base_e, source_l, source_e = (column[order] for column in merged)
    return Pieces(arc, low, high, np.stack((base_l, base_e)), np.stack((source_l, source_e)), _pace(graph, arc))


def _pace(graph: TravelGraph, arc: Ints) -> Floats:
    length = graph.network.segments.length_mm[arc >> 1]
    pace: Floats = np.maximum(graph.arc_ms[arc], 0) / np.maximum(length, 1)
    return pace


def _group_starts(side: ArcTimes) -> dict[int, list[tuple[int, int]]]:
    """Return for each arc the cars that start on it: position in millimetres, number of the car."""
    grouped: dict[int, list[tuple[int, int]]] = {}
    starts = side.starts
    at = np.rint(starts.offset_mm).astype(np.int64).tolist()
    for arc, position, source in zip(starts.arc.tolist(), at, starts.source.tolist(), strict=True):
        grouped.setdefault(arc, []).append((position, source))
    return grouped


def _cut_arc(
    graph: TravelGraph,
    arc: int,
    times: tuple[ArcTimes, ArcTimes],
    standing: tuple[dict[int, list[tuple[int, int]]], ...],
) -> list[tuple[int, int, int, float, float, int, int]]:
    """Cut one arc on which cars start: arc, from, to, base of both sides, source of both sides."""
    length = int(graph.network.segments.length_mm[arc >> 1])
    pace = max(float(graph.arc_ms[arc]), 0.0) / max(length, 1)
    lines: list[list[tuple[int, float, int]]] = []
    for side, here in zip(times, standing, strict=True):
        cars = [(position, -position * pace, source) for position, source in here.get(arc, ())]
        lines.append([(0, float(side.tail_ms[arc]), int(side.source[arc])), *cars])
    cuts = sorted({0, length, *(p for side_lines in lines for p, _, _ in side_lines)})
    rows = []
    for low, high in pairwise(cuts):
        first = [min((base, s) for p, base, s in side_lines if p <= low) for side_lines in lines]
        rows.append((arc, low, high, first[0][0], first[1][0], first[0][1], first[1][1]))
    return rows


def weighted_quantiles(start_ms: Floats, end_ms: Floats, length: Ints, *, shares: npt.ArrayLike) -> Floats:
    """Return quantiles of a time that grows evenly along each piece, weighted by length.

    Parameters
    ----------
    start_ms, end_ms
        float64 (pieces,), time at both ends, ``start_ms <= end_ms``.
    length
        int64 (pieces,), weight.
    shares
        Shares between 0 and 1, ascending or not.

    Returns
    -------
    float64, one time a share; nan where there is no length.
    """
    wanted = np.atleast_1d(np.asarray(shares, dtype=np.float64))
    total = float(length.sum())
    if total == 0:
        return np.full(len(wanted), np.nan)
    ramps = _Ramps(start_ms, np.maximum(end_ms, start_ms + 1e-6), length.astype(np.float64))
    longest = float(end_ms[length > 0].max())
    return np.array([longest if share >= 1 else ramps.time_at(share * total) for share in wanted.tolist()])


_BINS = 1024


@dataclass(frozen=True)
class _Ramps:
    """Lengths that grow evenly from 0 to ``length`` between two times, ``low < high``; summed they grow from 0 to all.

    Sorting every time would cost more than the search that found them, so a table of the sum at equal steps names the
    step to look at.
    """

    low: Floats
    high: Floats
    length: Floats

    @cached_property
    def table(self) -> tuple[Floats, Floats]:
        """Return times at equal steps, and the sum there up to rounding, float64 (_BINS + 1,) each."""
        begin, end = float(self.low.min()), float(self.high.max())
        slope = self.length / (self.high - self.low)
        step = (end - begin) / _BINS
        change, offset = np.zeros(_BINS + 1), np.zeros(_BINS + 1)
        for at, sign in ((self.low, 1.0), (self.high, -1.0)):
            bin_of = np.minimum(((at - begin) / step).astype(np.int64), _BINS - 1) + 1
            change += sign * np.bincount(bin_of, weights=slope, minlength=_BINS + 1)
            offset += sign * np.bincount(bin_of, weights=slope * (at - begin), minlength=_BINS + 1)
        time = np.append(begin + np.arange(_BINS) * step, end)
        return time, (time - begin) * np.cumsum(change) - np.cumsum(offset)

    def sum_at(self, time: float) -> float:
        """Return the sum at one time."""
        part = np.clip((time - self.low) / (self.high - self.low), 0.0, 1.0)
        return float((part * self.length).sum())

    def time_at(self, amount: float) -> float:
        """Return when the sum reaches an amount."""
        times, sums = self.table
        right = int(np.clip(np.searchsorted(sums, amount), 1, _BINS))
        left = right - 1
        # The table is rounded; the sum itself decides.
        while left > 0 and self.sum_at(float(times[left])) > amount:
            left -= 1
        while right < _BINS and self.sum_at(float(times[right])) < amount:
            right += 1
        begin, end = float(times[left]), float(times[right])
        near = np.flatnonzero((self.low <= end) & (self.high >= begin))
        low, high = self.low[near], self.high[near]
        at = np.unique(np.concatenate((low, high, [begin, end])))
        at = at[(at >= begin) & (at <= end)]
        slope = self.length[near] / (high - low)
        order = np.argsort(low, kind="stable")
        grown = _sum_slopes(low[order], slope[order], at)
        order = np.argsort(high, kind="stable")
        steep = np.maximum(grown - _sum_slopes(high[order], slope[order], at), 0.0)
        reached = np.concatenate(([0.0], np.cumsum(steep[:-1] * np.diff(at)))) + self.sum_at(begin)
        return float(np.interp(amount, reached, at))


def _sum_slopes(start: Floats, slope: Floats, at: Floats) -> Floats:
    """Return the sum of the slopes that start at or before some times; ``start`` ascending."""
    sums: Floats = np.concatenate(([0.0], np.cumsum(slope)))[np.searchsorted(start, at, side="right")]
    return sums
