"""Roads that meet on the ground but not in the data: ends that stop just short, crossings without a shared point."""

from __future__ import annotations

import numpy as np

from geo.classes import RoadClass
from geo.doctor.survey import Floats, Ints, Survey, Telling
from geo.findings import Finding, Severity

NEAR_M = 3.0
"""An end this near to a road it is not joined to has probably missed it."""

_NEAR = Telling(
    "near_miss",
    Severity.WARNING,
    "{n} 处道路端点距另一条路不足 3 米却没有相接，路径会绕行，请在地图上接好或确认不通。",
    "{n} road ends stop within 3 m of a road they are not joined to, so routes go round: join them or confirm.",
)
_CROSSING = Telling(
    "crossing_without_node",
    Severity.WARNING,
    "{n} 处道路平面相交却没有公共点，也没有桥、隧道或 layer 标注，请补交叉点或补层次。",
    "at {n} places roads of one level cross without a shared point: add the junction, or the bridge, tunnel or layer.",
)
_SELF = Telling(
    "self_crossing_way",
    Severity.NOTE,
    "{n} 个路段自己与自己相交而没有交点，请核对线形。",
    "{n} segments cross themselves without a shared point: check their course.",
)
_SAME_PLACE_M = 0.01


def check_near_misses(survey: Survey) -> list[Finding]:
    """Report dangling ends within ``NEAR_M`` of a road, of the same level, that their own road does not touch."""
    import shapely

    seg = survey.network.segments
    dangling = survey.degree == 1
    at = np.concatenate((seg.u, seg.v)).astype(np.int64)
    own = np.concatenate((np.arange(len(seg)), np.arange(len(seg))))
    keep = dangling[at] & (survey.network.segment_class[own] != RoadClass.FERRY)
    order = np.lexsort((own[keep], at[keep]))
    node, own = at[keep][order], own[keep][order]
    if len(node) == 0:
        return []
    which, line = survey.tree.query(shapely.points(survey.xy[node]), predicate="dwithin", distance=NEAR_M)
    mine = own[which]
    joined = [(seg.u[mine] == seg.u[line]) | (seg.u[mine] == seg.v[line])]
    joined.append((seg.v[mine] == seg.u[line]) | (seg.v[mine] == seg.v[line]))
    ferry = survey.network.segment_class[line] == RoadClass.FERRY
    missed = ~joined[0] & ~joined[1] & (survey.level[mine] == survey.level[line]) & ~ferry
    rows = np.unique(node[which[missed]])
    return [survey.at_nodes(rows, _NEAR)] if len(rows) else []


def check_crossings(survey: Survey) -> list[Finding]:
    """Report crossings of roads of one level without a shared point, and segments that cross themselves."""
    import shapely

    net, seg = survey.network, survey.network.segments
    road = np.flatnonzero(net.segment_class != RoadClass.FERRY)
    a, b = survey.tree.query(survey.lines[road], predicate="intersects")
    a = road[a]
    keep = (a < b) & (net.segment_class[b] != RoadClass.FERRY) & (survey.level[a] == survey.level[b])
    a, b = a[keep], b[keep]
    shared = _shared_nodes(survey, a, b)
    # Two straight lines with a common end meet nowhere else, and two lines that only touch in it need no second look.
    straight = (seg.end[a] - seg.start[a] == 1) & (seg.end[b] - seg.start[b] == 1)
    look = ~((shared >= 0).any(axis=1) & straight)
    a, b, shared = a[look], b[look], shared[look]
    where = _meetings(survey, a, b, shared)
    findings = []
    if len(where):
        places = np.column_stack(_to_lonlat(survey, where[:, 1:]))
        ids = net.segment_ids
        row = where[:, 0].astype(np.int64)
        things = [f"{ids[x]} × {ids[y]}" for x, y in zip(a[row].tolist(), b[row].tolist(), strict=True)]
        findings.append(_CROSSING.at(len(where), places, things))
    bent = road[(seg.end[road] - seg.start[road] > 2) & (seg.u[road] != seg.v[road])]  # noqa: PLR2004 - three steps
    tangled = bent[~shapely.is_simple(survey.lines[bent])]
    if len(tangled):
        findings.append(survey.at_segments(tangled, _SELF))
    return findings


def _shared_nodes(survey: Survey, a: Ints, b: Ints) -> Ints:
    """Return the nodes both segments end in, (pairs, 2), -1 where there is none."""
    seg = survey.network.segments
    return np.column_stack([np.where((end == seg.u[b]) | (end == seg.v[b]), end, -1) for end in (seg.u[a], seg.v[a])])


def _meetings(survey: Survey, a: Ints, b: Ints, shared: Ints) -> Floats:
    """Return the points in which two lines meet apart from their shared ends: (meetings, 3), pair row, x, y."""
    import shapely

    if len(a) == 0:
        return np.zeros((0, 3))
    met = shapely.intersection(survey.lines[a], survey.lines[b])
    parts, pair = shapely.get_parts(met, return_index=True)
    solid = ~shapely.is_empty(parts)
    parts, pair = parts[solid], pair[solid]
    places = shapely.get_coordinates(shapely.point_on_surface(parts))
    apart = np.ones(len(pair), dtype=bool)
    for side in (0, 1):
        node = shared[pair, side]
        gap = np.hypot(*(survey.xy[np.maximum(node, 0)] - places).T)
        apart &= (node < 0) | (gap > _SAME_PLACE_M)
    # Where two lines lie on each other the overlap check speaks.
    apart &= shapely.get_dimensions(parts) == 0
    order = np.lexsort((places[apart, 1], places[apart, 0], pair[apart]))
    return np.column_stack((pair[apart], places[apart]))[order].astype(np.float64)


def _to_lonlat(survey: Survey, xy: Floats) -> tuple[Floats, Floats]:
    from geo.measure import EARTH_RADIUS_M, middle_of

    nodes = survey.network.nodes
    lon, lat = middle_of(nodes.lon, nodes.lat)
    k = np.pi / 180 * EARTH_RADIUS_M
    return lon + xy[:, 0] / (k * np.cos(np.radians(lat))), lat + xy[:, 1] / k
