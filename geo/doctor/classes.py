"""A road that changes its class in the middle: motorway, trunk, motorway again under one number."""

from __future__ import annotations

import numpy as np

from geo.classes import RoadClass
from geo.doctor.numbers import Keys, list_keys
from geo.doctor.survey import Ints, Survey, Telling
from geo.findings import Finding, Severity

LONGEST_BREAK_M = 5_000.0
"""A stretch of another class is a break up to this length; a longer one is how the road is built (our assumption)."""

_MOTORWAY = Telling(
    "class_break",
    Severity.WARNING,
    "{n} 段道路（共 {m} m）夹在同一编号的高速公路中间却标成别的等级（或反过来），归属会随之跳变，请核对等级。",
    "{n} stretches ({m} m) lie in the middle of an expressway of their number but carry another class "
    "(or the reverse), so ownership would jump there: check the class.",
)
_ORDINARY = Telling(
    "class_break_ordinary",
    Severity.NOTE,
    "{n} 段普通公路（共 {m} m）的等级与同一编号两端的路段不同，请核对等级。",
    "{n} stretches of ordinary road ({m} m) differ in class from their road on both sides: check the class.",
)
_MAIN_CLASSES = (RoadClass.MOTORWAY, RoadClass.TRUNK, RoadClass.PRIMARY, RoadClass.SECONDARY, RoadClass.TERTIARY)


def check_class_breaks(survey: Survey) -> list[Finding]:
    """Report stretches of one number whose neighbours of that number, on both ends, share another class."""
    net = survey.network
    rows = np.flatnonzero(np.isin(net.segment_class, _MAIN_CLASSES))
    keys = list_keys(survey, rows, by_name=False)
    if len(keys.segment) == 0:
        return []
    stretch, road_class = _stretches(survey, keys)
    broken, other = _find_breaks(survey, keys, stretch, road_class)
    findings = []
    expressway = (road_class == RoadClass.MOTORWAY) | (other == RoadClass.MOTORWAY)
    for mask, told in ((broken & expressway, _MOTORWAY), (broken & ~expressway, _ORDINARY)):
        inside = np.flatnonzero(mask[stretch])
        if len(inside) == 0:
            continue
        # A stretch on two routes is broken on both and counts once.
        segments, first = np.unique(keys.segment[inside], return_index=True)
        metres = float(net.segments.length_mm[segments].sum()) / 1000
        _, start = np.unique(stretch[inside[first]], return_index=True)
        findings.append(survey.at_segments(segments[np.sort(start)], told, length_m=metres))
    return findings


def _stretches(survey: Survey, keys: Keys) -> tuple[Ints, Ints]:
    """Return the stretch of each row of ``keys`` (pieces of one number and class that share nodes), and its class."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    seg = survey.network.segments
    kind = survey.network.segment_class[keys.segment].astype(np.int64)
    colour = keys.key * len(RoadClass) + kind
    size = len(survey.network.nodes)
    at = np.concatenate((colour * size + seg.u[keys.segment], colour * size + seg.v[keys.segment]))
    places, vertex = np.unique(at, return_inverse=True)
    half = len(keys.segment)
    shape = (len(places), len(places))
    graph = coo_array((np.ones(half, dtype=np.int8), (vertex[:half], vertex[half:])), shape=shape)
    label = connected_components(graph, directed=False)[1][vertex[:half]]
    _, first, stretch = np.unique(label, return_index=True, return_inverse=True)
    return stretch.astype(np.int64), kind[first]


def _find_breaks(survey: Survey, keys: Keys, stretch: Ints, road_class: Ints) -> tuple[np.ndarray, Ints]:
    """Return bool (stretches,): it is a break; and int64 (stretches,): the class on both of its ends, -1 if none."""
    seg, size = survey.network.segments, len(survey.network.nodes)
    place = np.concatenate([keys.key * size + end[keys.segment] for end in (seg.u, seg.v)])
    owner = np.concatenate((stretch, stretch))
    pairs = np.unique(np.column_stack((place, owner)), axis=0)
    where, who = pairs[:, 0], pairs[:, 1]
    first = np.searchsorted(where, where, side="left")
    count = np.searchsorted(where, where, side="right") - first
    mine = np.repeat(np.arange(len(where)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    near = np.repeat(first, count) + offset
    foreign = who[mine] != who[near]
    mine, near = mine[foreign], near[foreign]
    total = len(road_class)
    ends, lowest, highest = np.zeros(total, dtype=np.int64), np.full(total, 99), np.full(total, -1)
    touched = np.unique(mine)
    np.add.at(ends, who[touched], 1)
    np.minimum.at(lowest, who[mine], road_class[who[near]])
    np.maximum.at(highest, who[mine], road_class[who[near]])
    length = np.zeros(total, dtype=np.int64)
    np.add.at(length, stretch, seg.length_mm[keys.segment])
    around = np.zeros(total, dtype=np.int64)
    np.maximum.at(around, who[mine], length[who[near]])
    broken = (ends > 1) & (lowest == highest) & (length <= LONGEST_BREAK_M * 1000) & (length < around)
    return broken, highest
