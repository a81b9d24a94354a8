"""Tables of times for p-median and p-center, with demands merged whose sites differ by one time only.

Roads that leave one junction are reached by every site after the same time, plus a time of their own that is the
same for all sites. Such demands make one row: their own times are a constant (p-median) or the longest of them
counts (p-center).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patrol.posts.matrix import Demand, Reach
from patrol.posts.question import Floats, Ints

UNREACHED_S = 7_200.0
"""Time charged in the mean where a chosen site does not reach a road that another site would (our assumption)."""


@dataclass(frozen=True)
class TimeTable:
    """Merged demands against sites.

    Attributes
    ----------
    extra_ms
        float64 (rows, sites), milliseconds above the quickest site of the row; inf where a site does not reach it.
    quickest_ms
        float64 (rows,), what the quickest site takes on average (p-median) or at the far end (p-center).
    weight
        float64 (rows,), metres.
    lost_m
        Metres no site reaches.
    """

    extra_ms: Floats
    quickest_ms: Floats
    weight: Floats
    lost_m: float


def time_table(reach: Reach, demand: Demand, *, longest: bool) -> TimeTable:
    """Return the merged table of times.

    Parameters
    ----------
    reach
        Sites on the road.
    demand
        The road, cut where sites stand.
    longest
        ``True`` measures each piece at its far end and keeps the longest of merged pieces (p-center); ``False``
        measures the mean over its metres (p-median).
    """
    base = reach.bases(demand)
    best = base.min(axis=1)
    known = np.flatnonzero(np.isfinite(best))
    base, best = base[known], best[known]
    at = demand.to_mm[known] if longest else (demand.from_mm[known] + demand.to_mm[known]) / 2.0
    own = best + at * demand.pace[known]
    weight = demand.weight[known]
    extra = base - best[:, None]
    row = _same_rows(extra)
    first = np.unique(row, return_index=True)[1] if len(row) else np.zeros(0, dtype=np.int64)
    total: Floats = np.bincount(row, weights=weight, minlength=len(first)).astype(np.float64)
    if longest:
        quickest = np.full(len(first), -np.inf)
        np.maximum.at(quickest, row, own)
    else:
        quickest = np.bincount(row, weights=own * weight, minlength=len(first)) / np.maximum(total, 1e-12)
    return TimeTable(extra[first], quickest, total, float(demand.weight.sum() - weight.sum()))


def _same_rows(table: Floats) -> Ints:
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(row.tobytes(), len(seen)) for row in table + 0.0], dtype=np.int64)
