"""Crossings: two roads whose lines cross without a shared node, one above the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.classes import RoadClass
from geo.findings import Finding, Severity
from geo.network import Network
from patrol.zones.plane import Floats, Plane
from patrol.zones.roads import is_bridge, is_tunnel, label_joined
from patrol.zones.rules import ZoneRules

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_AT_NODE_M = 0.5
_HIGHEST = 9


@dataclass(frozen=True)
class Crossings:
    """Crossings in stable order, shape (crossings,) each.

    Attributes
    ----------
    upper, lower
        int64, segment rows.
    x, y
        float64, plane.
    upper_m, lower_m
        float64, metres along the line of either.
    sine
        float64, sine of the angle between them.
    """

    upper: Rows
    lower: Rows
    x: Floats
    y: Floats
    upper_m: Floats
    lower_m: Floats
    sine: Floats


def levels(network: Network) -> npt.NDArray[np.int16]:
    """Return the level of each segment: its ``layer``, else 1 on a bridge and -1 in a tunnel."""
    column = network.ways.text["layer"]
    told = [_read_layer(text) for text in column.pool]
    known = np.array([level is not None for level in told], dtype=bool)[column.codes][network.segments.way]
    level = np.array([level or 0 for level in told], dtype=np.int16)[column.codes][network.segments.way]
    built = np.where(is_bridge(network), 1, np.where(is_tunnel(network), -1, 0))
    return np.where(known, level, built).astype(np.int16)


def _read_layer(text: str) -> int | None:
    body = text.strip().removeprefix("+")
    digits = body.removeprefix("-")
    if len(digits) == 1 and digits.isascii() and digits.isdigit():
        return int(body)
    return None


def find_crossings(plane: Plane) -> tuple[Crossings, list[Finding]]:
    """Find all crossings.

    Returns
    -------
    crossings
        Sorted by upper segment, place along it, lower segment.
    findings
        Crossings where the map says that both roads lie on one level.
    """
    network = plane.network
    level = levels(network)
    road = network.segment_class != RoadClass.FERRY
    special = np.flatnonzero(road & ((level != 0) | is_bridge(network) | is_tunnel(network)))
    rows = np.flatnonzero(road)
    if not len(special):
        none = np.zeros(0, dtype=np.int64)
        return _measure(plane, none, none, place=np.zeros((0, 2))), []
    tree = shapely.STRtree(list(plane.lines[rows]))
    at, hit = tree.query(plane.lines[special], predicate="intersects")
    a, b = special[at], rows[hit]
    is_special = np.zeros(len(road), dtype=bool)
    is_special[special] = True
    once = (a != b) & (~is_special[b] | (plane.rank[a] < plane.rank[b]))
    a, b = a[once], b[once]
    met, pair = shapely.get_parts(shapely.intersection(plane.lines[a], plane.lines[b]), return_index=True)
    points = shapely.get_type_id(met) == 0
    met, a, b = met[points], a[pair[points]], b[pair[points]]
    place = shapely.get_coordinates(met)
    free = _away_from_shared_nodes(plane, a, b, place)
    a, b, place = a[free], b[free], place[free]
    flat = level[a] == level[b]
    above = level[a] > level[b]
    upper, lower = np.where(above, a, b)[~flat], np.where(above, b, a)[~flat]
    findings = [_flat_finding(plane, a[flat], b[flat])] if flat.any() else []
    return _measure(plane, upper.astype(np.int64), lower.astype(np.int64), place=place[~flat]), findings


def _away_from_shared_nodes(plane: Plane, a: Rows, b: Rows, place: Floats) -> Mask:
    seg = plane.network.segments
    free = np.ones(len(a), dtype=bool)
    for end in (seg.u, seg.v):
        shared = (end[a] == seg.u[b]) | (end[a] == seg.v[b])
        away = np.hypot(plane.x[end[a]] - place[:, 0], plane.y[end[a]] - place[:, 1])
        free &= ~(shared & (away < _AT_NODE_M))
    return free


def _measure(plane: Plane, upper: Rows, lower: Rows, *, place: Floats) -> Crossings:
    points = shapely.points(place)
    lines = plane.lines
    along = [np.asarray(shapely.line_locate_point(lines[rows], points), dtype=np.float64) for rows in (upper, lower)]
    bearing = [_bearing(lines[rows], at) for rows, at in zip((upper, lower), along, strict=True)]
    sine = np.abs(np.sin(bearing[0] - bearing[1]))
    order = np.lexsort((plane.rank[lower], np.round(along[0], 3), plane.rank[upper]))
    columns = (upper, lower, place[:, 0], place[:, 1], *along, sine)
    return Crossings(*(column[order] for column in columns))


def _bearing(lines: npt.NDArray[np.object_], at_m: Floats) -> Floats:
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(at_m - 1.0, 0.0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m + 1.0))
    return np.asarray(np.arctan2(after[:, 1] - before[:, 1], after[:, 0] - before[:, 0]), dtype=np.float64)


def _flat_finding(plane: Plane, a: Rows, b: Rows) -> Finding:
    network = plane.network
    order = np.lexsort((plane.rank[b], plane.rank[a]))
    rows = a[order][:50]
    at = network.segments.u[rows]
    return Finding(
        "zone_same_level_crossing",
        Severity.WARNING,
        len(a),
        f"{len(a)} 处桥隧与另一条路相交，但地图标为同一层，分不清上下，未列桥下空间；请在地图上补 layer。",
        f"{len(a)} crossings at bridges lie on one level on the map: no under-bridge space is made; add layer.",
        places=tuple(zip(network.nodes.lon[at].tolist(), network.nodes.lat[at].tolist(), strict=True)),
        things=tuple(network.segment_ids[k] for k in rows.tolist()),
    )


def find_passages(plane: Plane, crossings: Crossings, rules: ZoneRules) -> tuple[Mask, list[Finding]]:
    """Find tunnels that are passages: short, and under another road.

    Returns
    -------
    passage
        bool (segments,).
    findings
        How many there are.
    """
    network = plane.network
    tunnel = is_tunnel(network)
    label = label_joined(network, tunnel, np.zeros(len(tunnel), dtype=np.int64))
    passage = np.zeros(len(tunnel), dtype=bool)
    if not tunnel.any():
        return passage, []
    length = np.bincount(label[tunnel], weights=network.segments.length_m[tunnel])
    beneath = np.zeros(len(length), dtype=bool)
    beneath[label[crossings.lower[tunnel[crossings.lower]]]] = True
    keep = beneath & (length < rules.limits["passage_m"])
    passage[tunnel] = keep[label[tunnel]]
    if not passage.any():
        return passage, []
    rows = np.flatnonzero(passage)
    shown = rows[np.argsort(plane.rank[rows])][:50]
    at = network.segments.u[shown]
    count = int(keep.sum())
    finding = Finding(
        "zone_passage",
        Severity.NOTE,
        count,
        f"{count} 条短“隧道”从公路下穿过，按下穿通道处理，不按隧道划保护区。",
        f"{count} short tunnels under a road are taken as passages, not as tunnels.",
        length_m=float(network.segments.length_m[rows].sum()),
        places=tuple(zip(network.nodes.lon[at].tolist(), network.nodes.lat[at].tolist(), strict=True)),
        things=tuple(network.segment_ids[k] for k in shown.tolist()),
    )
    return passage, [finding]
