"""Sight triangles at junctions: between neighbouring legs, each one stopping sight distance long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from patrol.zones.drafts import Draft
from patrol.zones.groups import Layout
from patrol.zones.overlay import Taken
from patrol.zones.plane import Floats, keep_polygons
from patrol.zones.roads import TECHNICAL
from patrol.zones.rules import ZoneRules
from patrol.zones.sight import Sight

Rows = npt.NDArray[np.int64]

_AIM_M = 30.0
"""The direction of a leg is taken this far out, beyond the curve of a corner."""
_NARROW, _WIDE = np.radians(5.0), np.radians(170.0)
_LEGS = 3


@dataclass(frozen=True)
class _Legs:
    """Ends of segments that meet at junctions, sorted by node and angle: shape (legs,)."""

    node: Rows
    row: Rows
    angle: Floats


def make_junctions(layout: Layout, rules: ZoneRules, sight: Sight, *, land: Taken) -> list[Draft]:
    """Return the sight zones of at-grade junctions and of merges and diverges, one a node and owner.

    Only junctions where a road carries a number count: others are town streets.
    """
    legs = _find_legs(layout)
    if not len(legs.node):
        return []
    first, second, gap = _neighbours(legs)
    good = (gap > _NARROW) & (gap < _WIDE)
    first, second = first[good], second[good]
    place = np.column_stack((layout.plane.x[legs.node[first]], layout.plane.y[legs.node[first]]))
    corners = [place]
    for end in (first, second):
        reach = sight.distance_m[legs.row[end]]
        corners.append(place + reach[:, None] * np.column_stack((np.cos(legs.angle[end]), np.sin(legs.angle[end]))))
    triangles = np.asarray(shapely.polygons(np.stack(corners, axis=1)), dtype=np.object_)
    return _drafts(layout, rules, sight, land=land, legs=legs, pairs=(first, second), triangles=triangles)


def _find_legs(layout: Layout) -> _Legs:
    plane, roads = layout.plane, layout.roads
    seg = plane.network.segments
    rows = layout.rows[roads.technical[layout.rows] != TECHNICAL.index("service")]
    node = np.concatenate((seg.u[rows], seg.v[rows])).astype(np.int64)
    row = np.concatenate((rows, rows))
    at_start = np.arange(len(row)) < len(rows)
    keep = _is_junction(layout, node, row)
    node, row, at_start = node[keep], row[keep], at_start[keep]
    lines = plane.lines[row]
    length = shapely.length(lines)
    aim_m = np.minimum(_AIM_M, length)
    aim = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.where(at_start, aim_m, length - aim_m)))
    angle = np.arctan2(aim[:, 1] - plane.y[node], aim[:, 0] - plane.x[node])
    order = np.lexsort((plane.rank[row], angle, plane.network.nodes.id[node]))
    return _Legs(node[order], row[order], angle[order])


def _is_junction(layout: Layout, node: Rows, row: Rows) -> npt.NDArray[np.bool_]:
    """Whether the node of each leg joins three legs, of two roads (or of a main line and ramps), one with a number."""
    roads, size = layout.roads, len(layout.plane.network.nodes)
    count = np.bincount(node, minlength=size)
    numbered = np.zeros(size, dtype=bool)
    numbered[node[roads.basis[row] == 0]] = True
    _, kind = np.unique(
        np.column_stack((np.unique(roads.key[row], return_inverse=True)[1].ravel(), roads.technical[row])),
        axis=0,
        return_inverse=True,
    )
    low, high = np.full(size, len(row), dtype=np.int64), np.full(size, -1, dtype=np.int64)
    np.minimum.at(low, node, kind.ravel())
    np.maximum.at(high, node, kind.ravel())
    result: npt.NDArray[np.bool_] = ((count >= _LEGS) & numbered & (high > low))[node]
    return result


def _neighbours(legs: _Legs) -> tuple[Rows, Rows, Floats]:
    """Return each leg, the next one counter-clockwise at its node, and the angle between them."""
    first = np.arange(len(legs.node))
    begins = np.append(True, np.diff(legs.node) != 0)
    start = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    is_last = np.append(begins[1:], True)
    second = np.where(is_last, start, first + 1)
    gap = np.mod(legs.angle[second] - legs.angle[first], 2 * np.pi)
    return first, second, gap


def _drafts(
    layout: Layout,
    rules: ZoneRules,
    sight: Sight,
    *,
    land: Taken,
    legs: _Legs,
    pairs: tuple[Rows, Rows],
    triangles: npt.NDArray[np.object_],
) -> list[Draft]:
    network, roads = layout.plane.network, layout.roads
    found: dict[tuple[int, str], list[int]] = {}
    keeper: list[int] = []
    for k, (a, b) in enumerate(zip(*(legs.row[p].tolist() for p in pairs), strict=True)):
        best = min((a, b), key=lambda r: (int(roads.admin[r]), int(layout.plane.rank[r])))
        keeper.append(best)
        group = layout.groups[int(layout.group_of[best])]
        found.setdefault((int(legs.node[pairs[0][k]]), group.agency), []).append(k)
    keys = sorted(found, key=lambda key: (int(network.nodes.id[key[0]]), key[1]))
    whole = [shapely.union_all(triangles[found[key]]) for key in keys]
    shapes = keep_polygons(np.array(whole, dtype=np.object_)) if whole else np.zeros(0, dtype=np.object_)
    beyond = keep_polygons(land.free(shapes), smallest_m2=rules.limits["smallest_m2"])
    drafts = []
    for key, shape in zip(keys, beyond, strict=True):
        if shapely.is_empty(shape):
            continue
        members = found[key]
        best = min((keeper[k] for k in members), key=lambda r: (int(roads.admin[r]), int(layout.plane.rank[r])))
        rows = np.unique(np.concatenate([legs.row[p[members]] for p in pairs]))
        rows = rows[np.argsort(layout.plane.rank[rows])].astype(np.int64)
        row = sight.rows[int(sight.row[rows].max())]
        inside = bool(roads.is_expressway[legs.row[legs.node == key[0]]].all())
        kind = "sight_interchange" if inside else "sight_junction"
        others = {layout.groups[int(layout.group_of[r])].agency for r in rows.tolist()} - {key[1]}
        group = layout.groups[int(layout.group_of[best])]
        thing = f"n{network.nodes.id[key[0]]}"
        place = (float(network.nodes.lon[key[0]]), float(network.nodes.lat[key[0]]))
        drafts.append(
            Draft(
                kind,
                thing,
                group,
                row,
                0.0,
                row.distance_m,
                rows,
                shape,
                "视距三角形",
                tuple(sorted(others)),
                place=place,
            )
        )
    return drafts
