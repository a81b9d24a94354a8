"""Groups: the metres of one road that share owner, class and width, and the polygons around them.

A polygon is built of pieces: one flat-ended strip a chain of segments, and at each joint what two strips leave open
on the outside of a bend. So a zone ends squarely where the owner changes, and a straight road has the exact area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from patrol.zones.plane import Floats, Geometries, Plane, keep_polygons
from patrol.zones.roads import ADMIN, BASIS, STRUCTURE, TECHNICAL, Roads, label_joined
from patrol.zones.strips import QUARTER, bent_stubs, cover, join_lines

Rows = npt.NDArray[np.int64]

_STRAIGHT = np.cos(np.radians(0.1))


@dataclass(frozen=True)
class Group:
    """Segments of one road with one owner, one class and one width.

    Attributes
    ----------
    rows
        int64, segment rows in stable order; the first names the group.
    agency, owner
        Agency id and owner label of all of them.
    admin, basis, technical, structure
        As in ``roads``.
    road
        Number or name, ``""`` where the road has neither.
    half_m, edge_m
        From the line to the edge of the roadbed, and to the edge of highway land.
    """

    rows: Rows
    agency: str
    owner: str
    admin: str
    basis: str
    technical: str
    structure: str
    road: str
    half_m: float
    edge_m: float


def runs_of(values: npt.NDArray[np.integer]) -> list[tuple[int, int]]:
    """Return begin and end of each run of equal values.

    Examples
    --------
    >>> runs_of(np.array([4, 4, 7])), runs_of(np.array([], dtype=np.int64))
    ([(0, 2), (2, 3)], [])
    """
    if not len(values):
        return []
    cuts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(pairwise(cuts))


@dataclass(frozen=True)
class Pieces:
    """Polygons that together cover something: ``shape`` and the group each belongs to, in stable order."""

    shape: Geometries
    group: Rows

    def union(self, groups: int) -> Geometries:
        """Return one multipolygon a group, shape (groups,)."""
        result = np.full(groups, shapely.MultiPolygon(), dtype=np.object_)
        order = np.argsort(self.group, kind="stable")
        shape, group = self.shape[order], self.group[order]
        for begin, end in runs_of(group):
            result[group[begin]] = shapely.union_all(shape[begin:end])
        return keep_polygons(result)


@dataclass(frozen=True)
class Layout:
    """All groups of a network and how their polygons are built.

    Attributes
    ----------
    plane, roads
        Where the segments lie and what they are.
    groups
        In the order of their first segment.
    group_of
        int64 (segments,), -1 for segments without zones.
    rows
        int64, segments with zones in stable order.
    chains, chain_group
        Lines of each group joined end to end, and the group of each.
    joints
        Lines or points around which a joint is closed.
    joint_rows
        int64, the segment whose group and reach a joint has.
    solids
        Polygon of a group that is an area (a service area), by group number.
    """

    plane: Plane
    roads: Roads
    groups: tuple[Group, ...]
    group_of: Rows
    rows: Rows
    chains: Geometries
    chain_group: Rows
    joints: Geometries
    joint_rows: Rows
    solids: dict[int, shapely.Geometry] = field(default_factory=dict)

    def edges(self) -> Floats:
        """Return the distance from line to edge of land of each group, metres."""
        return np.array([g.edge_m for g in self.groups], dtype=np.float64)

    def pieces(self, beyond_m: Floats) -> Pieces:
        """Cover everything up to some distance beyond the edge of land.

        Parameters
        ----------
        beyond_m
            float64 (groups,), metres beyond the edge of highway land; nan leaves a group out.
        """
        reach = self.edges() + beyond_m
        chain = np.isfinite(reach)[self.chain_group]
        strips = cover(self.chains[chain], reach[self.chain_group[chain]])
        of_joint = self.group_of[self.joint_rows]
        kept = np.isfinite(reach)[of_joint]
        joints, wide = self.joints[kept], reach[of_joint[kept]]
        wedges = np.asarray(shapely.buffer(joints, wide, quad_segs=QUARTER, cap_style="flat"), dtype=np.object_)
        points = shapely.get_type_id(joints) == 0
        wedges[points] = shapely.buffer(joints[points], wide[points], quad_segs=QUARTER)
        areas = [(k, s) for k, s in sorted(self.solids.items()) if np.isfinite(beyond_m[k])]
        solid = np.array([shapely.buffer(s, beyond_m[k], quad_segs=QUARTER) for k, s in areas], dtype=np.object_)
        shape = np.concatenate((strips, wedges, solid))
        owners = (self.chain_group[chain], of_joint[kept], np.array([k for k, _ in areas], dtype=np.int64))
        group = np.concatenate(owners)
        some = ~shapely.is_empty(shape)
        return Pieces(shape[some], group[some])

    def outlines(self, beyond_m: Floats) -> Geometries:
        """Return what ``pieces`` covers as one multipolygon a group, shape (groups,).

        Parameters
        ----------
        beyond_m
            float64 (groups,), metres beyond the edge of highway land; nan gives an empty polygon.
        """
        keys = [(k, float(wide)) for k, wide in enumerate(beyond_m.tolist()) if np.isfinite(wide)]
        fresh = np.full(len(self.groups), np.nan)
        for k, wide in keys:
            if (k, wide) not in self._drawn:
                fresh[k] = wide
        new = self.pieces(fresh).union(len(self.groups))
        self._drawn.update(((k, float(fresh[k])), new[k]) for k in np.flatnonzero(np.isfinite(fresh)).tolist())
        result = np.full(len(self.groups), shapely.MultiPolygon(), dtype=np.object_)
        for k, wide in keys:
            result[k] = self._drawn[k, wide]
        return result

    @cached_property
    def _drawn(self) -> dict[tuple[int, float], shapely.Geometry]:
        """Outlines drawn before, by group and distance: several kinds reach equally far."""
        return {}


def lay_out(plane: Plane, roads: Roads, *, agency: Sequence[str], owner: Sequence[str]) -> Layout:
    """Group the segments of a network.

    Parameters
    ----------
    plane, roads
        The network on its plane and what its segments are.
    agency, owner
        Agency id and owner label of each segment.
    """
    kinds = _kinds(roads, agency, owner)
    unnamed = roads.key == ""
    loose = label_joined(plane.network, roads.has_zone & unnamed, kinds)
    both = np.column_stack((kinds, loose))
    rows = np.flatnonzero(roads.has_zone)
    rows = rows[np.argsort(plane.rank[rows])].astype(np.int64)
    _, first, which = np.unique(both[rows], axis=0, return_index=True, return_inverse=True)
    by_first = np.argsort(first)
    number = np.empty(len(first), dtype=np.int64)
    number[by_first] = np.arange(len(first))
    group_of = np.full(len(kinds), -1, dtype=np.int64)
    group_of[rows] = number[which.ravel()]
    members = np.split(rows[np.argsort(group_of[rows], kind="stable")], np.cumsum(np.bincount(group_of[rows]))[:-1])
    groups = tuple(group_of_rows(m, roads, agency=agency, owner=owner) for m in members) if len(rows) else ()
    joints, joint_rows = _find_joints(plane, rows, group_of)
    found = [join_lines(plane.lines[group.rows]) for group in groups]
    chain_group = np.repeat(np.arange(len(groups)), [len(lines) for lines in found]).astype(np.int64)
    chains = np.concatenate(found) if found else np.zeros(0, dtype=np.object_)
    layout = Layout(plane, roads, groups, group_of, rows, chains, chain_group, joints, joint_rows)
    layout.solids.update(_find_solids(layout))
    return layout


def _kinds(roads: Roads, agency: Sequence[str], owner: Sequence[str]) -> Rows:
    """Return one number for each combination of owner, class, width and road."""
    columns = (
        np.asarray(agency, dtype=np.str_),
        np.asarray(owner, dtype=np.str_),
        roads.key,
        roads.admin,
        roads.basis,
        roads.technical,
        roads.structure,
        roads.edge_m,
    )
    codes = [np.unique(column, return_inverse=True)[1].ravel() for column in columns]
    _, kinds = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    return kinds.ravel().astype(np.int64)


def group_of_rows(rows: Rows, roads: Roads, *, agency: Sequence[str], owner: Sequence[str]) -> Group:
    """Return the group that some segments make, described by the first of them."""
    k = int(rows[0])
    return Group(
        rows,
        str(agency[k]),
        str(owner[k]),
        ADMIN[roads.admin[k]],
        BASIS[roads.basis[k]],
        TECHNICAL[roads.technical[k]],
        STRUCTURE[roads.structure[k]],
        str(roads.key[k]),
        float(roads.half_m[k]),
        float(roads.edge_m[k]),
    )


def _find_joints(plane: Plane, rows: Rows, group_of: Rows) -> tuple[Geometries, Rows]:
    """Find where strips meet: where a road goes on in another group a bent stub, at a fork of one group a point."""
    seg = plane.network.segments
    end_rows = np.concatenate((rows, rows))
    node = np.concatenate((seg.u[rows], seg.v[rows])).astype(np.int64)
    at_start = np.concatenate((np.ones(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)))
    ends: dict[int, list[int]] = {}
    for k, n in enumerate(node.tolist()):
        ends.setdefault(n, []).append(k)
    step = _unit_steps(plane, end_rows, at_start)
    pairs: list[tuple[int, int, int]] = []
    points: list[tuple[int, int]] = []
    for n in sorted(ends, key=lambda k: int(plane.network.nodes.id[k])):
        by_group: dict[int, list[int]] = {}
        for k in sorted(ends[n], key=lambda k: (int(plane.rank[end_rows[k]]), not at_start[k])):
            by_group.setdefault(int(group_of[end_rows[k]]), []).append(k)
        # Two ends of one group are one chain already.
        points += [(n, meeting[0]) for meeting in by_group.values() if len(meeting) > 2]  # noqa: PLR2004
        if len(ends[n]) == 2 and len(by_group) == 2:  # noqa: PLR2004 - its owner or width changes, nothing else meets
            one, other = (meeting[0] for meeting in by_group.values())
            pairs.append((n, one, other))
    a, b = (np.array([p[k] for p in pairs], dtype=np.int64) for k in (1, 2))
    at = np.array([p[0] for p in pairs], dtype=np.int64)
    bent = (step[a] * step[b]).sum(axis=1) > -_STRAIGHT
    a, b, at = a[bent], b[bent], at[bent]
    stubs = bent_stubs(np.column_stack((plane.x[at], plane.y[at])), step[a], step[b])
    at_point = np.array([p[0] for p in points], dtype=np.int64)
    discs = np.asarray(shapely.points(plane.x[at_point], plane.y[at_point]), dtype=np.object_)
    of_point = end_rows[np.array([p[1] for p in points], dtype=np.int64)]
    return np.concatenate((stubs, discs)), np.concatenate((end_rows[a], of_point)).astype(np.int64)


def _unit_steps(plane: Plane, rows: Rows, at_start: npt.NDArray[np.bool_]) -> Floats:
    """Return the direction in which a segment leaves one of its ends, unit vectors (ends, 2)."""
    ptr, points = plane.network.line_rows()
    begin, last = ptr[rows], ptr[rows + 1] - 1
    at, to = np.where(at_start, begin, last), np.where(at_start, begin + 1, last - 1)
    step = np.column_stack((plane.x[points[to]] - plane.x[points[at]], plane.y[points[to]] - plane.y[points[at]]))
    length = np.hypot(step[:, 0], step[:, 1])
    return np.asarray(step / np.where(length > 0, length, 1.0)[:, None], dtype=np.float64)


def _find_solids(layout: Layout) -> dict[int, shapely.Geometry]:
    """Give the outline of each service area to the group that has most road in it."""
    plane = layout.plane
    groups = [k for k, g in enumerate(layout.groups) if g.technical == "service"]
    areas = sorted((a for a in plane.network.areas if a.kind in {"services", "rest_area"}), key=lambda a: a.id)
    found: dict[int, list[shapely.Geometry]] = {}
    for area in areas:
        rings = np.array([shapely.Polygon(ring) for ring in area.rings], dtype=np.object_)
        outline = shapely.union_all(keep_polygons(shapely.make_valid(plane.to_plane(rings))))
        inside = [
            float(shapely.length(shapely.intersection(plane.lines[layout.groups[k].rows], outline)).sum())
            for k in groups
        ]
        if inside and max(inside) > 0:
            found.setdefault(groups[int(np.argmax(inside))], []).append(outline)
    return {k: shapely.union_all(outlines) for k, outlines in sorted(found.items())}
