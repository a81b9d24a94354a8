"""Under-bridge spaces 桥下空间: found where a bridge crosses another road, with the ordinary road that gives access.

Patrols reach these places from ordinary roads, the bridge is an expressway's: natural joint tasks (domain.md §7).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.ops import substring

from geo.classes import RoadClass
from geo.findings import Finding, Severity
from patrol.zones.bridges import Structure
from patrol.zones.crossings import Crossings
from patrol.zones.drafts import Draft
from patrol.zones.groups import group_of_rows
from patrol.zones.plane import Plane, keep_polygons
from patrol.zones.roads import ADMIN, STRUCTURE, Roads
from patrol.zones.rules import ZoneRules

Rows = npt.NDArray[np.int64]

_FLATTEST = 0.2
"""Sine below which a crossing counts as lengthwise: the opening is not made longer than five widths."""
_PASSAGE_MARGIN_M = 1.0
_NOT_FOR_ACCESS = (RoadClass.FERRY, RoadClass.MOTORWAY, RoadClass.MOTORWAY_LINK)


@dataclass(frozen=True)
class _Space:
    """A part of a deck with nothing but air, or a road, beneath: segments (-1: none), middle, area, length."""

    upper: int
    lower: int
    x: float
    y: float
    shape: shapely.Geometry
    deck_m: float


@dataclass(frozen=True)
class UnderBridge:
    """What is needed to find the spaces: geometry, classes, owners, rules."""

    plane: Plane
    roads: Roads
    rules: ZoneRules
    agency: Sequence[str]
    owner: Sequence[str]

    @cached_property
    def ordinary(self) -> tuple[Rows, shapely.STRtree]:
        """Segments of ordinary roads a patrol may come by, no expressways, ferries, decks or tunnels."""
        road_class = self.plane.network.segment_class
        usable = ~self.roads.is_expressway & ~np.isin(road_class, _NOT_FOR_ACCESS)
        usable &= self.roads.structure == 0
        rows = np.flatnonzero(usable)
        rows = rows[np.argsort(self.plane.rank[rows])].astype(np.int64)
        return rows, shapely.STRtree(list(self.plane.lines[rows]))


def make_under_bridge(
    job: UnderBridge, crossings: Crossings, structures: Sequence[Structure]
) -> tuple[list[Draft], list[Finding]]:
    """Return the spaces under bridges and above passages, one a place; both carriageways together.

    Returns
    -------
    drafts
        Kind ``under_bridge``, with the segment of access and the place on it.
    findings
        Spaces that no ordinary road comes near.
    """
    decks = {row: s for s in structures if s.kind == "bridge" for row in s.rows.tolist()}
    spaces = list(_over_roads(job, crossings, decks))
    spaces += _open_spaces(job, structures, spaces)
    lost: list[Draft] = []
    drafts = []
    for members in _cluster(job, spaces):
        draft = _draft(job, members)
        drafts.append(draft)
        if draft.access < 0:
            lost.append(draft)
    findings = []
    if lost:
        limit = job.rules.limits["access_m"]
        findings.append(
            Finding(
                "zone_no_access",
                Severity.NOTE,
                len(lost),
                f"{len(lost)} 处桥下空间 {limit:g} m 内没有普通公路，只能从桥面所属道路前往，请现场确认通道。",
                f"{len(lost)} under-bridge spaces lie more than {limit:g} m from any ordinary road.",
                places=tuple(d.place for d in lost[:50] if d.place is not None),
                things=tuple(d.thing for d in lost[:50]),
            )
        )
    return drafts, findings


def _over_roads(job: UnderBridge, crossings: Crossings, decks: dict[int, Structure]) -> Iterator[_Space]:
    roads, plane = job.roads, job.plane
    tunnel, none = STRUCTURE.index("tunnel"), ADMIN.index("")
    span = job.rules.need("under_bridge", "span").distance_m
    for k, (upper, lower) in enumerate(zip(crossings.upper.tolist(), crossings.lower.tolist(), strict=True)):
        if roads.admin[upper] == none or tunnel in {int(roads.structure[upper]), int(roads.structure[lower])}:
            continue
        opening = float(roads.half_m[lower]) / max(float(crossings.sine[k]), _FLATTEST)
        point = shapely.Point(crossings.x[k], crossings.y[k])
        if upper in decks:
            line, reach = _line_at(plane, decks[upper].rows, point), opening + span
        else:
            line, reach = plane.lines[upper], opening + _PASSAGE_MARGIN_M
        at = float(shapely.line_locate_point(line, point))
        deck = substring(line, max(at - reach, 0.0), min(at + reach, float(shapely.length(line))))
        shape = shapely.buffer(deck, float(roads.half_m[upper]), cap_style="flat")
        yield _Space(upper, lower, point.x, point.y, shape, float(shapely.length(deck)))


def _line_at(plane: Plane, rows: Rows, point: shapely.Point) -> shapely.LineString:
    """Return the joined line of a structure; where it branches, the part at the point."""
    parts = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(plane.lines[rows])))
    nearest: shapely.LineString = parts[int(np.argmin(shapely.distance(parts, point)))]
    return nearest


def _open_spaces(job: UnderBridge, structures: Sequence[Structure], taken: Sequence[_Space]) -> list[_Space]:
    """Return the stretches of bridges that cross no road and are long enough to hold anything."""
    used: dict[int, list[shapely.Geometry]] = {}
    for space in taken:
        used.setdefault(space.upper, []).append(space.shape)
    found = []
    for bridge in (s for s in structures if s.kind == "bridge"):
        lines = shapely.line_merge(shapely.multilinestrings(job.plane.lines[bridge.rows]))
        shapes = [shape for row in bridge.rows.tolist() for shape in used.get(row, ())]
        rest = shapely.difference(lines, shapely.union_all(shapes)) if shapes else lines
        for part in shapely.get_parts(rest):
            if shapely.length(part) < job.rules.limits["open_space_m"]:
                continue
            middle = shapely.line_interpolate_point(part, 0.5, normalized=True)
            near = shapely.distance(job.plane.lines[bridge.rows], middle)
            upper = int(bridge.rows[int(np.argmin(near))])
            shape = shapely.buffer(part, float(job.roads.half_m[upper]), cap_style="flat")
            found.append(_Space(upper, -1, middle.x, middle.y, shape, float(shapely.length(part))))
    return found


def _cluster(job: UnderBridge, spaces: Sequence[_Space]) -> list[list[_Space]]:
    """Join spaces that lie side by side under roads of one agency and class."""
    if not spaces:
        return []
    place = np.array([(s.x, s.y) for s in spaces])
    pairs = cKDTree(place).query_pairs(job.rules.limits["same_space_m"], output_type="ndarray").reshape(-1, 2)
    kind = [(job.agency[s.upper], int(job.roads.admin[s.upper]), s.lower < 0) for s in spaces]
    same = np.array([kind[a] == kind[b] for a, b in pairs.tolist()], dtype=bool)
    pairs = pairs[same]
    size = (len(spaces), len(spaces))
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=size)
    _, label = connected_components(graph, directed=False)
    clusters: dict[int, list[_Space]] = {}
    for space, k in zip(spaces, label.tolist(), strict=True):
        clusters.setdefault(k, []).append(space)
    rank = job.plane.rank

    def order(space: _Space) -> tuple[int, bool, int, float, float]:
        lower = int(rank[space.lower]) if space.lower >= 0 else -1
        return int(rank[space.upper]), space.lower < 0, lower, space.x, space.y

    return sorted((sorted(c, key=order) for c in clusters.values()), key=lambda c: order(c[0]))


def _draft(job: UnderBridge, members: list[_Space]) -> Draft:
    plane, roads = job.plane, job.roads
    upper = members[0].upper
    rows = np.array(sorted({s.upper for s in members}, key=lambda r: int(plane.rank[r])), dtype=np.int64)
    shape = keep_polygons(np.array([shapely.union_all([s.shape for s in members])], dtype=np.object_))[0]
    access, at = _find_access(job, members)
    place = plane.to_degrees(np.array([at], dtype=np.object_))[0]
    row = job.rules.need("under_bridge", "span")
    also = sorted({str(job.agency[access])} - {str(job.agency[upper])}) if access >= 0 else []
    group = group_of_rows(rows, roads, agency=job.agency, owner=job.owner)
    note = "从桥下道路进入" if members[0].lower >= 0 else "桥下无道路，就近进入"
    if access < 0:
        note = "附近没有普通公路"
    return Draft(
        "under_bridge",
        plane.network.segment_ids[upper],
        group,
        row,
        0.0,
        group.half_m,
        rows,
        shape,
        note,
        tuple(also),
        access,
        (round(place.x, 7), round(place.y, 7)),
        sum(s.deck_m for s in members),
    )


def _find_access(job: UnderBridge, members: list[_Space]) -> tuple[int, shapely.Point]:
    """Return the ordinary road to come by and the place on it; -1 and the place on the deck where there is none.

    A road that passes beneath comes first, the higher class before the lower one, a yard last.
    """
    plane, roads = job.plane, job.roads
    network = plane.network
    beneath = [s for s in members if s.lower >= 0 and _is_ordinary(job, s.lower)]
    if beneath:
        best = min(
            beneath,
            key=lambda s: (
                network.segment_class[s.lower] == RoadClass.SERVICE,
                int(roads.admin[s.lower]),
                int(plane.rank[s.lower]),
                s.x,
            ),
        )
        return best.lower, shapely.Point(best.x, best.y)
    start = shapely.Point(members[0].x, members[0].y)
    rows, tree = job.ordinary
    near = tree.query_nearest(start, max_distance=job.rules.limits["access_m"], all_matches=True)
    if not len(near):
        return -1, start
    row = min((int(rows[k]) for k in near.tolist()), key=lambda r: int(plane.rank[r]))
    line = plane.lines[row]
    return row, shapely.line_interpolate_point(line, shapely.line_locate_point(line, start))


def _is_ordinary(job: UnderBridge, row: int) -> bool:
    return not job.roads.is_expressway[row] and job.plane.network.segment_class[row] not in _NOT_FOR_ACCESS
