"""Ramps of a tolled expressway that meet an ordinary road without a booth: nothing there can carry a seam.

Interchanges are groups of ramps that hang together, also through their booths. An expressway (by number, else by
name) is tolled where one of its interchanges, or its main line, has a booth; on a toll-free expressway a ramp without
a booth is as it should be.
"""

from __future__ import annotations

import numpy as np

from geo.classes import RoadClass
from geo.doctor.numbers import list_keys
from geo.doctor.survey import Ints, Mask, Survey, Telling
from geo.findings import Finding, Severity

_RAMP = Telling(
    "ramp_without_booth",
    Severity.WARNING,
    "收费高速的 {n} 处匝道（共 {m} m）不经收费亭接入普通公路，缺少界点依据，请补收费亭或在会商中商定界点。",
    "{n} interchanges of tolled expressways ({m} m of ramp) meet ordinary roads without a booth, so no seam is proven "
    "there: add the booth or agree the seam.",
)


def check_ramps(survey: Survey) -> list[Finding]:
    """Report interchanges without a booth that join a tolled expressway to an ordinary road."""
    net, seg = survey.network, survey.network.segments
    road_class = net.segment_class
    link = np.flatnonzero(road_class == RoadClass.MOTORWAY_LINK)
    main = np.flatnonzero(road_class == RoadClass.MOTORWAY)
    booth = net.booth_mask()
    if len(link) == 0 or not booth.any():
        return []
    group = _group(survey, link)
    is_ordinary = (road_class >= RoadClass.TRUNK) & (road_class != RoadClass.SERVICE) & (road_class != RoadClass.FERRY)
    ordinary = _nodes_of(survey, np.flatnonzero(is_ordinary))
    has_booth = _touch(survey, link, group, booth)
    keys = list_keys(survey, main)
    beside_booth = booth | _nodes_of(survey, link[has_booth[group]])
    tolled = np.unique(keys.key[beside_booth[seg.u[keys.segment]] | beside_booth[seg.v[keys.segment]]])
    tolled_main = _nodes_of(survey, keys.segment[np.isin(keys.key, tolled)])
    bad = _touch(survey, link, group, ordinary) & _touch(survey, link, group, tolled_main) & ~has_booth
    ends = np.flatnonzero(bad[group] & (ordinary[seg.u[link]] | ordinary[seg.v[link]]))
    if len(ends) == 0:
        return []
    _, first = np.unique(group[ends], return_index=True)
    metres = float(seg.length_mm[link[bad[group]]].sum()) / 1000
    return [survey.at_segments(link[ends[np.sort(first)]], _RAMP, length_m=metres)]


def _group(survey: Survey, rows: Ints) -> Ints:
    """Return the group of each segment, int64 (rows,): segments that share nodes are one group."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    seg, size = survey.network.segments, len(survey.network.nodes)
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (seg.u[rows], seg.v[rows])), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    return np.unique(label[seg.u[rows]], return_inverse=True)[1].astype(np.int64)


def _nodes_of(survey: Survey, rows: Ints) -> Mask:
    mask = np.zeros(len(survey.network.nodes), dtype=bool)
    mask[survey.network.segments.u[rows]] = True
    mask[survey.network.segments.v[rows]] = True
    return mask


def _touch(survey: Survey, rows: Ints, group: Ints, nodes: Mask) -> Mask:
    """Return which groups have one of the nodes."""
    seg = survey.network.segments
    result = np.zeros(int(group.max()) + 1, dtype=bool)
    result[group[nodes[seg.u[rows]] | nodes[seg.v[rows]]]] = True
    return result
