"""The same road drawn twice: the same points under two ids, or lines that lie on each other."""

from __future__ import annotations

import numpy as np

from geo.classes import RoadClass
from geo.doctor.survey import Ints, Survey, Telling
from geo.findings import Finding, Severity
from geo.sampling import sample_segments

OVERLAP_M = 1.0
"""Lines nearer than this, side by side, are one road drawn twice (lanes are wider)."""
SPACING_M = 10.0
FEWEST_SAMPLES = 3
SHARE = 0.5
"""Share of the shorter segment that must lie on the other one."""
_PARALLEL = 0.97

_TWICE = Telling(
    "duplicate_way",
    Severity.WARNING,
    "{n} 个路段与另一条路的点完全相同（{m} m），里程会重复计算，请在地图上删去一条。",
    "{n} segments run through the same points as another way ({m} m), so metres count twice: delete one of them.",
)
_OVERLAP = Telling(
    "overlapping_way",
    Severity.WARNING,
    "{n} 个路段与另一条不共点的路几乎重合（相距不足 1 米，{m} m），可能重复绘制，请核对。",
    "{n} segments lie within 1 m of another road that shares no points with them ({m} m), perhaps drawn twice: check.",
)


def check_duplicates(survey: Survey) -> list[Finding]:
    """Report segments with the same points, in either order, as a segment that comes before them."""
    net, seg = survey.network, survey.network.segments
    low, high = np.minimum(seg.u, seg.v), np.maximum(seg.u, seg.v)
    count = seg.end - seg.start
    key = np.column_stack((low, high, count))
    _, group, size = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    candidates = np.flatnonzero(size[group.ravel()] > 1)
    seen: set[tuple[int, ...]] = set()
    again = []
    for row in candidates.tolist():
        line = tuple(net.ways.refs[seg.start[row] : seg.end[row] + 1].tolist())
        line = min(line, line[::-1])
        if line in seen:
            again.append(row)
        seen.add(line)
    return [survey.at_segments(again, _TWICE)] if again else []


def check_overlaps(survey: Survey) -> list[Finding]:
    """Report segments that lie on one of the same level, with no common end, along half of the shorter."""
    from scipy.spatial import cKDTree

    net, seg = survey.network, survey.network.segments
    rows = np.flatnonzero((net.segment_class != RoadClass.FERRY) & (seg.length_mm >= 1000 * SPACING_M * FEWEST_SAMPLES))
    samples = sample_segments(net, rows, xy=survey.xy, spacing_m=SPACING_M)
    if len(samples.segment) == 0:
        return []
    # Samples of two lines lie at most half a spacing apart along the road.
    reach = float(np.hypot(SPACING_M / 2 * 1.5, OVERLAP_M))
    pairs = cKDTree(samples.xy).query_pairs(reach, output_type="ndarray")
    a, b = samples.segment[pairs[:, 0]], samples.segment[pairs[:, 1]]
    ends = [(seg.u[a] == seg.u[b]) | (seg.v[a] == seg.v[b]), (seg.u[a] == seg.v[b]) | (seg.v[a] == seg.u[b])]
    apart = (a != b) & ~ends[0] & ~ends[1] & (survey.level[a] == survey.level[b])
    pairs, a, b = pairs[apart], a[apart], b[apart]
    ahead = samples.heading[pairs[:, 0]]
    gap = samples.xy[pairs[:, 1]] - samples.xy[pairs[:, 0]]
    aside = np.abs(gap[:, 0] * ahead[:, 1] - gap[:, 1] * ahead[:, 0])
    cosine = np.abs((ahead * samples.heading[pairs[:, 1]]).sum(axis=1))
    good = (aside < OVERLAP_M) & (cosine > _PARALLEL)
    if not good.any():
        return []
    found = _covered(a[good], b[good], pairs[good], np.bincount(samples.segment, minlength=len(seg)))
    return [survey.at_segments(found, _OVERLAP)] if len(found) else []


def _covered(a: Ints, b: Ints, pairs: Ints, number: Ints) -> Ints:
    """Return the later segment of each pair of which the shorter lies on the other along ``SHARE``."""
    mine = np.where(number[a] <= number[b], a, b)
    other = np.where(number[a] <= number[b], b, a)
    sample = np.where(number[a] <= number[b], pairs[:, 0], pairs[:, 1])
    hits = np.unique(np.column_stack((mine, other, sample)), axis=0)[:, :2]
    pair, count = np.unique(hits, axis=0, return_counts=True)
    enough = (count >= FEWEST_SAMPLES) & (count >= SHARE * number[pair[:, 0]])
    return np.unique(pair[enough].max(axis=1)).astype(np.int64)
