"""Parts of segments that a dispute claims: where a claim begins or ends at a metre, the road is cut there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.cutting import CUT_TOLERANCE_MM, Cut, CutNetwork

if TYPE_CHECKING:
    from plan.decisions import Decision
    from plan.model import Plan

Interval = tuple[int, int]


def claimed_intervals(plan: Plan, disputes: Iterable[Decision]) -> dict[int, list[Interval]]:
    """Return segment row to the intervals that disputes claim, millimetres, apart and ascending.

    A metre that several disputes claim is in one interval. A part whose segment is not on the map, or that lies
    outside it, is left out; a segment without a part is claimed whole.
    """
    found: dict[int, list[Interval]] = {}
    for decision in disputes:
        parts = _parts(decision.value)
        for segment in decision.value.get("segments", ()):
            row = plan.network.row_of_segment.get(str(segment))
            if row is None:
                continue
            length = int(plan.network.segments.length_mm[row])
            start, end = parts.get(str(segment), (0, length))
            found.setdefault(row, []).append(_inside(start, end, length=length))
    return {row: _union(intervals) for row, intervals in sorted(found.items())}


def _parts(value: Mapping[str, Any]) -> dict[str, Interval]:
    parts = value.get("parts") or {}
    found = {}
    for segment, part in parts.items():
        try:
            start, end = (round(float(metre) * 1000) for metre in part)
        except (TypeError, ValueError):
            continue
        found[str(segment)] = (min(start, end), max(start, end))
    return found


def _inside(start: int, end: int, *, length: int) -> Interval:
    """Return an interval on a segment; an end nearer to that of the segment than a cut can be is that end."""
    start = 0 if start <= CUT_TOLERANCE_MM else min(start, length)
    end = length if end >= length - CUT_TOLERANCE_MM else max(end, 0)
    return start, max(start, end)


def _union(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def dispute_cuts(plan: Plan) -> tuple[Cut, ...]:
    """Return where the network must be cut so that every piece is claimed as a whole or not at all."""
    network = plan.network
    cuts = []
    for row, intervals in claimed_intervals(plan, plan.open_disputes).items():
        length = int(network.segments.length_mm[row])
        inner = {at for interval in intervals for at in interval if 0 < at < length}
        cuts += [Cut(network.segment_ids[row], at / 1000) for at in sorted(inner)]
    return tuple(cuts)


def contested_pieces(plan: Plan, cut: CutNetwork) -> npt.NDArray[np.bool_]:
    """Return bool (pieces,): an open dispute claims the middle of the piece."""
    claimed = claimed_intervals(plan, plan.open_disputes)
    result = np.zeros(len(cut.base), dtype=bool)
    middle = cut.from_mm + cut.network.segments.length_mm // 2
    for row, intervals in claimed.items():
        for piece in range(*np.searchsorted(cut.base, (row, row + 1)).tolist()):
            result[piece] = any(start <= middle[piece] <= end for start, end in intervals)
    return result


def claimed_mm(plan: Plan, disputes: Iterable[Decision]) -> int:
    """Return the millimetres that disputes claim, each metre once."""
    claimed = claimed_intervals(plan, disputes)
    return sum(end - start for intervals in claimed.values() for start, end in intervals)
