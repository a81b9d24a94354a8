"""Response time along every arc, exactly: arcs cut into pieces on which the first car of a side is one car.

On an arc of length L and driving time w, a car that is at position p at time t is at x >= p at
t + (x - p) w / L. All such lines have one slope, so the earliest arrival is piecewise linear and changes its
car only where a car starts.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    low, high = start_ms, np.maximum(end_ms, start_ms + 1e-6)
    slope = length / (high - low)
    at, change = np.concatenate((low, high)), np.concatenate((slope, -slope))
    order = np.lexsort((change, at))
    at, change = at[order], change[order]
    reached = np.concatenate(([0.0], np.cumsum(np.cumsum(change)[:-1] * np.diff(at))))
    reached = np.maximum.accumulate(reached)
    quantiles: Floats = np.interp(wanted * total, reached, at)
    return np.where(wanted >= 1, end_ms[length > 0].max(), quantiles)
