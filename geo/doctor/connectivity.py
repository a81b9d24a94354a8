"""Whether the network is one piece, and whether a car can leave again wherever it can go in."""

from __future__ import annotations

import numpy as np

from geo.doctor.survey import Ints, Mask, Survey, Telling
from geo.findings import Finding, Severity

AHEAD_M = 500.0
"""How far ahead of a loose end other roads show that the map goes on there (our assumption)."""
AHEAD_COSINE = 0.5
"""Ahead means within 60 degrees of the heading."""

_ISLAND = Telling(
    "island",
    Severity.WARNING,
    "{n} 片道路（共 {m} m）与主路网不相连，走不到；若不在地图裁剪边缘，请在地图上接好。",
    "{n} groups of roads ({m} m) hang apart from the main network: unless clipped by the map edge, join them.",
)
_TRAP = Telling(
    "one_way_trap",
    Severity.WARNING,
    "{n} 片道路（共 {m} m）只能驶入不能驶出，请核对周围道路的 oneway 方向。",
    "{n} groups of roads ({m} m) can be entered but not left: check the oneway tags around them.",
)
_NO_ENTRY = Telling(
    "no_way_in",
    Severity.WARNING,
    "{n} 片道路（共 {m} m）只能驶出不能驶入，请核对周围道路的 oneway 方向。",
    "{n} groups of roads ({m} m) can be left but never entered: check the oneway tags around them.",
)
_DEAD_END_ZH = (
    "{n} 条单行路（共 {m} m）的尽头没有去路或来路，其中 {inside} 处前方另有道路，请核对方向或补上接续道路；"
    "其余多在地图裁剪边缘。"
)
_DEAD_END_EN = (
    "{n} one-way roads ({m} m) end where nothing goes on, or begin where nothing arrives; {inside} of them have roads "
    "ahead (check the direction or add the road), the others mostly lie at the clipped edge of the map."
)
_CONFLICT = Telling(
    "oneway_conflict",
    Severity.WARNING,
    "{n} 处单行路首尾相对（只有来路没有去路，或只有去路没有来路），请核对 oneway 方向。",
    "at {n} places one-way roads run into each other (or only lead away): check their oneway tags.",
)


def check_islands(survey: Survey) -> list[Finding]:
    """Report the pieces of road that do not hang together with the longest piece, the longest first."""
    island = survey.island
    apart = np.flatnonzero(island > 0)
    if len(apart) == 0:
        return []
    _, first = np.unique(island[apart], return_index=True)
    metres = float(survey.network.segments.length_mm[apart].sum()) / 1000
    return [survey.at_segments(apart[first], _ISLAND, length_m=metres)]


def check_traps(survey: Survey) -> list[Finding]:
    """Report groups of roads, two-way or in a ring, that have a way in but no way out, or the reverse."""
    seg = survey.network.segments
    tail, head, row = survey.arcs
    strong = survey.strong
    across = strong[tail] != strong[head]
    size = int(strong.max(initial=-1)) + 1
    left, entered, inhabited = (np.zeros(size, dtype=bool) for _ in range(3))
    left[strong[tail[across]]] = True
    entered[strong[head[across]]] = True
    inhabited[strong[tail[~across]]] = True
    inner = np.unique(row[~across])
    group = strong[seg.u[inner]]
    findings = []
    inhabited &= ~_holds_main(survey, size)
    for mask, told in ((inhabited & entered & ~left, _TRAP), (inhabited & left & ~entered, _NO_ENTRY)):
        inside = inner[mask[group]]
        if len(inside):
            _, first = np.unique(strong[seg.u[inside]], return_index=True)
            metres = float(seg.length_mm[inside].sum()) / 1000
            findings.append(survey.at_segments(inside[np.sort(first)], told, length_m=metres))
    return findings


def _holds_main(survey: Survey, size: int) -> Mask:
    """Return which strong components are the longest one of their island: the one the others are judged by."""
    seg = survey.network.segments
    inner = np.flatnonzero(survey.strong[seg.u] == survey.strong[seg.v])
    group, island = survey.strong[seg.u[inner]], survey.island[inner]
    metres = np.zeros(size, dtype=np.int64)
    np.add.at(metres, group, seg.length_mm[inner])
    order = np.lexsort((group, -metres[group], island))
    _, first = np.unique(island[order], return_index=True)
    result = np.zeros(size, dtype=bool)
    result[group[order[first]]] = True
    return result


def check_one_way_ends(survey: Survey) -> list[Finding]:
    """Report one-way roads that end in nothing (or begin in nothing), and nodes where several run into each other."""
    seg, net = survey.network.segments, survey.network
    tail, head, _ = survey.arcs
    out = np.bincount(tail, minlength=len(net.nodes))
    arriving = np.bincount(head, minlength=len(net.nodes))
    lonely = ((out == 0) != (arriving == 0)) & (survey.degree > 0)
    single = lonely & (survey.degree == 1)
    findings = []
    rows: Ints = np.flatnonzero(single[seg.u] | single[seg.v])
    if len(rows):
        inside = _looks_inward(survey, rows, single)
        severity = Severity.WARNING if inside.any() else Severity.NOTE
        zh, en = (text.replace("{inside}", str(int(inside.sum()))) for text in (_DEAD_END_ZH, _DEAD_END_EN))
        told = Telling("dead_end_oneway", severity, zh, en)
        findings.append(survey.at_segments(np.concatenate((rows[inside], rows[~inside])), told))
    nodes = np.flatnonzero(lonely & (survey.degree > 1))
    if len(nodes):
        touched = np.isin(seg.u, nodes) | np.isin(seg.v, nodes)
        metres = float(seg.length_mm[touched].sum()) / 1000
        findings.append(survey.at_nodes(nodes, _CONFLICT, length_m=metres))
    return findings


def _looks_inward(survey: Survey, rows: Ints, single: Mask) -> Mask:
    """Return which of the roads have, ahead of their loose end, other roads within ``AHEAD_M``: no edge of the map."""
    from scipy.spatial import cKDTree

    seg = survey.network.segments
    at_u, at_v = survey.outward
    at_end = single[seg.v[rows]]
    node = np.where(at_end, seg.v[rows], seg.u[rows])
    heading = np.where(at_end[:, None], at_v[rows], at_u[rows])
    known = np.unique(survey.network.ways.refs)
    near = cKDTree(survey.xy[known]).query_ball_point(survey.xy[node], AHEAD_M, return_sorted=True)
    inward = np.zeros(len(rows), dtype=bool)
    for k, some in enumerate(near):
        gap = survey.xy[known[some]] - survey.xy[node[k]]
        inward[k] = bool((gap @ heading[k] > AHEAD_COSINE * np.hypot(gap[:, 0], gap[:, 1]) + 1.0).any())
    return inward
