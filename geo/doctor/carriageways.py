"""Two carriageways of one road that do not agree on its name or number."""

from __future__ import annotations

import numpy as np

from geo.classes import RoadClass
from geo.doctor.survey import Ints, Survey, Telling
from geo.findings import Finding, Severity
from geo.sampling import Samples, sample_segments
from geo.tagtext import split_values

APART_M = 45.0
"""Two carriageways of one road lie at most this far apart (our assumption)."""
SPACING_M = 25.0
FEWEST_SAMPLES = 3
"""Places, ``SPACING_M`` apart, at which two ways must run side by side."""
_OPPOSITE = -0.95

_NAMES = Telling(
    "carriageway_names_differ",
    Severity.NOTE,
    "{n} 条单向道路与对向车道编号相同而名称不同（{m} m），按名称统计会分成两条路，请核对。",
    "{n} one-way roads carry the number of their opposite carriageway but another name ({m} m): please check.",
)
_REFS = Telling(
    "carriageway_refs_differ",
    Severity.WARNING,
    "{n} 条单向道路与对向车道名称相同而编号不同（{m} m），管段会只含一个方向，请核对 ref。",
    "{n} one-way roads carry the name of their opposite carriageway but another number ({m} m), so a stretch would "
    "hold one direction only: check ref.",
)
_CLASSES = (RoadClass.MOTORWAY, RoadClass.TRUNK, RoadClass.PRIMARY, RoadClass.SECONDARY)


def check_carriageways(survey: Survey) -> list[Finding]:
    """Report one-way roads whose opposite carriageway has the same number but another name, or the reverse."""
    net = survey.network
    oneway = net.forward != net.backward
    rows = np.flatnonzero(oneway & np.isin(net.segment_class, _CLASSES))
    samples = sample_segments(net, rows, xy=survey.xy, spacing_m=SPACING_M)
    pairs = _pair_ways(survey, samples)
    if len(pairs) == 0:
        return []
    refs = [split_values(text) for text in net.ways.text["ref"].pool]
    names = [split_values(text) for text in net.ways.text["name"].pool]
    ref, name = net.ways.text["ref"].codes, net.ways.text["name"].codes
    other_name: set[int] = set()
    other_ref: set[int] = set()
    for a, b in pairs.tolist():
        ref_a, ref_b, name_a, name_b = refs[ref[a]], refs[ref[b]], names[name[a]], names[name[b]]
        if ref_a and ref_a == ref_b and name_a and name_b and name_a != name_b:
            other_name |= {a, b}
        if name_a and name_a == name_b and ref_a != ref_b and (ref_a or ref_b):
            other_ref |= {a, b}
    return [*_report(survey, other_ref, _REFS), *_report(survey, other_name, _NAMES)]


def _pair_ways(survey: Survey, samples: Samples) -> Ints:
    """Return pairs of way rows (n, 2) that run side by side in opposite directions, each pair once."""
    from scipy.spatial import cKDTree

    none = np.zeros((0, 2), dtype=np.int64)
    if len(samples.segment) == 0:
        return none
    near = cKDTree(samples.xy).query_pairs(APART_M, output_type="ndarray")
    net = survey.network
    a, b = samples.segment[near[:, 0]], samples.segment[near[:, 1]]
    sign = np.where(net.forward, 1.0, -1.0)
    heading = samples.heading * sign[samples.segment][:, None]
    cosine = (heading[near[:, 0]] * heading[near[:, 1]]).sum(axis=1)
    way = net.segments.way.astype(np.int64)
    good = (cosine < _OPPOSITE) & (way[a] != way[b]) & (net.segment_class[a] == net.segment_class[b])
    if not good.any():
        return none
    # Each sample votes once, for the pair of ways; half the pairs would do, but both ways must see each other.
    near, a, b = near[good], way[a[good]], way[b[good]]
    votes = np.concatenate((np.column_stack((a, b, near[:, 0])), np.column_stack((b, a, near[:, 1]))))
    seen = np.unique(votes, axis=0)[:, :2]
    pair, count = np.unique(seen, axis=0, return_counts=True)
    strong = pair[(count >= FEWEST_SAMPLES) & (pair[:, 0] < pair[:, 1])]
    return np.asarray(strong, dtype=np.int64)


def _report(survey: Survey, ways: set[int], told: Telling) -> list[Finding]:
    if not ways:
        return []
    net = survey.network
    inside = np.flatnonzero(np.isin(net.segments.way, sorted(ways)))
    _, first = np.unique(net.segments.way[inside], return_index=True)
    metres = float(net.segments.length_mm[inside].sum()) / 1000
    return [survey.at_segments(inside[first], told, length_m=metres)]
