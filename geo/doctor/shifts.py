"""Roads traced over shifted imagery: a piece that hangs loose, and would join up if moved by one offset.

In China the mapping datum GCJ-02 lies 300 to 700 m from WGS-84; a road copied from it ends that far from where its
neighbours end, always by the same vector.
"""

from __future__ import annotations

import numpy as np

from geo.doctor.survey import Floats, Ints, Survey, Telling
from geo.findings import Finding, Severity

SHIFT_M = (300.0, 700.0)
"""Offsets of GCJ-02 from WGS-84 in China."""
AGREE_M = 30.0
"""Offsets of two ends that differ by less are one offset."""
FEWEST_ENDS = 2
SHORTEST_M = 500.0
"""Shorter pieces meet some pair of ends by chance."""
_FACING = -0.9

_SHIFTED = Telling(
    "shifted_way",
    Severity.WARNING,
    "{n} 片道路（共 {m} m）整体偏移 300–700 米（疑似按 GCJ-02 影像绘制），两端都接不上邻路，请按 WGS-84 改正。",
    "{n} groups of roads ({m} m) lie 300-700 m off as a whole (perhaps traced over GCJ-02 imagery) and miss their "
    "neighbours by one and the same offset: redraw them in WGS-84.",
)


def check_shifts(survey: Survey) -> list[Finding]:
    """Report islands of which two ends or more, moved by one offset, would meet ends that face them."""
    seg, island = survey.network.segments, survey.island
    node, own, heading = _loose_ends(survey)
    loose = np.flatnonzero(island[own] > 0)
    if len(loose) < FEWEST_ENDS:
        return []
    mine, theirs = _pair_ends(survey, (node, own, heading), loose)
    offset = survey.xy[node[theirs]] - survey.xy[node[mine]]
    ends = np.bincount(island[own], minlength=int(island.max()) + 1)
    metres = np.zeros(len(ends), dtype=np.int64)
    np.add.at(metres, island, seg.length_mm)
    shifted = []
    for group in np.unique(island[own[mine]]).tolist():
        if metres[group] < SHORTEST_M * 1000:
            continue
        at = np.flatnonzero(island[own[mine]] == group)
        if _count_agreeing(offset[at], mine[at]) >= max(FEWEST_ENDS, ends[group] / 2):
            shifted.append(group)
    rows = np.flatnonzero(np.isin(island, shifted))
    if len(rows) == 0:
        return []
    _, first = np.unique(island[rows], return_index=True)
    total_m = float(seg.length_mm[rows].sum()) / 1000
    return [survey.at_segments(rows[first], _SHIFTED, length_m=total_m)]


def _loose_ends(survey: Survey) -> tuple[Ints, Ints, Floats]:
    """Return the dangling ends: node, segment, heading out of the segment."""
    seg = survey.network.segments
    at_u, at_v = survey.outward
    row = np.arange(len(seg), dtype=np.int64)
    node = np.concatenate((seg.u, seg.v)).astype(np.int64)
    own, heading = np.concatenate((row, row)), np.concatenate((at_u, at_v))
    loose = np.flatnonzero(survey.degree[node] == 1)
    loose = loose[np.argsort(node[loose], kind="stable")]
    return node[loose], own[loose], heading[loose]


def _pair_ends(survey: Survey, ends: tuple[Ints, Ints, Floats], loose: Ints) -> tuple[Ints, Ints]:
    """Pair ends of islands with ends of other pieces that lie an offset away, face them and are of the same class."""
    from scipy.spatial import cKDTree

    node, own, heading = ends
    found = cKDTree(survey.xy[node]).query_ball_point(survey.xy[node[loose]], SHIFT_M[1], return_sorted=True)
    near: list[list[int]] = list(found)  # type: ignore[arg-type]
    mine = np.repeat(loose, [len(some) for some in near])
    theirs = np.array([end for some in near for end in some], dtype=np.int64)
    apart = survey.xy[node[theirs]] - survey.xy[node[mine]]
    road_class = survey.network.segment_class
    good = (
        (np.hypot(apart[:, 0], apart[:, 1]) >= SHIFT_M[0])
        & (survey.island[own[mine]] != survey.island[own[theirs]])
        & (road_class[own[mine]] == road_class[own[theirs]])
        & ((heading[mine] * heading[theirs]).sum(axis=1) < _FACING)
    )
    return mine[good], theirs[good]


def _count_agreeing(offset: Floats, end: Ints) -> int:
    """Return how many different ends, at most, share one offset."""
    most = 0
    for one in offset:
        agree = np.hypot(*(offset - one).T) <= AGREE_M
        most = max(most, len(np.unique(end[agree])))
    return most
